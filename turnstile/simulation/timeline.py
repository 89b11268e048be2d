"""The entries of a scenario as one list of what happens, in order. The seed decides, and nothing else."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import TypeAlias

from turnstile.simulation.scenario import Arrive, Happen, OfficeAct, Scenario, StaffAsk


@dataclass(frozen=True, slots=True)
class Visit:
    """One person comes to the gate once."""

    name: str
    arrive: Arrive


Act: TypeAlias = Visit | Happen | StaffAsk | OfficeAct


@dataclass(frozen=True, slots=True)
class Due:
    """What happens at a moment, in UTC."""

    at: datetime
    act: Act


def timeline(scenario: Scenario) -> list[Due]:
    """Everything, earliest first; of two things at one moment the office is first and arrivals are last."""
    chance = Random(scenario.seed)  # noqa: S311 - for a rush that looks like one, not for secrets
    changed = [Due(scenario.moment(act.at), act) for act in scenario.office]
    asked = [Due(scenario.moment(ask.at), ask) for ask in scenario.staff]
    happened = [
        Due(scenario.moment(each.at) + timedelta(seconds=number * each.every), each)
        for each in scenario.happen
        for number in range(each.times)
    ]
    came = [due for arrive in scenario.arrive for due in _visits(scenario, arrive, chance)]
    return sorted([*changed, *asked, *happened, *came], key=lambda due: due.at)


def _visits(scenario: Scenario, arrive: Arrive, chance: Random) -> Iterator[Due]:
    at = scenario.moment(arrive.at)
    for name in _shuffled(arrive.who, chance):
        for _ in range(arrive.times):
            yield Due(at, Visit(name, arrive))
            at += timedelta(seconds=arrive.every * chance.uniform(0.5, 1.5))


def _shuffled(names: Iterable[str], chance: Random) -> list[str]:
    shuffled = list(names)
    chance.shuffle(shuffled)
    return shuffled
