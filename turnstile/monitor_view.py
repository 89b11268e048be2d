"""How `qaqpa-gate monitor` shows one snapshot: a panel for a terminal, a line for a log. No names."""

from datetime import datetime
from zoneinfo import ZoneInfo

from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from edge.domain.decisions import Outcome
from turnstile.feed.snapshot import Snapshot, Told

_COLOURS = {Outcome.GRANT: "green", Outcome.REFUSE: "red", Outcome.WAIT: "yellow"}
NOBODY = "No gate answers. Start it with: qaqpa-gate run, as the same user, or look at its log"


def panel(snapshot: Snapshot | None, zone: ZoneInfo) -> RenderableType:
    """The gate now; None where none answers."""
    if snapshot is None:
        return Panel(Text(NOBODY, "red bold"), border_style="red", expand=False)
    figures = Table.grid(padding=(0, 2))
    for name, value in _figures(snapshot, zone).items():
        figures.add_row(Text(name, "dim"), value)
    title = f"gate {snapshot.gate}, {snapshot.direction.value}"
    return Panel(Group(figures, _decisions(snapshot, zone)), title=title, expand=False)


def line(snapshot: Snapshot | None, zone: ZoneInfo) -> str:
    """One line for a file or a pipe."""
    if snapshot is None:
        return NOBODY
    last = _told(snapshot.recent[-1]) if snapshot.recent else "no decision yet"
    return f"{_time(snapshot.time, zone)} {snapshot.state.value}, shows {snapshot.cue.value}, {last}"


def _figures(snapshot: Snapshot, zone: ZoneInfo) -> dict[str, str]:
    counts = ", ".join(f"{outcome.value} {snapshot.counts.get(outcome, 0)}" for outcome in Outcome)
    set_by = "" if snapshot.clock_synchronised else " (no time service has set it yet)"
    return {
        "state": snapshot.state.value,
        "shows": snapshot.cue.value,
        "decisions": counts,
        "camera": _camera(snapshot),
        "turnstile": "does not answer: look at its board and cable"
        if snapshot.controller_lost
        else "answers",
        "outbox": "cannot be read"
        if snapshot.backlog is None
        else f"{snapshot.backlog} the hub has not confirmed",
        "clock": _time(snapshot.time, zone) + set_by,
    }


def _camera(snapshot: Snapshot) -> str:
    if snapshot.fps is None:
        return "not looked at in this state"
    if snapshot.frame_age is None:
        return "no picture"
    return f"{snapshot.fps:.1f} pictures a second, the newest {1000 * snapshot.frame_age:.0f} ms old"


def _decisions(snapshot: Snapshot, zone: ZoneInfo) -> RenderableType:
    table = Table("", "at", "decision", "reason", "after ms", title="last decisions", title_justify="left")
    for told in reversed(snapshot.recent):
        table.add_row(
            str(told.number),
            _time(told.at, zone),
            Text(told.outcome.value, _COLOURS[told.outcome]),
            told.reason.value,
            "" if told.latency_ms is None else f"{told.latency_ms:.0f}",
        )
    return table


def _told(told: Told) -> str:
    latency = "" if told.latency_ms is None else f" after {told.latency_ms:.0f} ms"
    return f"decision {told.number}: {told.outcome.value} {told.reason.value}{latency}"


def _time(at: datetime, zone: ZoneInfo) -> str:
    return at.astimezone(zone).strftime("%H:%M:%S")
