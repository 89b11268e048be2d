"""Whoever keeps what is in force breaks none of the rules it was made of, and is forbidden nothing more."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.domain.consent import Channel, DataCategory, Purpose
from edge.policy.values import Term, Value, as_strict, longest_span
from edge.policy.vocabulary import Data, Proof, Use
from tests.unit.policy.made import _START, ACTIONS, UNTIMED, VALUES, allows, works

KINDS = pytest.mark.parametrize("kind", VALUES, ids=lambda kind: kind.__name__)


@KINDS
@UNTIMED
@given(data=st.data())
def test_the_strictest_of_two_allows_exactly_what_both_allow(kind: type[Value], data: Any) -> None:
    one, other = data.draw(VALUES[kind]), data.draw(VALUES[kind])
    action = data.draw(ACTIONS[kind])
    assert allows(one.meet(other), action) == (allows(one, action) and allows(other, action))


@KINDS
@UNTIMED
@given(data=st.data())
def test_neither_order_nor_repetition_matters(kind: type[Value], data: Any) -> None:
    one, two, three = (data.draw(VALUES[kind]) for _ in range(3))
    assert one.meet(one) == one
    assert one.meet(two) == two.meet(one)
    assert one.meet(two).meet(three) == one.meet(two.meet(three))


@KINDS
@UNTIMED
@given(data=st.data())
def test_what_counts_as_strict_enough_allows_nothing_more(kind: type[Value], data: Any) -> None:
    one, other = data.draw(VALUES[kind]), data.draw(VALUES[kind])
    if as_strict(one, other):
        action = data.draw(ACTIONS[kind])
        assert allows(other, action) or not allows(one, action)


def test_seven_working_days_end_before_thirty_calendar_days() -> None:
    assert Term(7).meet(Term(None, 30)) == Term(7)
    assert Term(7).meet(Term(None, 5)) == Term(None, 5)
    assert str(Term(7).meet(Term(None, 10))) == "within 7 working days or 10 calendar days"


def test_no_stretch_of_working_days_is_longer_than_the_bound_says() -> None:
    """Else a school would answer a complaint within 30 days and believe that it kept 7 working days."""
    days = [_START + timedelta(each) for each in range(365 * 16)]
    worked = [day for day in days if works(day)]
    for count in range(1, 61):
        # The worst day to ask on is a working day: its own rest does not count.
        longest = max((end - begin).days for begin, end in zip(worked, worked[count:], strict=False))
        assert longest <= longest_span(count)


def test_every_word_of_a_consent_is_a_word_of_policies() -> None:
    assert {each.value for each in Channel} <= {each.value for each in Proof}
    assert {each.value for each in DataCategory} <= {each.value for each in Data}
    assert {each.value for each in Purpose} <= {each.value for each in Use}
