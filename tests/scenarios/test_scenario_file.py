"""A scenario that cannot be played says which key is wrong, and one that can is played in its order."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from edge.errors import ConfigError
from tests.scenarios.parts import CARDS, written
from turnstile.simulation.scenario import load_scenario, names
from turnstile.simulation.timeline import Visit, timeline


@pytest.mark.parametrize(
    ("line", "instead", "sentence"),
    [
        ('shows = "card"', 'shws = "card"', "unknown key 'arrive.0.shws' (known here: at, does, every"),
        ("passed = {", "pased = {", "unknown key 'expected.in.pased' (known here: alarm, granted_not_passed"),
        ('has = ["card"]', 'has = ["crad"]', "people.0.has.0: Input should be 'face', 'card'"),
        ('who = "c01-c02"', 'who = "c02-c01"', "arrive.0.who: 'c02-c01' is neither a name such"),
        ('who = "c01-c02"', 'who = "c01, c01"', "c01 is named twice"),
        ('who = "c01-c02"', 'who = "c09"', "shows: c09 has no card to show at 08:00:00"),
        ('who = "s01"', 'who = "c02"', "people: c02 is named twice"),
        ('role = "staff"\n', "", 'has: a PIN needs role = "staff"'),
        ('by = "s01"', "", 'ask = "reset" needs the key by'),
        ('by = "s01"', 'by = "s02"', "who: s02 at 08:15:00 is not among the people"),
        ('at = "08:05"', 'at = "25:05"', "happen.0.at: "),
        ('what = "fire"', 'what = "flood"', "happen.2.what: Input should be 'fire', 'fire_over'"),
        ('what = "fire"', 'what = "fire"\nway = "out"', 'way: there is no lane "out" at 08:10:00'),
        ("[expected.in]", "[expected.out]", 'expected: there is no lane "out"'),
        ("card = 3", "crad = 3", "expected.in.passed.crad.[key]: Input should be 'face', 'card', 'qr'"),
        ("day = 2026-09-02", 'day = "yesterday"', "day: Input should be a valid date"),
        ("title =", "title", "is not TOML"),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, line: str, instead: str, sentence: str) -> None:
    assert line in CARDS
    with pytest.raises(ConfigError) as raised:
        load_scenario(written(tmp_path, CARDS.replace(line, instead, 1)))
    assert sentence in str(raised.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"no scenario .*nowhere\.toml.*--scenario"):
        load_scenario(tmp_path / "nowhere.toml")


def test_people_are_named_one_by_one_or_from_to() -> None:
    assert names("p08-p11, c1") == ("p08", "p09", "p10", "p11", "c1")


def test_a_crowd_comes_in_an_order_of_its_own_that_the_seed_repeats(tmp_path: Path) -> None:
    text = CARDS.replace("c01-c03", "c01-c40").replace("c01-c02", "c04-c40").replace('"c03"', '"c01"')
    scenario = load_scenario(written(tmp_path, text))
    who = [due.act.name for due in timeline(scenario) if isinstance(due.act, Visit)]
    assert who == [due.act.name for due in timeline(scenario) if isinstance(due.act, Visit)]
    assert sorted(who[:-1]) == [f"c{number:02d}" for number in range(4, 41)]
    assert who[:-1] != sorted(who[:-1])
    other = load_scenario(written(tmp_path, f"seed = 2\n{text}"))
    assert who != [due.act.name for due in timeline(other) if isinstance(due.act, Visit)]


def test_the_day_is_the_schools_own(tmp_path: Path) -> None:
    first = timeline(load_scenario(written(tmp_path, CARDS)))[0]
    assert first.at == datetime(2026, 9, 2, 8, tzinfo=ZoneInfo("Asia/Almaty"))
