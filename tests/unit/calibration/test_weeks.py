"""The file of counts: totals as before, beside them the first and the last weeks, with no time but days."""

import json
import re
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.errors import ConfigError
from edge.match.counts import BINS, ScoreCounts, load_counts
from edge.match.drift import drift
from edge.match.weeks import RECENT_WEEKS, REFERENCE_WEEKS, this_week
from tests.unit.calibration.traffic import MONDAY, School, school_days

NAMES = ("accepted", "rivals", "refused")
TENS = [10, *[0] * (BINS - 1)]
WEEK = {
    "since": "2026-09-07",
    "threshold": 0.55,
    "weeks": 1,
    "gallery": 9,
    "others": 80,
    **{name: TENS for name in NAMES},
}


def count(counts: ScoreCounts, day: date, threshold: float = 0.55) -> None:
    for each in (counts, this_week(counts, day, threshold)):
        each.recognised(0.8, 0.3, gallery=10)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 3), min_size=1, max_size=40))
def test_the_first_and_the_last_weeks_are_kept_and_no_more(gaps: list[int]) -> None:
    counts, day = ScoreCounts("e"), MONDAY
    mondays = []
    for gap in gaps:
        day += timedelta(weeks=gap)
        count(counts, day)
        mondays.append(day)
    weeks = sorted(set(mondays))
    assert [week.since for week in counts.recent] == weeks[-RECENT_WEEKS:]
    older = weeks[:-RECENT_WEEKS][:REFERENCE_WEEKS]
    if counts.reference is None:
        assert older == []
    else:
        assert (counts.reference.since, counts.reference.weeks) == (older[0], len(older))
        assert counts.reference.accepted.sum() == sum(monday in older for monday in mondays)
    assert counts.accepted.sum() == len(gaps)


def test_every_day_of_a_week_counts_into_its_monday() -> None:
    counts = ScoreCounts("e")
    for day in range(7):
        count(counts, MONDAY + timedelta(days=day))
    assert [(week.since, int(week.accepted.sum())) for week in counts.recent] == [(MONDAY, 7)]


def test_a_clock_that_starts_in_the_past_begins_no_week() -> None:
    """A Pi without a battery clock wakes up years ago, until it is told the time."""
    counts = ScoreCounts("e")
    count(counts, MONDAY)
    count(counts, date(1970, 1, 1))
    count(counts, MONDAY)
    assert [(week.since, int(week.accepted.sum())) for week in counts.recent] == [(MONDAY, 3)]


def test_a_period_remembers_the_strictest_threshold() -> None:
    counts = ScoreCounts("e")
    for threshold in (0.55, 0.60, 0.58):
        count(counts, MONDAY, threshold)
    assert counts.recent[0].threshold == 0.60


def test_weeks_survive_a_restart(tmp_path: Path) -> None:
    counts, pupils = ScoreCounts("e", re_enrol=3), School(np.random.default_rng(1), 100)
    for number, day in enumerate(school_days(9)):
        pupils.fallen = 0.08 if number > 38 else 0.0
        pupils.a_day(counts, day)
    counts.save(tmp_path / "scores.json")
    again = load_counts(tmp_path / "scores.json")
    assert drift(again) == drift(counts)
    assert drift(again).changes
    assert (again.re_enrol, again.gallery, again.others) == (3, 100, counts.others)
    again.save(tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "scores.json").read_bytes()


def test_the_file_holds_numbers_and_mondays_and_nothing_else(tmp_path: Path) -> None:
    counts, pupils = ScoreCounts("engine-1"), School(np.random.default_rng(2), 20)
    for day in school_days(9):
        pupils.a_day(counts, day)
    counts.save(tmp_path / "scores.json")
    text = (tmp_path / "scores.json").read_text()
    strings = set(re.findall(r'"([^"]*)"', text)) - {"engine-1"}
    keys = {"version", "engine", "re_enrol", "gallery", "others", "reference", "recent", "since", "threshold"}
    days = strings - keys - {"weeks", *NAMES}
    assert len(days) == 1 + RECENT_WEEKS
    assert all(date.fromisoformat(day).weekday() == 0 for day in days)
    assert len(text) < 20_000


@pytest.mark.parametrize(("told", "others"), [({"others": 140}, 140), ({}, 5 * 29)])
def test_a_file_of_the_first_version_is_read_on(tmp_path: Path, told: dict[str, int], others: int) -> None:
    """As written before there were weeks: the totals go on, drift begins with the next search."""
    histogram = [0] * BINS
    histogram[170] = 5
    numbers = {"engine": "e", "gallery": 30, **told}
    old = {**numbers, "accepted": histogram, "rivals": histogram, "refused": [0] * BINS}
    (tmp_path / "scores.json").write_text(json.dumps(old))
    counts = load_counts(tmp_path / "scores.json")
    assert (counts.engine, counts.gallery, counts.others, int(counts.accepted.sum())) == ("e", 30, others, 5)
    assert (counts.reference, counts.recent) == (None, [])
    count(counts, MONDAY)
    counts.save(tmp_path / "scores.json")
    again = load_counts(tmp_path / "scores.json")
    assert (int(again.accepted.sum()), int(again.recent[0].accepted.sum())) == (6, 1)


@pytest.mark.parametrize(
    "change",
    [
        {"version": 3},
        {"version": "2"},
        {"recent": [{}]},
        {"recent": 7},
        {"recent": [{**WEEK, "others": 4}]},
        {"recent": [{**WEEK, "weeks": 0}]},
        {"reference": {**WEEK, "since": "soon"}},
        {"re_enrol": None},
    ],
)
def test_a_file_of_another_version_or_with_broken_weeks_is_not_believed(
    tmp_path: Path, change: dict[str, object]
) -> None:
    counts = ScoreCounts("e")
    count(counts, MONDAY)
    counts.save(tmp_path / "scores.json")
    body = json.loads((tmp_path / "scores.json").read_text())
    (tmp_path / "scores.json").write_text(json.dumps({**body, **change}))
    with pytest.raises(ConfigError, match="does not hold score counts"):
        load_counts(tmp_path / "scores.json")


def test_such_a_week_as_it_should_be_is_believed(tmp_path: Path) -> None:
    counts = ScoreCounts("e")
    counts.save(tmp_path / "scores.json")
    body = json.loads((tmp_path / "scores.json").read_text())
    (tmp_path / "scores.json").write_text(json.dumps({**body, "recent": [WEEK], "reference": WEEK}))
    assert load_counts(tmp_path / "scores.json").recent[0].others == 80
