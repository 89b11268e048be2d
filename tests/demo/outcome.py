"""Compares what happened with the script, across all processes; nothing is taken on trust."""

import json
import time
import urllib.request
from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from edge.domain.decisions import Reason
from sync.outbox import Outbox
from tests.demo.play import Arrival, Morning
from tests.demo.processes import DemoFailed
from tests.demo.receiver import Notice
from tests.demo.school import School, display_name

DRAIN_SECONDS = 30
LONGEST_DEMO = timedelta(minutes=10)
SCHOOL_ZONE = "Asia/Almaty"
"""The hub's, where nothing else is configured: its days begin at 19:00 UTC."""
GRANTS = {Reason.RECOGNISED, Reason.MANUAL_RELEASE}


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the final table."""

    what: str
    expected: int
    got: int

    @property
    def good(self) -> bool:
        """Whether it is as the script says."""
        return self.expected == self.got


@dataclass(frozen=True, slots=True)
class Latency:
    """One measured path, in milliseconds."""

    what: str
    values: tuple[float, ...]

    def percentile(self, share: int) -> str:
        """The share-th percentile as it is shown."""
        return f"{np.percentile(self.values, share):.0f}" if self.values else "-"


@dataclass(frozen=True, slots=True)
class Results:
    """The whole morning, for the terminal and the report."""

    title: str
    morning: Morning
    notices: list[Notice]
    checks: list[Check]
    times: list[Latency]

    @property
    def good(self) -> bool:
        """Whether everything went as scripted."""
        return all(check.good for check in self.checks)


def wait_until_delivered(school: School, notices: list[Notice], wanted: int) -> None:
    """Until the outbox is empty and every phone has rung. Raises DemoFailed."""
    deadline = time.monotonic() + DRAIN_SECONDS
    with Outbox(school.outbox) as outbox:
        while outbox.backlog().count or len(notices) < wanted:
            if time.monotonic() > deadline:
                raise DemoFailed(
                    f"{outbox.backlog().count} events unconfirmed, {len(notices)} of {wanted} notices after "
                    f"{DRAIN_SECONDS} s: see {school.folder}"
                )
            time.sleep(0.1)
    time.sleep(1.0)  # a second copy of a notice would come now


def compare(school: School, morning: Morning, notices: list[Notice]) -> list[Check]:
    """Every promise of the demo as a number expected and a number got."""
    arrivals = morning.arrivals
    passages = Counter(arrival.pupil for arrival in arrivals if arrival.reason in GRANTS)
    rung = Counter(notice.guardian for notice in notices)
    checks = [_outcomes(arrivals, reason) for reason in sorted({a.expected for a in arrivals})]
    stored = _attendance(school)
    audited = _audited(school.folder / "gate" / "audit.jsonl")
    checks += [
        Check("arrivals that went as scripted", len(arrivals), sum(a.reason is a.expected for a in arrivals)),
        Check("decisions in the audit trail", len(arrivals), audited),
        Check("events stored by the hub (sent = confirmed)", len(arrivals), stored["events"]),
        Check("events still waiting on the device", 0, _waiting(school)),
        Check("passages the hub shows by name", passages.total(), stored["passed"]),
        Check("notices delivered to parents", passages.total(), rung.total()),
        Check("parents told once per passage", len(passages), sum(rung[p] == n for p, n in passages.items())),
        Check("notices that name the right child", rung.total(), sum(_names_child(n) for n in notices)),
    ]
    return checks


def latencies(morning: Morning, notices: list[Notice]) -> list[Latency]:
    """Frame to decision, and passage to phone, apart for the passages that the dead broker held up."""
    prompt: list[float] = []
    waited: list[float] = []
    for arrival in morning.arrivals:
        if arrival.passed_at is not None:
            rang = [(n.at - arrival.passed_at) * 1000 for n in notices if n.guardian == arrival.pupil]
            (waited if morning.held_up(arrival.passed_at) else prompt).extend(rang)
    frames = [a.latency_ms for a in morning.arrivals if a.latency_ms is not None]
    rows = [Latency("frame to decision", tuple(frames)), Latency("passage to phone", tuple(prompt))]
    return [*rows, Latency("passage to phone, broker dead", tuple(waited))] if waited else rows


def _outcomes(arrivals: list[Arrival], reason: Reason) -> Check:
    return Check(
        f"outcome: {reason.value.replace('_', ' ')}",
        sum(a.expected is reason for a in arrivals),
        sum(a.reason is reason for a in arrivals),
    )


def _names_child(notice: Notice) -> bool:
    return display_name(notice.guardian) in notice.text


def _waiting(school: School) -> int:
    with Outbox(school.outbox) as outbox:
        return outbox.backlog().count


def _audited(path: Path) -> int:
    return sum(json.loads(line)["what"] == "decision" for line in path.read_text().splitlines())


def _day(school: School, day: date) -> list[dict[str, str]]:
    url = f"http://127.0.0.1:{school.http_port}/api/attendance?day={day}"
    with urllib.request.urlopen(url, timeout=10) as answer:
        rows: list[dict[str, str]] = json.load(answer)
    return rows


def _attendance(school: School) -> dict[str, int]:
    now = datetime.now(ZoneInfo(SCHOOL_ZONE))  # it may be past midnight there, or become so meanwhile
    days = sorted({now.date(), (now - LONGEST_DEMO).date()})
    rows = [row for day in days for row in _day(school, day)]
    return {"events": len(rows), "passed": sum(row["kind"] == "passed" for row in rows)}
