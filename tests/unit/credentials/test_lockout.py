"""Guessing does not pay, and nobody is locked out for ever."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.credentials.lockout import Lockout, LockoutRule

RULE = LockoutRule()


def fail(lockout: Lockout, at: float, times: int = 5, key: str = "a") -> None:
    for _ in range(times):
        lockout.wrong(key, at)


def test_the_fifth_wrong_try_locks_for_thirty_seconds() -> None:
    lockout = Lockout(RULE)
    fail(lockout, 0.0, times=4)
    assert not lockout.locked("a", 0.0)
    fail(lockout, 1.0, times=1)
    assert lockout.locked("a", 1.0)
    assert lockout.locked("a", 30.9)
    assert not lockout.locked("a", 31.0)
    assert not lockout.locked("b", 1.0)


def test_each_further_lock_is_twice_as_long_up_to_the_ceiling() -> None:
    lockout, at, lasted = Lockout(RULE), 0.0, []
    for _ in range(7):
        fail(lockout, at)
        end = at
        while lockout.locked("a", end):
            end += 1.0
        lasted.append(end - at)
        at = end
    assert lasted == [30, 60, 120, 240, 480, 900, 900]


def test_tries_during_a_lock_change_nothing() -> None:
    lockout = Lockout(RULE)
    fail(lockout, 0.0)
    fail(lockout, 10.0, times=100)
    assert not lockout.locked("a", 30.0)


def test_a_right_try_makes_slips_of_the_wrong_ones_before_it() -> None:
    lockout = Lockout(RULE)
    fail(lockout, 0.0, times=4)
    lockout.right("a")
    lockout.right("nobody")
    fail(lockout, 1.0, times=4)
    assert not lockout.locked("a", 1.0)


def test_a_quiet_time_forgets() -> None:
    lockout = Lockout(RULE)
    fail(lockout, 0.0)
    fail(lockout, 330.1, times=4)
    assert not lockout.locked("a", 330.1)
    fail(lockout, 330.2, times=1)
    assert not lockout.locked("a", 360.3)


def test_a_flood_of_keys_is_forgotten_again() -> None:
    lockout = Lockout(RULE)
    for number in range(1000):
        lockout.wrong(str(number), number / 100)
    lockout.wrong("late", 1000.0)
    assert len(lockout._records) == 1


tries = st.lists(st.tuples(st.sampled_from("ab"), st.floats(0, 400)), max_size=120)


@given(tries, st.integers(1, 8))
def test_only_so_many_tries_in_a_row_lock_and_never_for_ever(
    steps: list[tuple[str, float]], most: int
) -> None:
    """Whatever the rhythm: `tries` wrong ones without a quiet time between two of them lock, and no fewer."""
    rule = LockoutRule(tries=most)
    lockout, at = Lockout(rule), 0.0
    row: dict[str, list[float]] = {"a": [], "b": []}
    for key, pause in steps:
        at += pause
        if lockout.locked(key, at):
            assert not lockout.locked(key, at + rule.longest_s)
            continue
        if row[key] and at - row[key][-1] > rule.forget_s:
            row[key].clear()
        lockout.wrong(key, at)
        row[key].append(at)
        assert lockout.locked(key, at) == (len(row[key]) == most)
        if len(row[key]) == most:
            row[key].clear()
            assert lockout.locked(key, at + rule.first_s * 0.99)


@pytest.mark.parametrize("bad", [{"tries": 0}, {"first_s": 0}, {"longest_s": -1}, {"unknown": 1}])
def test_a_rule_that_locks_nothing_is_no_rule(bad: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="LockoutRule"):
        LockoutRule(**bad)  # type: ignore[arg-type]
