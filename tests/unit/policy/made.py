"""Policies made up by Hypothesis, and what an action is: so rules can be asked without their own code."""

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, get_args

import holidays
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from edge.policy.profile import Bound, Edition
from edge.policy.rules import AgeRule, DaysRule, LevelRule, OnlyRule, RequiredRule, Rules, TermRule
from edge.policy.values import Age, Days, Level, Only, Required, Term, Value
from edge.policy.vocabulary import Marketing, NewEdition, Proof, Scale, Service

HOLIDAYS = holidays.country_holidays("KZ", years=range(2015, 2036))
UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""For a machine that does other work as well: nothing here is about time."""
_COUNTS = st.integers(1, 400)
_CLAUSES = st.integers(1, 99).map(str)
_START = date(2018, 1, 1)
_BOTH = st.fixed_dictionaries({}, optional={"working_days": _COUNTS, "calendar_days": _COUNTS})


def _says(name: str) -> st.SearchStrategy[Mapping[str, Any]]:
    """What a file may say under a rule's name, but for the clause."""
    (kind, _) = get_args(Rules.model_fields[name].annotation)
    if issubclass(kind, OnlyRule):
        return st.dictionaries(st.sampled_from(_words(kind, "only")), _CLAUSES).map(lambda d: {"only": d})
    if issubclass(kind, LevelRule):
        words: list[StrEnum] = list(kind.model_fields["at_least"].annotation)
        return st.sampled_from(words).map(lambda word: {"at_least": word})
    if issubclass(kind, TermRule):
        return _BOTH.filter(bool)
    if issubclass(kind, AgeRule):
        return st.integers(0, 120).map(lambda years: {"years": years})
    if issubclass(kind, DaysRule):
        return _COUNTS.map(lambda days: {"days": days})
    assert issubclass(kind, RequiredRule)
    return st.booleans().map(lambda required: {"required": required})


def _words(kind: Any, field: str) -> list[StrEnum]:
    return list(get_args(kind.model_fields[field].annotation)[0])


def _rule(name: str) -> st.SearchStrategy[Mapping[str, Any]]:
    return st.tuples(_says(name), _CLAUSES).map(lambda pair: {**pair[0], "clause": pair[1]})


RULES = st.fixed_dictionaries({}, optional={name: _rule(name) for name in Rules.model_fields})
SERVICES = st.dictionaries(st.sampled_from(list(Service)), _CLAUSES, max_size=3)
EDITIONS = st.builds(
    lambda rules, services: Edition.model_validate(
        {"number": 1, "published": _START, "services": services, "rules": rules}
    ),
    RULES,
    SERVICES,
)
BOUND = st.lists(EDITIONS, max_size=4).map(
    lambda editions: [Bound(f"policy-{place}", edition) for place, edition in enumerate(editions)]
)
VALUES: Mapping[type[Value], st.SearchStrategy[Value]] = {
    Age: st.builds(Age, st.integers(0, 120)),
    Days: st.builds(Days, _COUNTS),
    Only: st.builds(Only, st.frozensets(st.sampled_from("abcd"))),
    Required: st.builds(Required, st.booleans()),
    Level: st.builds(Level, st.sampled_from(Proof)),
    Term: st.builds(Term, st.none() | st.integers(1, 60), st.none() | st.integers(1, 200)),
}
ACTIONS: Mapping[type[Value], st.SearchStrategy[Any]] = {
    Age: st.integers(0, 130),
    Days: st.integers(0, 500),
    Only: st.sampled_from(list("abcd")),
    Required: st.booleans(),
    Level: st.sampled_from(Proof),
    Term: st.tuples(st.integers(0, 365 * 12), st.integers(0, 250)),
}


def actions_for(value: Value) -> st.SearchStrategy[Any]:
    """Things that people might do under a rule of this kind."""
    if isinstance(value, Only):
        return st.sampled_from([*sorted(value.allowed), "something else"])
    if isinstance(value, Level):
        scales: tuple[type[Scale], ...] = (Proof, Marketing, NewEdition)
        (scale,) = [scale for scale in scales if value.least in list(scale)]
        return st.sampled_from(list(scale))
    return ACTIONS[type(value)]


def allows(value: Value, action: Any) -> bool:  # noqa: PLR0911 - one return a kind
    """Whether a rule allows an action; written without `meet`, on purpose."""
    match value:
        case Age():
            return bool(action >= value.years)
        case Days():
            return bool(action <= value.most)
        case Only():
            return action in value.allowed
        case Required():
            return bool(action) or not value.required
        case Level():
            order = list(type(value.least))
            return order.index(action) >= order.index(value.least)
        case Term():
            after, took = action
            asked = _START + timedelta(after)
            working = sum(works(asked + timedelta(1 + day)) for day in range(took))
            if value.calendar_days is not None and took > value.calendar_days:
                return False
            # The last working day of a term lasts until the next one begins, so its number is what counts.
            return value.working_days is None or working <= value.working_days
    raise AssertionError(value)


def works(day: date) -> bool:
    """Whether this is a working day in Kazakhstan."""
    return day.weekday() < 5 and day not in HOLIDAYS
