"""Whoever copies a piece of configuration from the hardware page gets a gate that starts."""

import re
import tomllib
from pathlib import Path

import pytest

from edge.config import Settings
from turnstile.drivers.modbus_frames import frame, pulse
from turnstile.drivers.settings import DriverSettings
from turnstile.inputs.settings import InputSettings

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "hardware.md").read_text("utf-8")
BLOCKS = dict(re.findall(r"^```toml (\S+)\n(.*?)^```", PAGE, re.M | re.S))


class Piece(Settings):
    turnstile: DriverSettings | None = None
    inputs: InputSettings | None = None


@pytest.mark.parametrize("name", BLOCKS)
def test_the_pages_configuration_is_one(name: str) -> None:
    piece = Piece.model_validate(tomllib.loads(BLOCKS[name]))
    assert piece.turnstile or piece.inputs


def test_every_driver_for_hardware_has_its_line_in_the_table() -> None:
    for driver in ("lcus", "kmtronic", "numato", "modbus_rtu", "gpio"):
        assert f"\n| `{driver}` |" in PAGE


def test_the_pulse_of_the_table_is_the_one_that_is_sent() -> None:
    assert f"`{frame(pulse(1, 1, 2)).hex(' ').upper()}` (on for 2 s)" in PAGE
