"""The lines that people read, from answers as the server gives them."""

from typing import Any

from msgspec import structs

from pvws import answers
from pvws.cli import answered
from pvws.terminal.lines import Line
from pvws.terminal.spans import plain
from pvws.timestamp import Timestamp
from pvws.world.truth import AlertTruth, PeerTruth, Truth

START = Timestamp.parse("2024-01-01T00:00:00Z")
AT = Timestamp(START.micros + 65_000_000)
CLOCK = answers.ClockState(at=AT, start=START, end=Timestamp(START.micros + 300_000_000))
LATE = answers.Lateness(count=5, p50_s=0.0004, p99_s=0.0021234, worst_s=1.5)


def texts(lines: list[Line]) -> list[str]:
    return [plain(line) for line in lines]


def clock(**fields: Any) -> answers.ClockState:
    return answers.ClockState(**({"at": AT, "start": START} | fields))


def test_a_clock_says_where_it_stands_of_how_much_and_how_it_goes() -> None:
    assert answered.clock_text(CLOCK) == "2024-01-01T00:01:05.000Z (1m5s of 5m0s), runs at speed 1"
    assert answered.clock_text(clock(held=True)) == "2024-01-01T00:01:05.000Z (1m5s), held"
    assert answered.clock_text(clock(speed="max")).endswith("runs as fast as it goes")
    assert answered.clock_text(clock(ended=True)).endswith("ended")


def test_a_state_leaves_out_nothing_that_is_asked_first() -> None:
    state = answers.StageState(
        world="main",
        clock=CLOCK,
        scenario=answers.Playing(name="storm", seed=7, duration_s=300),
        clients=3,
        events=answers.EventCounts(total=1200, by_topic={"alerts": 1200, "system": 0}),
        faults=1,
        ledger=answers.DeliveryReport(events=1200, owed=1200, written=1190, lost=4, pending=6, lateness=LATE),
    )
    assert texts(answered.state_lines(state)) == [
        "world      main",
        "plays      storm, seed 7, 5m0s",
        "clock      2024-01-01T00:01:05.000Z (1m5s of 5m0s), runs at speed 1",
        "clients    3",
        "events     1,200 (alerts 1,200)",
        "faults     1",
        "rules      0",
        "delivered  1,190 of 1,200, 4 lost, 6 pending; late by 400µs (p50), 2.12ms (p99), 1.5s (worst)",
    ]


def test_a_quiet_world_says_that_nothing_plays() -> None:
    lines = texts(answered.state_lines(answers.StageState(world="w", clock=clock())))
    assert "plays      nothing" in lines
    lines = texts(answered.state_lines(answers.StageState(world="w", clock=clock(), quiet=False)))
    assert "plays      a recording" in lines
    assert lines[-1] == "delivered  nothing: nobody was subscribed to what happened"


def test_a_move_names_who_has_not_got_everything() -> None:
    message = answers.Message(at=AT, sequence=4, topic="alerts", type="x", text='{"type":"x"}')
    late = answers.Straggling(client=2, client_id="abcdef0123", why="stalled", messages=5, bytes=900)
    moved = answers.Moved(clock=clock(held=True), count=1, marks=["ten"], matched=message, stragglers=[late])
    assert texts(answered.moved_lines(moved)) == [
        "2024-01-01T00:01:05.000Z (1m5s), held; 1 event given out; marks passed: ten",
        '{"type":"x"}',
        "client 2 (abcdef01) has not got everything: stalled, 5 messages, 900 bytes waiting",
    ]


def test_clients_are_a_table_and_one_of_them_a_page() -> None:
    client = answers.ClientState(
        id="0123456789abcdef", number=2, name="mobile", topics=["alerts"], sent=1200, faults=["f1"], lag_s=0.25
    )
    head, row = texts(answered.clients_table([client]))
    assert head.split() == [
        "#",
        "id",
        "name",
        "address",
        "topics",
        "sent",
        "received",
        "backlog",
        "lag",
        "dropped",
        "faults",
    ]
    assert row.split() == ["2", "01234567", "mobile", "alerts", "1,200", "0", "0", "250ms", "0", "f1"]
    assert "client     2, mobile" in texts(answered.client_lines(client))
    assert texts(answered.clients_table([])) == ["nobody is connected"]


def test_a_journal_says_what_was_wrong_with_a_message() -> None:
    entry = answers.JournalEntry(
        sequence=9,
        at=AT,
        did="sends",
        client="0123456789abcdef",
        number=1,
        text='{"a":\n"\x1b"}',
        valid=False,
        error="bad",
    )
    head, row = texts(answered.journal_table([entry]))
    assert head.split() == ["#", "at", "client", "topic", "message"]
    assert row.split() == ["9", AT.text, "1", "01234567", "sends", '{"a":', '"\\u001b"}', "(bad)"]


def test_faults_say_what_they_did() -> None:
    fault = answers.ActiveFault(
        id="f1", kind="drop", value="5%", scope={"for": "30s"}, clients=2, effects={"dropped": 7, "x": 0}
    )
    head, row = texts(answered.faults_table([fault]))
    assert row.startswith('f1  {"drop": "5%", "for": "30s"}')
    assert row.endswith("dropped 7")
    assert head.split() == ["id", "fault", "by", "clients", "ends", "has"]
    named = answers.ActiveFault(id="f2", kind="drop", text="drop: 5%")
    assert answered.fault_text(named) == "drop: 5%"
    assert texts(answered.faults_table([])) == ["there is no fault"]


def test_rules_worlds_and_scenarios_are_tables() -> None:
    rule = answers.ActiveRule(id="r1", rule={"match": "x"}, fired=2)
    assert texts(answered.rules_table([rule]))[1].split(maxsplit=2) == ["r1", "2", '{"match": "x"}']
    assert texts(answered.rules_table([])) == ["there is no rule"]
    worlds = [
        answers.WorldInfo(name="main", url="ws://h/ws"),
        answers.WorldInfo(name="w1", url="ws://h/ws?world=w1", leased=True, expires=AT),
        answers.WorldInfo(name="w2", leased=True),
    ]
    assert [line.split()[2:] for line in texts(answered.worlds_table(worlds))[1:]] == [
        ["ws://h/ws"],
        ["until", AT.text, "ws://h/ws?world=w1"],
        ["yes"],
    ]
    shipped = answers.ShippedScenario(name="storm", description="It storms.", duration_s=90)
    assert texts(answered.scenarios_table([shipped]))[1] == "storm     1m30s  It storms."


def test_the_ledger_tells_each_client_and_each_fault() -> None:
    client = answers.ClientLedger(
        client="0123456789", number=1, written=5, lost=2, lateness=LATE, faults={"dropped": 2}
    )
    report = answers.DeliveryReport(
        owed=7, written=5, lost=2, lateness=LATE, clients=[client], faults={"f1": {"dropped": 2}}
    )
    lines = texts(answered.ledger_lines(report))
    assert lines[0].startswith("5 of 7, 2 lost; late by 400µs (p50)")
    assert lines[2].split() == ["1", "01234567", "5", "0", "2", "400µs", "1.5s", "dropped", "2"]
    assert lines[4].split() == ["f1", "dropped", "2"]


def test_the_truth_shows_figures_peers_and_alerts() -> None:
    peer = PeerTruth(
        id="a" * 64,
        name="Anna",
        address="10.0.0.1",
        port=8080,
        capabilities=[],
        capacity=4096,
        used=1024,
        connected=True,
        status="DEGRADED",
        response_time=0.1,
        uptime=1.0,
        last_heartbeat=AT,
        cluster=0,
    )
    gone = structs.replace(peer, connected=False)
    truth = Truth(
        at=AT,
        total_space=4096,
        used_space=2048,
        active_connections=3,
        total_bytes_transferred=0,
        file_count=12,
        peers=[peer, gone, gone],
        files=[],
        alerts=[AlertTruth("storage_usage", "critical", "b" * 64), AlertTruth("cpu", "warning", None)],
    )
    lines = texts(answered.world_lines(truth, peers_max=2))
    assert lines[1:4] == ["peers      1 connected of 3", "files      12", "storage    2 KiB of 4 KiB"]
    assert lines[8].split() == ["aaaaaaaa…", "Anna", "DEGRADED", "10.0.0.1:8080", "1", "KiB", "of", "4", "KiB", "0"]
    assert "GONE" in lines[9]
    assert lines[10:] == ["… 1 more; --json has them all", "critical storage_usage at bbbbbbbb…", "warning cpu"]


def test_a_comparison_shows_where_a_view_is_wrong() -> None:
    assert texts(answered.comparison_lines(answers.Comparison(equal=True))) == ["the view is true"]
    wrong = answers.Comparison(
        equal=False, differences=[answers.Difference(path="peers.0.used", expected=5, found="x")]
    )
    assert texts(answered.comparison_lines(wrong)) == ["path          is  the view has", 'peers.0.used  5   "x"']


def test_what_serves_is_told() -> None:
    info = answers.ServerInfo(pvws="1.0", pid=7, url="ws://h/ws", control="http://h", worlds=["main"], started=AT)
    assert texts(answered.info_lines(info))[0] == "pvws       1.0, process 7"
