"""The lane carries out what the gate says, and survives its controller."""

from collections.abc import Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest
from structlog.testing import capture_logs

from edge.audit import AuditTrail
from edge.domain.decisions import Decision, Outcome, Reason
from edge.domain.events import Direction, Kind, Method
from edge.domain.ids import Slug
from sync.outbox import Outbox
from tests.builders import KEY, child_id
from turnstile.drivers.settings import SimulatedSettings
from turnstile.drivers.simulated import SimulatedTurnstile
from turnstile.gate import Gate, Timing
from turnstile.gate_states import State
from turnstile.journal import Journal
from turnstile.lane import Lane

GRANT = Decision(Outcome.GRANT, Reason.RECOGNISED, child_id(1))


class Parts:
    def __init__(self, folder: Path) -> None:
        self.outbox = Outbox(folder / "outbox.db")
        self.audit = AuditTrail(folder / "audit.jsonl", KEY)
        self.turnstile = SimulatedTurnstile(SimulatedSettings(driver="simulated", walk_seconds=0.05))
        self.journal = Journal(self.outbox, self.audit, Slug("s"), Slug("g"), lambda: True)
        timing = Timing(release_seconds=0.3, passage_seconds=0.5)
        self.lane = Lane(Gate(timing), self.turnstile, self.turnstile, self.journal, Direction.IN)

    def step_until(self, state: State) -> None:
        deadline = monotonic() + 10
        while self.lane.state is not state:
            self.lane.step()
            sleep(0.005)
            assert monotonic() < deadline, self.lane.state

    def kinds(self) -> list[Kind]:
        return [row.event.kind for row in self.outbox.pending(20)]


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    made = Parts(tmp_path)
    yield made
    made.turnstile.close()
    made.audit.close()
    made.outbox.close()


def test_a_fire_opens_everything_and_a_reset_during_it_changes_nothing(parts: Parts) -> None:
    parts.turnstile.fire()
    parts.step_until(State.EMERGENCY)
    assert parts.turnstile.opened == {Direction.IN, Direction.OUT}
    assert not parts.lane.reset()
    assert parts.turnstile.opened == {Direction.IN, Direction.OUT}
    parts.turnstile.fire_over()
    parts.lane.step()
    assert parts.turnstile.opened == {Direction.IN, Direction.OUT}
    assert parts.lane.reset()
    assert parts.turnstile.opened == frozenset()


def test_a_turnstile_unplugged_while_idle_is_noticed_and_comes_back(parts: Parts) -> None:
    parts.turnstile.unplug()
    parts.step_until(State.FAULT)
    assert parts.kinds() == [Kind.ALARM]
    parts.turnstile.replug()
    parts.step_until(State.LOCKED)
    parts.lane.release(parts.journal.grant(GRANT, Direction.IN, Method.FACE), Direction.IN)
    parts.step_until(State.PASSING)
    parts.step_until(State.PASSED)
    assert parts.kinds() == [Kind.ALARM, Kind.PASSED]


def test_a_turnstile_unplugged_at_the_release_is_a_fault_and_the_grant_ends_as_not_passed(
    parts: Parts,
) -> None:
    parts.turnstile.unplug()
    parts.lane.release(parts.journal.grant(GRANT, Direction.IN, Method.FACE), Direction.IN)
    assert parts.lane.state is State.FAULT
    deadline = monotonic() + 10
    while Kind.GRANTED_NOT_PASSED not in parts.kinds():
        parts.lane.step()
        sleep(0.01)
        assert monotonic() < deadline
    assert Kind.PASSED not in parts.kinds()


def test_an_audit_trail_that_the_disk_refuses_is_logged_and_the_gate_goes_on(
    parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: int) -> None:
        raise OSError(28, "No space left on device")

    parts.journal.note("reset")
    with monkeypatch.context() as full, capture_logs() as lines:
        full.setattr("edge.audit.os.fsync", refuse)
        parts.lane.step()
    assert [line["event"] for line in lines] == ["audit"]
    parts.turnstile.fire()
    parts.step_until(State.EMERGENCY)
