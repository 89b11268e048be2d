"""Who lends a card lets no second child in; nobody is kept from leaving, and nobody pays for yesterday."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.domain.events import Direction
from edge.policy.passback import LastPassage, Mode, Passback, Verdict

ALMATY = ZoneInfo("Asia/Almaty")
NOON = datetime(2026, 9, 1, 12, 0, tzinfo=ALMATY)
CAME_IN = LastPassage(Direction.IN, NOON - timedelta(minutes=5))
modes = st.sampled_from(Mode)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)).map(lambda at: at.replace(tzinfo=ALMATY))


@pytest.mark.parametrize(
    ("mode", "verdict"),
    [
        (Mode.OFF, Verdict.FREE),
        (Mode.SOFT, Verdict.TELL),
        (Mode.HARD, Verdict.REFUSE),
        (Mode.TIMED, Verdict.REFUSE),
    ],
)
def test_who_came_in_and_did_not_leave(mode: Mode, verdict: Verdict) -> None:
    assert Passback(mode).judge(CAME_IN, Direction.IN, NOON) is verdict


def test_the_timed_rule_ends_with_its_time() -> None:
    rule = Passback(Mode.TIMED, timedelta(minutes=5))
    assert rule.judge(CAME_IN, Direction.IN, NOON) is Verdict.FREE
    assert rule.judge(CAME_IN, Direction.IN, NOON - timedelta(seconds=1)) is Verdict.REFUSE


def test_a_clock_that_was_set_back_does_not_open_the_gate_twice() -> None:
    assert Passback(Mode.HARD).judge(CAME_IN, Direction.IN, NOON - timedelta(days=365)) is Verdict.REFUSE


def test_at_night_everything_is_forgiven_in_the_schools_own_time() -> None:
    late = LastPassage(Direction.IN, datetime(2026, 9, 1, 23, 59, tzinfo=ALMATY))
    rule = Passback(Mode.HARD)
    assert rule.judge(late, Direction.IN, late.at + timedelta(seconds=30)) is Verdict.REFUSE
    assert rule.judge(late, Direction.IN, late.at + timedelta(minutes=2)) is Verdict.FREE


@given(modes, moments, moments)
def test_nobody_is_ever_kept_from_leaving(mode: Mode, then: datetime, now: datetime) -> None:
    assert Passback(mode).judge(LastPassage(Direction.IN, then), Direction.OUT, now) is Verdict.FREE


@given(modes, moments, moments)
def test_who_left_or_was_never_seen_comes_in(mode: Mode, then: datetime, now: datetime) -> None:
    for last in (None, LastPassage(Direction.OUT, then)):
        assert Passback(mode).judge(last, Direction.IN, now) is Verdict.FREE
