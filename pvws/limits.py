"""Every bound of the test-bed, with its reason. Contract bounds are defaults that configuration may change."""

__all__ = [
    "ACCEPT_BACKLOG",
    "ADVANCE_EVENTS_KEPT",
    "ALERTS_KEPT_MAX",
    "ALERT_PEERS_MAX",
    "BACKLOG_BYTES_MAX",
    "BACKLOG_MESSAGES_MAX",
    "BURST_FILES_MAX",
    "BUS_AGE_S",
    "BUS_ANSWER_S",
    "BUS_BEATS_MISSED_MAX",
    "BUS_BEAT_S",
    "BUS_BYTES_MAX",
    "BUS_DEEDS_BATCH",
    "BUS_DEEDS_BYTES_MAX",
    "BUS_DEEDS_MAX",
    "BUS_ERRANDS_BYTES_MAX",
    "BUS_ERRANDS_KEPT_S",
    "BUS_IN_FLIGHT_MAX",
    "BUS_NODES_GONE_KEPT_MAX",
    "BUS_NODE_BEHIND_MAX",
    "BUS_OUTBOX_BYTES_MAX",
    "BUS_OUTBOX_FULL",
    "BUS_PIECE_BYTES",
    "BUS_SILENT_S",
    "CLIENTS_JUDGED_MAX",
    "CONTROL_BYTES_MAX",
    "CRASH_RESTART_S",
    "CSV_ROWS_MAX",
    "EVIDENCE_FACTS_KEPT",
    "EXCERPT_CHARACTERS_MAX",
    "EXPRESSION_CHARACTERS_MAX",
    "EXPRESSION_DEPTH_MAX",
    "EXPRESSION_INTEGER_MAX",
    "FAILURES_TOLD_MAX",
    "FAULTS_KEPT",
    "FAULTS_MAX",
    "FEED_HELD_MAX",
    "FILES_KEPT_MAX",
    "FILES_READ_A_REDRAW_MAX",
    "FOREIGN_BYTES_MAX",
    "FRAGMENTS_MAX",
    "HTTP_HEAD_BYTES_MAX",
    "INCLUDE_DEPTH_MAX",
    "INPUTS_BYTES_MAX",
    "INPUTS_KEPT_MAX",
    "INTEGER_MAX",
    "JOURNAL_BYTES_MAX",
    "JOURNAL_ENTRIES_MAX",
    "LATENESS_SAMPLES_MAX",
    "LEDGER_CLIENTS_KEPT",
    "LEDGER_EVENTS_BYTES_MAX",
    "LEDGER_EVENTS_KEPT",
    "LINES_A_REDRAW_MAX",
    "LINES_HELD_MAX",
    "MESSAGE_BYTES_MAX",
    "MESSAGE_DEPTH_MAX",
    "METRICS_CLIENTS_MAX",
    "MISTAKES_TOLD_MAX",
    "NOTES_KEPT_MAX",
    "PACER_SLICE_EVENTS_MAX",
    "PATH_CHARACTERS_TOLD_MAX",
    "PEERS_KEPT_MAX",
    "PEERS_MAX",
    "RATE_SECONDS_MAX",
    "RECORDER_HELD_BYTES_MAX",
    "RECORDING_LINE_BYTES_MAX",
    "REDRAWS_A_SECOND_MAX",
    "REPETITIONS_MAX",
    "RULES_MAX",
    "SNAPSHOTS_BYTES_MAX",
    "SNAPSHOTS_MAX",
    "SOCKET_SEND_BUFFER_BYTES",
    "SPEED_MAX",
    "TAPE_BYTES_MAX",
    "TAPE_MESSAGES_MAX",
    "TEXT_KEPT_CHARACTERS_MAX",
    "TIMELINE_STEPS_MAX",
    "TURN_BYTES_MAX",
    "WORLDS_MAX",
    "WORLD_LINGER_S",
    "YAML_BYTES_MAX",
    "YAML_DEPTH_MAX",
    "YAML_NODES_MAX",
]

MESSAGE_BYTES_MAX = 1_048_576  # API documentation, "Rate Limiting": 1MB per message
FRAGMENTS_MAX = 10_000  # frames of one message: what a client that joins them well must bear, and no megabyte of heads
MESSAGE_DEPTH_MAX = 64  # contract, "Envelope": deeper nesting is INVALID_MESSAGE
INTEGER_MAX = 2**53 - 1  # what a JavaScript client can read without loss (RFC 8259, section 6)
CONTROL_BYTES_MAX = 125  # RFC 6455, section 5.5: payload of a control frame
EXCERPT_CHARACTERS_MAX = 60  # of a wrong value quoted in an error: enough to recognise it, never a whole document

CRASH_RESTART_S = 1.0  # how long a server that has crashed refuses clients: what a quick supervisor needs
HTTP_HEAD_BYTES_MAX = 16_384  # a browser's cookies and a long token fit; past that it is no client of ours
ACCEPT_BACKLOG = 4_096  # a thousand clients that connect at once must not meet SYN retries

BACKLOG_BYTES_MAX = 4 * 1_048_576  # contract, "slow consumer"
BACKLOG_MESSAGES_MAX = 8_192  # contract: 2 s at 4,000 events/s; past that the client is not reading
TURN_BYTES_MAX = 262_144  # given to a transport that has taken all before: more would hide the backlog from us
SOCKET_SEND_BUFFER_BYTES = 131_072  # what the kernel may hold of a client that does not read

FAULTS_MAX = 1_000  # that a controller has switched on at a time: each is asked about every client that comes
RULES_MAX = 1_000  # that hold at a time: each is asked about everything that a client does
FAULTS_KEPT = 100  # that have ended, with what they did: a summary names fewer
ADVANCE_EVENTS_KEPT = 10_000  # that a moved clock tells of: what a test compares; more is no unit of a test
INPUTS_KEPT_MAX = 200_000  # deeds of clients by which a clock finds its way back: 20 MiB
INPUTS_BYTES_MAX = 64 * 1_048_576  # of the messages among them that somebody asks about, and of controllers' steps
CLIENTS_JUDGED_MAX = 10_000  # named clients that a judge knows apart: of more, those not seen for longest are forgotten
EVIDENCE_FACTS_KEPT = 40  # of each client, to be told when it fails: its last connection or two
FAILURES_TOLD_MAX = 20  # of one expectation; the others are counted
JOURNAL_BYTES_MAX = 8 * 1_048_576  # of the messages in a stage's journal: eight of the largest, or all of a usual test
TAPE_MESSAGES_MAX = 50_000  # to all clients together, that a tape keeps of a run: some minutes of a busy test
TAPE_BYTES_MAX = 16 * 1_048_576  # of them, what several clients got at once counted once
JOURNAL_ENTRIES_MAX = 10_000  # what clients did, that a stage remembers: minutes of a busy test, 5 MiB
LEDGER_CLIENTS_KEPT = 100  # clients that have gone, with what they got: a summary names fewer
LEDGER_EVENTS_KEPT = 1_024  # of which a ledger says, one by one, when they were due, written and to how many
LEDGER_EVENTS_BYTES_MAX = 4 * 1_048_576  # of their texts, for a few of them may be large
METRICS_CLIENTS_MAX = 100  # that metrics name, the furthest behind first: more lines nobody can read
PEERS_KEPT_MAX = 4_096  # by a watcher: four times the peers of a large network; about 2 MiB
FILES_KEPT_MAX = 4_096  # the latest: more rows than anybody scrolls through; about 2 MiB
ALERTS_KEPT_MAX = 1_024  # figures that alarm or did; a network has a dozen, and some for each node
TEXT_KEPT_CHARACTERS_MAX = 256  # of a text in a row: no screen shows more, and a server may send megabytes
LINES_HELD_MAX = 1_000  # of a log that is paused: some screens to read on from
LINES_A_REDRAW_MAX = 200  # of a log on a terminal: 2,000 a second, where nobody reads more than a few
NOTES_KEPT_MAX = 50  # about the connection: what a screenful of trouble needs
LATENESS_SAMPLES_MAX = 4_096  # the 99th percentile of so many is off by a few ranks; 130 KiB
RATE_SECONDS_MAX = 240  # of the past that sparklines show: a wide screen's worth
REDRAWS_A_SECOND_MAX = 10  # more than the eye follows in figures; less load on a slow line
FILES_READ_A_REDRAW_MAX = 500  # 5,000 events/s keep every row right; past that rows change faster than one can read

PACER_SLICE_EVENTS_MAX = 256  # at speed max: events between two turns of the loop, so that clients are heard

EXPRESSION_CHARACTERS_MAX = 4_096  # a screenful; what is longer is a program, and Python's parser has limits of its own
EXPRESSION_DEPTH_MAX = 64  # like a message: evaluating is recursive, and must fit on a stack already in use
EXPRESSION_INTEGER_MAX = 2**63 - 1  # a Go int64; larger results become floats, so that no number grows without end

YAML_BYTES_MAX = 4 * 1_048_576  # a script of 50,000 lines; more is data, and belongs in a recording
YAML_NODES_MAX = 200_000  # of a document after its aliases are followed: no "billion laughs"
CSV_ROWS_MAX = 100_000  # of a distribution: more is a recording
INCLUDE_DEPTH_MAX = 8  # files that include each other: nobody follows more
YAML_DEPTH_MAX = 64  # nobody reads deeper, and the reader is recursive
WORLDS_MAX = 256  # contract, "Connection life": beside main, so many stages on one server
WORLD_LINGER_S = 10.0  # contract: a stage ends so long after its last client has left, if nobody holds it
SNAPSHOTS_MAX = 60  # of one run, an hour of stage time where each minute has one
SNAPSHOTS_BYTES_MAX = 64 * 1_048_576  # for all of them: of a large network there are fewer
SPEED_MAX = 1_000_000.0  # times real time; whoever wants more wants `max`
PEERS_MAX = 100_000  # a peer takes about 1 KiB
ALERT_PEERS_MAX = 100  # peers that one alert names: 7 KiB of ids; more is no list for anybody
TIMELINE_STEPS_MAX = 100_000
BURST_FILES_MAX = 1_000_000  # that one step uploads: a file that is stored takes about 500 bytes
REPETITIONS_MAX = 10_000_000  # that one step of a timeline makes of anything: a minute of reckoning at least
FOREIGN_BYTES_MAX = 512 * 1_048_576  # of a HAR or the like, which is read as a whole and takes some times its size
RECORDING_LINE_BYTES_MAX = 64 * 1_048_576  # the largest message of any server in base64, and a lot to spare
RECORDER_HELD_BYTES_MAX = 64 * 1_048_576  # what a recorder holds for a slow disk: seconds of the fastest stream
FEED_HELD_MAX = 1_000  # what happened within a tenth of a second, for one reader: 10,000 events/s

BUS_AGE_S = 600.0  # a node that was away for longer is not coming back to the same test
BUS_BYTES_MAX = 256 * 1_048_576  # of a world's stream on the bus: ten minutes at 1,000 events a second
BUS_OUTBOX_BYTES_MAX = 64 * 1_048_576  # what a source keeps while the bus takes nothing: minutes at that rate
BUS_OUTBOX_FULL = 16_384  # entries: so many before a source at speed max waits for the bus
BUS_IN_FLIGHT_MAX = 4_096  # entries written and not yet known to be stored: some round trips at the highest rate
BUS_ANSWER_S = 5.0  # how long the barrier waits for a node: the bound
BUS_PIECE_BYTES = 262_144  # of a question in one message: far from NATS' usual max_payload of 1 MiB
BUS_ERRANDS_KEPT_S = 30.0  # an answer, for who did not get it: longer than anybody asks again
BUS_ERRANDS_BYTES_MAX = 64 * 1_048_576  # of such answers
BUS_BEAT_S = 1.0  # how often sources and nodes say that they are there
BUS_BEATS_MISSED_MAX = 4  # of a source's, after which the clients of a node that has told nothing have gone
BUS_DEEDS_BATCH = 65_536  # characters of what clients did that are told at once: in JSON still no bus refuses it
BUS_DEEDS_MAX = 65_536  # things that clients did which a node keeps while nobody hears them
BUS_DEEDS_BYTES_MAX = 16 * 1_048_576  # and so many bytes of them
BUS_NODE_BEHIND_MAX = 4_096  # entries that a source which can wait is ahead of a node: with more NATS' pings are late
BUS_NODES_GONE_KEPT_MAX = 1_024  # nodes that were given up, by what was heard of them last: some come back
BUS_SILENT_S = 3.5  # who was not heard of for so long is gone: three beats and some
PATH_CHARACTERS_TOLD_MAX = 100  # of the wrong path of a handshake: longer ones nobody has typed
MISTAKES_TOLD_MAX = 20  # different ones of clients that come to a wrong path: who reads the log has seen it by then
