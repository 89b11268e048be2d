"""The lane on a real board's bytes: what happens between two commands matters as well."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from edge.audit import AuditTrail
from edge.domain.decisions import Decision, Outcome, Reason
from edge.domain.events import Direction, Method
from edge.domain.ids import Slug
from sync.outbox import Outbox
from tests.builders import KEY, child_id
from tests.contract.turnstiles import PATIENCE
from turnstile.boards.modbus_rtu import ModbusBoard
from turnstile.boards.people import Behaviour, People, PeopleSettings
from turnstile.drivers.factory import open_turnstile
from turnstile.drivers.settings import ModbusSettings
from turnstile.gate import Gate, Timing
from turnstile.gate_states import State
from turnstile.inputs.board import BoardPassages
from turnstile.journal import Journal
from turnstile.lane import Lane

GRANT = Decision(Outcome.GRANT, Reason.RECOGNISED, child_id(1))


class Site:
    """A gate with a Modbus board at whose turnstile nobody comes."""

    def __init__(self, folder: Path) -> None:
        people = People(PeopleSettings(behaviour=(Behaviour.NO_SHOW,)))
        self.board = ModbusBoard(2, people=people, link=folder / "board")
        assert self.board.passages
        self._outbox = Outbox(folder / "outbox.db")
        self._audit = AuditTrail(folder / "audit.jsonl", KEY)
        self.journal = Journal(self._outbox, self._audit, Slug("s"), Slug("g"), lambda: True)
        self._turnstile = open_turnstile(
            ModbusSettings(driver="modbus_rtu", port=self.board.name, pulse_seconds=1, answer_seconds=1.5)
        )
        self._inputs = BoardPassages(self.board.passages)
        timing = Timing(release_seconds=30)
        self.lane = Lane(Gate(timing), self._turnstile, self._inputs, self.journal, Direction.IN)

    def step_until(self, reached: Callable[[], bool]) -> None:
        until = time.monotonic() + PATIENCE
        while not reached():
            self.lane.step()
            time.sleep(0.01)
            assert time.monotonic() < until, self.lane.state

    def close(self) -> None:
        self._inputs.close()
        self._turnstile.close()
        self._audit.close()
        self._outbox.close()
        self.board.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    site = Site(tmp_path)
    yield site
    site.close()


def test_the_lane_renews_the_pulse_of_a_child_that_takes_its_time(site: Site) -> None:
    site.lane.release(site.journal.grant(GRANT, Direction.IN, Method.FACE), Direction.IN)
    renewed = 3
    pulse = bytes.fromhex("01 05 02 00 00 0A 4C 75")
    site.step_until(lambda: site.board.received.count(pulse) > renewed)
    assert site.board.relays[1]
    assert site.lane.state is State.RELEASED


def test_a_board_that_stops_answering_is_a_fault_until_it_answers_again(site: Site) -> None:
    site.board.fall_silent()
    site.step_until(lambda: site.lane.state is State.FAULT)
    site.board.answer_again()
    site.step_until(lambda: site.lane.state is State.LOCKED)


def test_a_board_that_is_pulled_out_is_a_fault_until_it_is_back(site: Site) -> None:
    site.board.unplug()
    site.step_until(lambda: site.lane.state is State.FAULT)
    site.board.replug()
    site.step_until(lambda: site.lane.state is State.LOCKED)
    assert site.board.ever_closed == frozenset()
