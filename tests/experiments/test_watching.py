"""The figures in docs/calibration.md come from runs like these."""

from tests.experiments.watching import false_years, lead, steady_proposed, told_on


def test_a_fall_is_told_after_it_happened_and_a_steady_year_has_no_word() -> None:
    days = told_on(seed=1, children=30, weeks=11, fallen=0.08)
    assert days is not None
    assert 0 <= days <= 10
    assert told_on(seed=1, children=30, weeks=11) is None
    assert false_years(1, 30) == 0


def test_an_ageing_child_is_proposed_before_it_falls_short_and_a_steady_one_is_not() -> None:
    passages = lead(seed=1, over=200, noise=0.03)
    assert passages is not None
    assert passages > 0
    assert steady_proposed(5, noises_above=6.0, noise=0.05, light=0.01) == 0
