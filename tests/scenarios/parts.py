"""Scenarios for the tests, and how they are played."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from structlog.testing import capture_logs

from edge.errors import ModelError
from edge.vision.engine import load_engine
from edge.vision.engine_choice import EngineName
from turnstile.simulation.replay import Replayed, replay
from turnstile.simulation.scenario import Scenario, load_scenario
from turnstile.simulation.walks import SHIPPED

FOLDER = Path(__file__).parent
SHORT_DAY, SCHOOL_DAY = FOLDER / "short_day.toml", FOLDER / "school_day.toml"
CARDS = """
title = "Cards only"
school = "school-7"
day = 2026-09-02
[[people]]
who = "c01-c03"
group = "5A"
has = ["card"]
[[people]]
who = "s01"
group = "staff"
role = "staff"
has = ["pin"]
[[arrive]]
at = "08:00"
who = "c01-c02"
shows = "card"
[[happen]]
at = "08:05"
what = "walk_out"
[[happen]]
at = "08:06"
what = "walk_in"
[[happen]]
at = "08:10"
what = "fire"
[[happen]]
at = "08:11"
what = "fire_over"
[[staff]]
at = "08:15"
ask = "reset"
by = "s01"
[[arrive]]
at = "08:20"
who = "c03"
shows = "card"
[expected.in]
passed = { card = 3 }
alarm = { fire = 1, forced = 1 }
staff = { reset = 1 }
"""
"""A minute's work for a gate: no face, so that it is played in a moment."""


def engine_or_skip() -> None:
    """A replay runs the real recogniser even where nobody shows a face."""
    try:
        load_engine(EngineName.SFACE)
    except ModelError as error:
        pytest.skip(f"{error} (make models)")


def written(folder: Path, text: str) -> Path:
    """A scenario as a file."""
    path = folder / "day.toml"
    path.write_text(text, "utf-8")
    return path


def played(scenario: Scenario) -> Replayed:
    """The whole day, in a folder of its own."""
    engine_or_skip()
    with TemporaryDirectory() as folder, capture_logs():  # some thousand lines that nobody reads
        return replay(scenario, SHIPPED, Path(folder), lambda _: None)


def played_file(path: Path) -> Replayed:
    """The same for a file."""
    return played(load_scenario(path))
