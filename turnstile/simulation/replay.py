"""Plays a scenario against real gates, faster than time and each time the same, and counts what is left."""

from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from threadpoolctl import threadpool_limits

from turnstile.simulation.invariants import broken
from turnstile.simulation.player import Player, Tried
from turnstile.simulation.premises import Premises
from turnstile.simulation.scenario import Scenario, Staff, StaffAsk
from turnstile.simulation.tally import Difference, Row, differences, expected_rows, lane_rows
from turnstile.simulation.timeline import Act, Visit, timeline
from turnstile.simulation.walks import read_walkers


@dataclass(frozen=True, slots=True)
class Replayed:
    """The day as the disk tells it, and what is wrong with it."""

    passages: int
    found: Counter[Row]
    differences: list[Difference]
    broken: list[str]
    left_out: tuple[str, ...]
    tries: list[Tried]

    @property
    def as_expected(self) -> bool:
        """Whether the table is the scenario's, and every promise was kept."""
        return not self.differences and not self.broken


def replay(scenario: Scenario, walks: Path, folder: Path, progress: Callable[[int], None]) -> Replayed:
    """Play the whole day in an empty folder; `progress` is told the passages so far.

    Raises ConfigError for people without a walk, ModelError where the engine is not installed.
    """
    walkers = {walker.name: walker for walker in read_walkers(walks)}
    with threadpool_limits(1, user_api="blas"), closing(Premises(scenario, walks, folder)) as premises:
        premises.open(scenario, walkers)
        player = Player(premises, walkers)
        passages = 0
        for due in timeline(scenario):
            premises.wait_until(due.at)
            player.play(due.act)
            passages += _is_passage(due.act)
            progress(passages)
        premises.settle()
        return _result(scenario, premises, player, passages)


def _is_passage(act: Act) -> bool:
    return isinstance(act, Visit) or (isinstance(act, StaffAsk) and act.ask is Staff.RELEASE)


def _result(scenario: Scenario, premises: Premises, player: Player, passages: int) -> Replayed:
    found = Counter(
        Row(tried.way, "unanswered", tried.shows) for tried in player.tries if tried.reason is None
    )
    wrong: list[str] = []
    for way, lane in premises.lanes.items():
        found.update(lane_rows(way, lane.outbox, lane.audit))
        promises = broken(
            lane, premises.vault.audit_key, left=player.left[way], unjudged=premises.unjudged[way]
        )
        wrong += [f"lane {way}: {promise}" for promise in promises]
    unlike = differences(expected_rows(scenario), found)
    return Replayed(passages, found, unlike, wrong, premises.left_out, player.tries)
