"""The display's page is true: a gate takes its configuration, its pictures and files are there."""

import re
from pathlib import Path

from edge.config import load
from tests.docs.test_install import BLOCK, PAGE
from turnstile.cue import Cue
from turnstile.settings import GateSettings
from turnstile.showing import GRANTED_SECONDS, REFUSED_SECONDS, STEADY_SECONDS
from turnstile.signals.patterns import PATTERNS, Lamp
from turnstile.signals.settings import GpioSignals

DISPLAY = PAGE.with_name("display.md")
ROOT = PAGE.parents[1]
TEXT = DISPLAY.read_text("utf-8")


def test_the_configuration_on_the_page_is_taken_as_it_stands(tmp_path: Path) -> None:
    install = {name.strip(): text for _, name, text in BLOCK.findall(PAGE.read_text("utf-8"))}
    shown = re.findall(r"^```toml\n(.*?)^```", TEXT, re.M | re.S)[0]
    top, sections = shown.split("\n[", 1)
    (tmp_path / "gate.toml").write_text(f"{top}\n{install['gate.toml']}\n[{sections}")
    settings = load(tmp_path / "gate.toml", GateSettings)
    assert settings.display.first_name
    assert isinstance(settings.signals, GpioSignals)
    assert settings.signals.pins == {"green": 16, "red": 20, "amber": 21, "buzzer": 26}


def test_every_picture_and_file_on_the_page_is_there() -> None:
    pictures = re.findall(r"images/display/[\w.-]+", TEXT)
    assert len(pictures) > 6
    for path in [*(DISPLAY.parent / name for name in pictures), ROOT / "turnstile/display/words"]:
        assert path.exists(), path


def test_the_times_on_the_page_are_those_of_the_program() -> None:
    for seconds in (STEADY_SECONDS, GRANTED_SECONDS, REFUSED_SECONDS):
        assert f" {seconds:g} " in TEXT


def test_the_table_of_lamps_names_the_cues_of_each() -> None:
    """An installer checks the wiring against it."""
    rows = dict(re.findall(r"^\| (green|red|amber) \| (.*?) \|", TEXT, re.M))
    words = {
        Cue.WALK_THROUGH: "held open by staff",
        Cue.USE_CARD: "use your card",
        Cue.USE_CODE: "use your code",
        Cue.UNCOVER_FACE: "uncover your face",
    }
    for lamp in Lamp:
        cues = [cue for cue, pattern in PATTERNS.items() if pattern.lamp is lamp]
        named = {words.get(cue, cue.value.replace("_", " ")) for cue in cues}
        assert named == set(rows[lamp.value].split(", "))
