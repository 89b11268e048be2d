"""What a replayed day left on the disk, counted and compared: outbox and audit trail, nothing else."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from edge.domain.events import Direction, Kind
from sync.outbox import Outbox
from turnstile.simulation.scenario import Expected, Noted, Scenario

_ALL = 1_000_000
Record = dict[str, str | int | None]


@dataclass(frozen=True, slots=True, order=True)
class Row:
    """One line of the table: of which lane, what, and how or why."""

    lane: str
    what: str
    how: str


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that is not as the scenario says."""

    row: Row
    expected: int
    found: int

    def __str__(self) -> str:
        row = self.row
        return f"{row.lane}.{row.what}.{row.how}: expected {self.expected}, found {self.found}"


def audit_records(trail: Path) -> list[Record]:
    """The lines of an audit trail."""
    return [json.loads(line) for line in trail.read_text("utf-8").splitlines()]


def lane_rows(lane: Direction, outbox: Path, trail: Path) -> Counter[Row]:
    """Passages and grants by method, from the outbox; refusals and alarms by reason, from the audit trail."""
    rows: Counter[Row] = Counter()
    with Outbox(outbox) as box:
        for each in box.pending(_ALL):
            if each.event.kind in {Kind.PASSED, Kind.GRANTED_NOT_PASSED}:
                rows[Row(lane, each.event.kind, each.event.method)] += 1
    for record in audit_records(trail):
        if record["what"] == "decision" and record["outcome"] == "refuse":
            rows[Row(lane, "refused", str(record["reason"]))] += 1
        elif record["what"] == "alarm":
            rows[Row(lane, "alarm", str(record["kind"]))] += 1
        elif record["what"] == "manual_release":
            rows[Row(lane, "manual_release", str(record["why"]))] += 1
        elif record["what"] in list(Noted):
            rows[Row(lane, "staff", str(record["what"]))] += 1
    return rows


def expected_rows(scenario: Scenario) -> Counter[Row]:
    """The table as the scenario's file has it."""
    rows: Counter[Row] = Counter()
    for lane, expected in scenario.expected.items():
        for what in Expected.model_fields:
            for how, count in getattr(expected, what).items():
                rows[Row(lane, what, how)] = count
    return rows


def differences(expected: Counter[Row], found: Counter[Row]) -> list[Difference]:
    """Every row that is not the same in both, in the order of the table."""
    return [
        Difference(row, expected[row], found[row])
        for row in in_order({*expected, *found})
        if expected[row] != found[row]
    ]


def in_order(rows: Iterable[Row]) -> list[Row]:
    """Lane by lane, in the order of the file's sections."""
    sections = list(Expected.model_fields)
    return sorted(rows, key=lambda row: (row.lane, sections.index(row.what), row.how))
