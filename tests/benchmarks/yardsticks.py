"""Yardsticks for the engine: how fast a simulation can be in this interpreter, and how fast others are.

Each gives events a second of real time, and is meant to be measured in the same run as what is compared with it.
SimPy and Faker are imported by the functions that need them, for the loop needs neither.
"""

from hashlib import sha256
from heapq import heappop, heappush
from math import exp, log
from pathlib import Path
from random import Random
from time import gmtime, perf_counter, strftime

from msgspec import Struct
from msgspec.json import Encoder

__all__ = ["faker_event", "simpy_timeouts", "smallest_honest_loop"]

PEERS = 24
CAPACITY = 64 * 1024**3  # bytes a peer; an eighth of it fills up, so there is always a peer with room
REPLICATION = 3
FILES_KEPT = 10_000  # from then on every upload is followed by a delete
UPLOAD_GAP = 400.0  # µs of stage time on average: with copies and deletes, 10,000 events a second
SIZE_MEDIAN = 2.0 * 1024**2
SIZE_SIGMA = 1.5
LATENCY = 20_000  # µs
PACE = 32  # bytes a µs
START = 1_704_067_200  # 2024-01-01T00:00:00Z
BATCH = 1_000  # events written at once
UPLOAD, ARRIVAL, DELETE = range(3)
PROCESSES = 1_000


class _Uploaded(Struct, gc=False):
    key: str
    size: int
    node: str
    timestamp: str


class _Replicated(Struct, gc=False):
    key: str
    size: int
    source: str
    node: str
    replicas: int
    status: str
    timestamp: str


class _Deleted(Struct, gc=False):
    key: str
    node: str
    timestamp: str


class _Message(Struct, gc=False):
    type: str
    topic: str
    data: _Uploaded | _Replicated | _Deleted
    timestamp: str


def smallest_honest_loop(events: int, path: Path) -> float:
    """Heap, replicas, accounting and encoding in one function: files come in, are copied, and go, as lines in a file.

    What it leaves out is what makes an engine: behaviours with streams of their own, peers that come and go, metrics,
    alerts, and any way to change it. Its state is consistent: what is used, in total and by peer, is what the copies
    take. Its lines are the texts that the documented profile sends.
    """
    chance = Random(7)
    random, gauss, randbytes = chance.random, chance.gauss, chance.randbytes
    ids = [sha256(b"%d" % number).hexdigest() for number in range(PEERS)]
    used, room, used_in_total = [0] * PEERS, [CAPACITY] * PEERS, 0
    files: list[tuple[str, int, list[int]]] = []  # key, size, and the peers that hold it; of a deleted one, none
    heap: list[tuple[int, int, int, tuple | None]] = [(0, 0, UPLOAD, None)]
    sequence = written = tick = second = 0
    text = day_and_time = ""
    lines: list[_Message] = []
    encode_lines = Encoder().encode_lines
    began = perf_counter()
    with path.open("wb") as file:
        while written < events:
            now, _, kind, what = heappop(heap)
            if now >= tick:  # the text of a millisecond is made once
                if now >= second:
                    day_and_time = strftime("%Y-%m-%dT%H:%M:%S", gmtime(START + now // 1_000_000))
                    second = now - now % 1_000_000 + 1_000_000
                text = f"{day_and_time}.{now // 1_000 % 1_000:03d}Z"
                tick = now - now % 1_000 + 1_000
            if kind == ARRIVAL:
                key, size, holders, source, target = what
                if not holders:  # deleted while the copy was on its way
                    room[target] += size
                    continue
                holders.append(target)
                used[target] += size
                used_in_total += size
                data = _Replicated(key, size, ids[source], ids[target], len(holders), "SYNCED", text)
                lines.append(_Message("file_replicated", "file_operations", data, text))
            elif kind == UPLOAD:
                heappush(heap, (now + int(-UPLOAD_GAP * log(1 - random())), sequence := sequence + 1, UPLOAD, None))
                key, size = randbytes(32).hex(), int(SIZE_MEDIAN * exp(gauss(0.0, SIZE_SIGMA)))
                node = int(random() * PEERS)
                while room[node] < size:
                    node = int(random() * PEERS)
                room[node] -= size
                used[node] += size
                used_in_total += size
                holders = [node]
                files.append((key, size, holders))
                lines.append(_Message("file_uploaded", "file_operations", _Uploaded(key, size, ids[node], text), text))
                target = node
                for _ in range(REPLICATION - 1):
                    target = (target + 1) % PEERS
                    while room[target] < size:
                        target = (target + 1) % PEERS
                    room[target] -= size
                    arrival = (key, size, holders, node, target)
                    heappush(heap, (now + LATENCY + size // PACE, sequence := sequence + 1, ARRIVAL, arrival))
                if len(files) > FILES_KEPT:
                    heappush(heap, (now + int(-UPLOAD_GAP * log(1 - random())), sequence := sequence + 1, DELETE, None))
            else:
                place = int(random() * len(files))
                key, size, holders = files[place]
                files[place] = files[-1]
                files.pop()
                for peer in holders:
                    used[peer] -= size
                    room[peer] += size
                used_in_total -= size * len(holders)
                data = _Deleted(key, ids[holders[0]], text)
                lines.append(_Message("file_deleted", "file_operations", data, text))
                holders.clear()
            written += 1
            if len(lines) == BATCH:
                file.write(encode_lines(lines))
                lines.clear()
        file.write(encode_lines(lines))
    took = perf_counter() - began
    assert used_in_total == sum(used) == sum(size * len(holders) for _, size, holders in files)
    coming = sum(what[1] for _, _, kind, what in heap if kind == ARRIVAL)
    assert sum(room) + used_in_total + coming == PEERS * CAPACITY
    return events / took


def simpy_timeouts(events: int) -> float:
    """SimPy's bare timeouts, with about as many pending as the loop has: no payload, no state, no encoding.

    `events` is a multiple of a thousand.
    """
    import simpy

    def tick(environment: simpy.Environment, gap: float) -> simpy.events.ProcessGenerator:
        for _ in range(events // PROCESSES):
            yield environment.timeout(gap)

    chance = Random(7)
    environment = simpy.Environment()
    for _ in range(PROCESSES):
        environment.process(tick(environment, 1 + chance.random()))
    began = perf_counter()
    environment.run()
    return events / (perf_counter() - began)


def faker_event(events: int) -> float:
    """One call of Faker an event, for the name of a node, and one encoding: what drawing payloads from it costs."""
    from faker import Faker

    faker = Faker()
    faker.seed_instance(7)
    encode = Encoder().encode
    timestamp = "2024-01-01T00:00:00.000Z"
    began = perf_counter()
    for _ in range(events):
        data = _Deleted("0" * 64, faker.user_name(), timestamp)
        encode(_Message("file_deleted", "file_operations", data, timestamp))
    return events / (perf_counter() - began)
