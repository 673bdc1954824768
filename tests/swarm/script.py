"""Random scenarios: a script for each seed, in which anything may happen that the language has words for."""

import json
import re
from collections.abc import Callable
from typing import Any

from pvws.scenario.behaviours.kinds import BEHAVIOUR_KINDS
from pvws.scenario.timeline.actions import STEPS
from pvws.sim.chance import Stream
from pvws.wire.events import EVENT_TYPES
from pvws.wire.topics import TOPICS
from pvws.world.alerts import METRICS
from pvws.world.metrics import METRICS_KINDS

__all__ = ["EMITTED", "EMITTED_NUMBER", "draw"]

EMITTED = "emitted"
"""Stands in every event that a script sends of its own, so that nobody takes it for one of the network …"""

EMITTED_NUMBER = 47_110_815
"""… or this number, in events that have no text."""

_MIB = 1024**2
_REASONS = ("timeout", "shutdown", "network_error", "partition", "evicted")
_CATEGORIES = ("auth_failure", "unknown_peer", "integrity_violation", "rate_abuse")
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*|[0-9]+[a-zA-Z/%.][A-Za-z0-9/%. ]*", re.ASCII)
_WORDS_OF_YAML = ("on", "off", "true", "false", "null", "yes", "no")


def draw(seed: int) -> str:
    """The script of a seed. It is right: who refuses it has found a mistake of pvws, or of this function."""
    return _Author(seed).script()


class _Author:
    """Writes one script. What it knows of the script so far decides what may be said next."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._chance = Stream(seed, "a script of the swarm")
        self._seconds = self._chance.between(5, 75)
        self._names: list[str] = []  # of peers that are there from the start
        self._behaviours: dict[str, str] = {}  # kinds by name
        self._newcomers = 0

    def script(self) -> str:
        chance = self._chance
        lines = [
            f"# Drawn by `python -m tests.swarm {self._seed}`.",
            "pvws: 1",
            f"scenario: swarm-{self._seed}",
            f"seed: {chance.below(2**32)}",
            f"duration: {self._seconds}s",
        ]
        if self._happens(0.3):
            lines.append("start: 2024-02-29T23:59:50.123456Z")
        lines.append(f"network: {_yaml(self._network())}")
        lines.append(f"alerts: {_yaml(self._alerts())}")
        behaviours = self._all_behaviours()
        lines += ["behaviours:", *(f"  {name}: {_yaml(each)}" for name, each in behaviours.items())]
        steps = [self._step() for _ in range(chance.between(0, 20))]
        if steps:
            lines += ["timeline:", *(f"  - {_yaml(step)}" for step in steps)]
        return "\n".join(lines) + "\n"

    # Chance

    def _happens(self, share: float) -> bool:
        return self._chance.random() < share

    def _duration(self, seconds_max: float) -> str:
        return f"{self._chance.between(1, max(1, int(seconds_max * 1000)))}ms"

    def _perhaps(self, share: float, **entries: Any) -> dict[str, Any]:
        """Some entries, or none. All are drawn before, so that the rest stays the same."""
        return entries if self._happens(share) else {}

    def _some(self, words: tuple[str, ...]) -> list[str]:
        return self._chance.sample(words, self._chance.between(1, len(words)))

    def _size(self, most: int) -> str:
        return f"{self._chance.between(1, most)} B"

    def _distributed(self, low: int, high: int, unit: str) -> Any:
        """A value or a distribution, mostly between two numbers of a unit."""
        chance = self._chance
        numbers = low, *sorted((chance.between(low, high), chance.between(low, high))), high
        lowest, least, most, highest = (f"{number}{unit}" if unit else number for number in numbers)
        match chance.below(8):
            case 0:
                return most
            case 1:
                return {"uniform": {"from": least, "to": most}}
            case 2:
                return {"exponential": most}
            case 3:
                return {"exponential": {"mean": least, "max": most}}
            case 4:
                return {"lognormal": {"median": least, "sigma": 1.5, "max": highest}}
            case 5:
                return {"normal": {"mean": most, "deviation": least, "min": lowest, "max": highest}}
            case 6:
                return {"pareto": {"least": least, "shape": 1.16, "max": highest}}
            case _:
                values = [least, most]
                cycle: dict[str, Any] = {"values": values, "order": "cycle"}
                return cycle if self._happens(0.5) else {"choice": values, "weights": [3, 1]}

    # The network

    def _network(self) -> dict[str, Any]:
        chance = self._chance
        count = chance.choice((0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 24))
        capacity = chance.choice((2, 8, 32, 128))  # MiB: with files of some hundred KiB the smaller ones are tight
        peers: Any = count
        if count and self._happens(0.3):
            peers = [self._named_peer(f"node-{number}", capacity) for number in range(count)]
            self._names = [peer["name"] for peer in peers]
        else:
            self._names = [f"peer-{number}" for number in range(1, count + 1)]
        return {
            "peers": peers,
            "capacity": self._distributed(1, capacity * 1024, " KiB"),
            "bandwidth": self._distributed(50, 20_000, " KB"),
            "latency": self._distributed(1, chance.choice((20, 400)), "ms"),
            "replication": chance.between(1, 5),
            "capabilities": {"storage": "100%", "compute": "40%"},
            "repair": {"delay": self._duration(15), "parallel": chance.choice((1, 2, 16))},
            "scrub": self._duration(20),
        }

    def _named_peer(self, name: str, capacity: int) -> dict[str, Any]:
        port = self._chance.between(1, 65_535)
        return (
            {"name": name}
            | self._perhaps(0.3, capacity=f"{self._chance.between(1, capacity)} MiB")
            | self._perhaps(0.3, latency=self._duration(0.3))
            | self._perhaps(0.2, port=port, address="192.0.2.77")
            | self._perhaps(0.2, capabilities=["storage", "relay"])
        )

    def _alerts(self) -> dict[str, Any]:
        return {name: self._thresholds(name) for name in METRICS if self._happens(0.6)}

    def _thresholds(self, name: str) -> Any:
        if self._happens(0.2):
            return False
        highest = {"response_time": 3, "error_rate": 100, "storage_usage": 100}.get(name, 40)
        clear, warning, critical = sorted(self._chance.between(1, highest) for _ in range(3))
        shares = 100 if name == "error_rate" else 1
        return {"warning": warning / shares, "critical": critical / shares, "clear": clear / shares}

    # Behaviours

    def _all_behaviours(self) -> dict[str, dict[str, Any]]:
        chance = self._chance
        behaviours: dict[str, dict[str, Any]] = {}
        kinds = ["uploads", *(chance.choice(tuple(BEHAVIOUR_KINDS)) for _ in range(chance.between(1, 9)))]
        for number, kind in enumerate(kinds):
            name = kind if kind not in behaviours else f"{kind}-{number}"
            self._behaviours[name] = kind
            behaviours[name] = ({} if name == kind else {"kind": kind}) | self._behaviour(kind)
        return behaviours

    def _behaviour(self, kind: str) -> dict[str, Any]:
        write: Callable[[], dict[str, Any]] = getattr(self, f"_{kind}")
        return self._lasting() | write()

    def _lasting(self) -> dict[str, Any]:
        begins = self._chance.below(self._seconds * 500)
        ends = begins + self._chance.between(1, self._seconds * 1_000)
        return self._perhaps(0.3, **{"from": f"{begins}ms"}) | self._perhaps(0.2, until=f"{ends}ms")

    def _arriving(self, per_second: float) -> dict[str, Any]:
        rate = round(per_second * (0.2 + 1.6 * self._chance.random()), 3)
        every = self._chance.between(2, 20)
        return (
            {"rate": f"{rate}/s"}
            | self._perhaps(0.3, arrivals="fixed")
            | self._perhaps(0.2, peak={"every": f"{every}s", "factor": 3, "for": f"{every * 100}ms"})
            | self._perhaps(0.1, day={"low": "20%", "busiest": "23h"})
            | self._perhaps(0.2, ramp={"to": f"{round(3 * rate, 3)}/s", "over": self._duration(30)})
        )

    def _touching(self, per_second: float) -> dict[str, Any]:
        uploads = [name for name, kind in self._behaviours.items() if kind == "uploads"]
        return (
            self._arriving(per_second)
            | self._perhaps(0.5, popularity=self._chance.choice(("zipf", "uniform", {"zipf": 0.7})))
            | self._perhaps(0.4, of=self._chance.choice(uploads))
        )

    def _uploads(self) -> dict[str, Any]:
        return (
            self._arriving(2)
            | {"size": self._distributed(1, self._chance.choice((20, 600, 4_000)), " KiB")}
            | self._perhaps(0.3, lifetime=self._distributed(1, 20_000, "ms"))
        )

    def _updates(self) -> dict[str, Any]:
        return self._touching(1) | self._perhaps(0.5, content="60%")

    def _reads(self) -> dict[str, Any]:
        return self._touching(1.5)

    def _deletes(self) -> dict[str, Any]:
        return self._touching(1)

    def _unsteady(self) -> dict[str, Any]:
        reasons = dict.fromkeys(self._some(_REASONS), 1)
        return (
            {"downtime": self._distributed(1, 20_000, "ms")}
            | self._perhaps(0.4, crash="50%")
            | self._perhaps(0.3, newcomers="30%")
            | self._perhaps(0.3, least=self._chance.below(4))
            | self._perhaps(0.4, reasons=reasons)
        )

    def _churn(self) -> dict[str, Any]:
        return self._arriving(0.5) | self._unsteady()

    def _sessions(self) -> dict[str, Any]:
        return {"session": self._distributed(500, 30_000, "ms")} | self._unsteady()

    def _slowdowns(self) -> dict[str, Any]:
        lasting = {"for": self._distributed(1, 20_000, "ms")}
        return self._arriving(0.5) | lasting | self._perhaps(0.5, factor=self._distributed(1, 200, ""))

    def _incidents(self) -> dict[str, Any]:
        categories = dict.fromkeys(self._some(_CATEGORIES), 1)
        return self._arriving(0.7) | {"category": categories, "attempts": self._distributed(1, 8, "")}

    def _metrics(self) -> dict[str, Any]:
        # Alerts about performance are judged by what metrics say, so that these are among them.
        kinds = [*dict.fromkeys((*self._some(METRICS_KINDS), "performance_metrics"))]
        return {"every": f"{self._chance.between(300, 6_000)}ms"} | self._perhaps(0.5, kinds=kinds)

    # The timeline

    def _step(self) -> dict[str, Any]:
        word = self._chance.choice((*STEPS, "emit", "partition", "crash"))
        write: Callable[[], dict[str, Any]] = getattr(self, f"_do_{word}")
        guard = self._chance.choice((None, None, self._condition()))
        moment = self._answering() if word == "reply" else self._moment()
        step = moment | {"do": word} | write()
        return step if guard is None else {**step, "if": guard}

    def _moment(self) -> dict[str, Any]:
        chance = self._chance
        at = chance.below(self._seconds * 1_000)
        match chance.below(8):
            case 0:
                period, until = chance.between(500, 5_000), at + chance.below(20_000)
                return {"every": f"{period}ms", "times": chance.between(1, 6)} | self._perhaps(
                    0.6, **{"from": f"{at}ms", "until": f"{until}ms"}
                )
            case 1 | 2:
                times = chance.choice((1, 2, 3, "always"))
                return {"when": self._condition(), "times": times} | self._perhaps(0.5, **{"in": self._duration(3)})
            case 3:
                return self._answering()
            case _:
                return {"at": chance.choice((f"{at}ms", f"{at // 1_000}s", "0s", f"{self._seconds}s"))}

    def _answering(self) -> dict[str, Any]:
        times = self._chance.choice((1, 3, "always"))
        return {"when": self._deed(), "times": times} | self._perhaps(0.4, **{"in": self._duration(2)})

    def _deed(self) -> dict[str, Any]:
        did = self._chance.choice(("connects", "disconnects", "subscribes", "unsubscribes", "sends"))
        more: dict[str, Any] = {}
        if did.endswith("subscribes"):
            more = self._perhaps(0.5, topic=str(self._chance.choice(TOPICS)))
        elif did == "sends":
            more = self._perhaps(0.5, type=self._chance.choice(("ping", "subscribe", "auth")))
            more |= self._perhaps(0.3, match="type == 'ping' or client.number > 3")
        more |= self._perhaps(0.2, each=True) | self._perhaps(0.2, by=self._chance.between(1, 5))
        return {"client": did, "nth": self._chance.between(1, 3)} | more

    def _condition(self) -> str:
        chance = self._chance
        number, few = chance.between(1, 90), chance.between(1, 6)
        return chance.choice(
            (
                f"storage_usage > {number}",
                f"storage_usage < {number} and files > {few}",
                f"files >= {number}",
                f"peers < {few}",
                f"peers > {few} and n < 3",
                f"transfers > {few}",
                "clusters > 1",
                "missing_peers > 0 or degraded_peers > 0",
                f"lacking_files > {few}",
                f"time > {self._seconds / 2}",
                "open_alerts > 0",
                f"replication_factor < {few / 2}",
                f"peer.first.usage > {number}",
                f"peer.random.usage > {number}",
                "has(file.latest) and file.latest.size > '200 KiB'",
                "file.random.replicas < 2",
                f"used_space > '{number} MiB' or total_space == 0",
                f"failures > {few} and requests > {number}",
                f"bytes_transferred > '{number} MB'",
                f"known_peers - peers >= {few}",
                f"links >= {few} and copies > {few}",
            )
        )

    def _name(self) -> str | None:
        """A peer's name, or a template that gives one; None if there is nobody who can be named."""
        templates = ("${peer.random.name}", "${peer.first.name}", "${peer.last.name}")
        return self._chance.choice((*self._names, *templates)) if self._names else None

    def _selection(self) -> dict[str, Any]:
        chance = self._chance
        name, some = self._name(), chance.sample(self._names, chance.between(1, 4))
        match chance.below(6):
            case 0 | 1 if name is not None:
                return {"peer": name}
            case 2 if some:
                return {"peers": some}
            case 3:
                return {"peers": "all"}
            case 4:
                return {"peers": f"{chance.between(1, 100)}%"}
            case _:
                return {"peers": chance.between(1, 5)}

    def _for(self, share: float, seconds: float = 15) -> dict[str, Any]:
        return self._perhaps(share, **{"for": self._duration(seconds)})

    def _do_join(self) -> dict[str, Any]:
        chance, name = self._chance, self._name()
        over = self._perhaps(0.6, over=self._duration(10))
        match chance.below(3):
            case 0 if name is not None:
                return {"peer": name}
            case 1:
                self._newcomers += 2
                numbers = range(self._newcomers - 2, self._newcomers)
                return {"named": [self._named_peer(f"newcomer-{number}", 32) for number in numbers]} | over
            case _:
                return {"peers": chance.between(1, 4)} | over

    def _do_leave(self) -> dict[str, Any]:
        return self._selection() | {"reason": self._chance.choice(_REASONS)} | self._for(0.7)

    def _do_crash(self) -> dict[str, Any]:
        return self._selection() | self._for(0.6, 40)

    def _do_restart(self) -> dict[str, Any]:
        return self._selection() | {"down": self._duration(4)} | self._perhaps(0.5, over=self._duration(10))

    def _do_slow(self) -> dict[str, Any]:
        return self._selection() | {"factor": self._chance.choice((0.5, 3, 40, 900))} | self._for(0.6)

    def _do_load(self) -> dict[str, Any]:
        selection, rotate = self._selection(), {"rotate": self._duration(5)}
        named = "peer" in selection or isinstance(selection["peers"], list)
        share = {"share": f"{self._chance.between(1, 100)}%"}
        return selection | share | ({} if named or self._happens(0.5) else rotate) | self._for(0.6)

    def _do_partition(self) -> dict[str, Any]:
        chance = self._chance
        names = chance.sample(self._names, len(self._names))
        cut = chance.between(1, max(1, len(names) // 2))
        match chance.below(3):
            case 0 if names:
                return {"groups": [group for group in (names[:cut], names[cut : 2 * cut]) if group]} | self._for(0.6)
            case 1:
                return {"share": f"{chance.between(1, 100)}%"} | self._for(0.6)
            case _:
                return {"groups": chance.between(2, 5)} | self._for(0.6)

    def _do_heal(self) -> dict[str, Any]:
        return {}

    def _do_fill(self) -> dict[str, Any]:
        return {"to": f"{self._chance.between(0, 100)}%", "over": self._duration(6)}

    def _do_drain(self) -> dict[str, Any]:
        return {"to": f"{self._chance.between(0, 80)}%"} | self._perhaps(0.8, over=self._duration(6))

    def _do_corrupt(self) -> dict[str, Any]:
        name = self._name()
        copies = self._perhaps(0.8, copies=self._chance.between(1, 30))
        return copies | ({} if name is None or self._happens(0.6) else {"peer": name})

    def _do_burst(self) -> dict[str, Any]:
        name = self._chance.choice([name for name, kind in self._behaviours.items() if kind != "metrics"])
        if self._happens(0.5):
            return {"behaviour": name, "factor": self._chance.choice((0.1, 3, 12))} | self._for(0.9, 6)
        size = {"size": self._distributed(1, 2_000, " KiB")}
        return {"files": self._chance.between(1, 60), "over": self._duration(4)} | size

    def _do_incident(self) -> dict[str, Any]:
        name = self._name()
        source = {} if name is None else self._perhaps(0.4, source=name)
        attempts = {"attempts": self._chance.between(1, 60)} | self._perhaps(0.5, over=self._duration(5))
        return {"category": self._chance.choice(_CATEGORIES)} | source | attempts

    def _do_emit(self) -> dict[str, Any]:
        if self._happens(0.25):
            raw = {"raw": f'{{"type": "{EMITTED}", "peers": ${{peers}}}}', "topic": str(self._chance.choice(TOPICS))}
            return raw | self._perhaps(0.5, type=self._chance.choice((EMITTED, "file_uploaded")))
        kind = self._chance.choice(tuple(EVENT_TYPES))
        data = _marked(kind)
        if self._happens(0.3):
            return {"type": kind, "data": data | {"more": "${peer.random.name or now} ${n}"}, "extra": True}
        return {"type": kind, "data": data}

    def _do_reply(self) -> dict[str, Any]:
        if self._chance.below(3) == 0:
            return {"raw": "you are ${client.number}"}
        return {"type": "answer"} | self._perhaps(0.5, data={"peers": "${peers}", "number": "${client.number}"})

    def _do_mark(self) -> dict[str, Any]:
        return {"name": self._chance.choice(("here", "there"))}

    def _do_pause(self) -> dict[str, Any]:
        return self._for(0.5, 3)

    def _do_disconnect(self) -> dict[str, Any]:
        share = f"{self._chance.between(1, 100)}%"
        return self._perhaps(0.6, clients=share) | self._perhaps(0.6, code=1012, reason="bye")

    def _do_fault(self) -> dict[str, Any]:
        chance = self._chance
        kind = chance.choice(
            (
                {"latency": f"{chance.between(50, 900)}ms +- 50ms"},
                {"latency": self._distributed(1, 2_000, "ms")},
                {"drop": f"{chance.between(0, 100)}%"},
                {"duplicate": {"share": "20%", "copies": chance.between(1, 3)}},
                {"reorder": chance.between(1, 9)},
                {"bandwidth": f"{chance.between(1, 500)} KiB/s"},
                {"corrupt": {"how": "any", "share": f"{chance.between(1, 100)}%"}},
                {"stale": self._duration(100)},
                {"unknown_type": "10%"},
                {"join": chance.between(2, 5)},
                {"fragment": chance.between(1, 400)},
                {"empty": "3%"},
                {"oversize": f"{chance.between(1, 300)} KiB"},
                {"close": {"code": 1012, "reason": "bye"}},
            )
        )
        whom = self._perhaps(0.5, client=chance.between(1, 3)) or self._perhaps(0.5, clients="50%")
        which = self._perhaps(0.5, topics=[str(chance.choice(TOPICS))]) | self._perhaps(0.3, nth=2)
        which = {} if "bandwidth" in kind else which
        return kind | whom | which | self._perhaps(0.3, name="trouble") | self._for(0.6)

    def _do_unfault(self) -> dict[str, Any]:
        return self._perhaps(0.3, name="trouble")


def _marked(kind: str) -> dict[str, Any]:
    """What an emitted event of a type says, so that it can be told from those of the network."""
    if kind.endswith("_alert"):
        return {"message": f"{EMITTED} as number ${{n}}", "value": "${storage_usage}"}
    if kind.startswith("file_"):
        return {"key": f"{EMITTED} ${{file.latest.key or 'none'}}", "node": "${peer.random.id or 'nobody'}"}
    if kind == "network_topology_changed":
        return {"clusters": [{"id": EMITTED}]}
    if kind.startswith("peer_"):
        return {"id": f"{EMITTED} at ${{now}}"}
    return {
        "system_metrics": {"storage": {"totalSpace": EMITTED_NUMBER, "usedSpace": "${used_space}"}},
        "storage_metrics": {"totalSpace": EMITTED_NUMBER, "fileCount": "${files + 0}"},
        "network_metrics": {"totalBytesTransferred": EMITTED_NUMBER},
        "performance_metrics": {"requestsPerSecond": EMITTED_NUMBER},
    }[kind]


def _yaml(value: Any) -> str:
    """A value in YAML's flow style, on one line."""
    match value:
        case dict():
            return "{" + ", ".join(f"{_yaml(key)}: {_yaml(each)}" for key, each in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(map(_yaml, value)) + "]"
        case str() if _PLAIN.fullmatch(value) and value not in _WORDS_OF_YAML:
            return value
        case bool():
            return "on" if value else "off"
        case _:
            return json.dumps(value, ensure_ascii=False)
