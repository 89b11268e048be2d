"""A gate's turnstile and inputs are named in its file; a mistake there stops the start and says why."""

from pathlib import Path

import pytest

from edge.config import Settings, load
from edge.errors import ConfigError, TurnstileError
from turnstile.boards.lcus import LcusBoard
from turnstile.drivers.factory import open_turnstile
from turnstile.drivers.relays import RelayTurnstile
from turnstile.drivers.settings import DriverSettings, GpioSettings, LcusSettings, SimulatedSettings
from turnstile.drivers.simulated import SimulatedTurnstile
from turnstile.inputs.board import BoardPassages
from turnstile.inputs.factory import open_inputs
from turnstile.inputs.settings import BoardInputs, GpioInputs, InputSettings, SimulatedInputs


class File(Settings):
    turnstile: DriverSettings = SimulatedSettings(driver="simulated")
    inputs: InputSettings = SimulatedInputs(source="simulated")


def read(tmp_path: Path, text: str) -> File:
    path = tmp_path / "gate.toml"
    path.write_text(text)
    return load(path, File)


def test_an_unknown_driver_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="'lcus', 'kmtronic', 'numato', 'modbus_rtu', 'gpio', 'simulated'"):
        read(tmp_path, '[turnstile]\ndriver = "relais"')


def test_a_driver_that_is_not_named_is_never_guessed(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="driver"):
        read(tmp_path, '[turnstile]\nport = "/dev/ttyUSB0"')


@pytest.mark.parametrize(
    ("section", "problem"),
    [
        ('[turnstile]\ndriver = "lcus"\nport = "/dev/x"\nchannel_in = 2\nchannel_out = 2', "same relay"),
        ('[turnstile]\ndriver = "lcus"\nport = "/dev/x"\nchannel_in = 9', "channel_in"),
        ('[turnstile]\ndriver = "lcus"\nport = "/dev/x"\nchanel_in = 1', "chanel_in"),
        ('[turnstile]\ndriver = "lcus"', "port"),
        ('[turnstile]\ndriver = "kmtronic"\nport = "/dev/x"\nrelays = 3', "relays"),
        ('[turnstile]\ndriver = "kmtronic"\nport = "/dev/x"\nrelays = 2\nchannel_out = 3', "no relay 3"),
        ('[turnstile]\ndriver = "numato"\nport = "/dev/x"\nchannel_out = 0', "same relay"),
        ('[turnstile]\ndriver = "modbus_rtu"\nport = "/dev/x"\nbaud = 9601', "baud"),
        ('[turnstile]\ndriver = "modbus_rtu"\nport = "/dev/x"\npulse_seconds = 0.1', "at least 1"),
        ('[turnstile]\ndriver = "gpio"\nchannel_in = 5', "active_high"),
        ('[turnstile]\ndriver = "simulated"\nbehaviour = ["fly"]', "behaviour"),
        ('[inputs]\nsource = "gpio"\npassage_in = 17\nfire = 17', "share a pin"),
        ('[inputs]\nsource = "gpio"\npassage_in = 17\ntamper = 17', "share a pin"),
        ('[inputs]\nsource = "gpio"\npassage_in = 40', "passage_in"),
        ('[inputs]\nsource = "modbus_rtu"\npassage_in = 0', "passage_in"),
        ('[inputs]\nsource = "radio"', "'simulated', 'board', 'gpio', 'modbus_rtu'"),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path: Path, section: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        read(tmp_path, section)


def test_the_named_parts_are_opened(tmp_path: Path) -> None:
    board = LcusBoard(1)
    file = read(tmp_path, f'[turnstile]\ndriver = "lcus"\nport = "{board.port}"')
    turnstile = open_turnstile(file.turnstile)
    assert isinstance(turnstile, RelayTurnstile)
    inputs = open_inputs(BoardInputs(source="board", path=board.port), turnstile)
    assert isinstance(inputs, BoardPassages)
    inputs.close()
    turnstile.close()
    board.close()
    simulated = open_turnstile(File().turnstile)
    assert isinstance(simulated, SimulatedTurnstile)
    assert open_inputs(File().inputs, simulated) is simulated


def test_simulated_people_cannot_walk_through_a_real_turnstile() -> None:
    board = LcusBoard(1)
    turnstile = open_turnstile(LcusSettings(driver="lcus", port=board.port))
    with pytest.raises(ConfigError, match="driver 'simulated'"):
        open_inputs(SimulatedInputs(source="simulated"), turnstile)
    turnstile.close()
    board.close()


@pytest.mark.skipif(Path("/dev/gpiochip0").exists(), reason="this computer has GPIO")
def test_a_gpio_driver_without_gpio_stops_the_start_and_never_falls_back() -> None:
    with pytest.raises(TurnstileError, match=r"lgpio|GPIO chip"):
        open_turnstile(GpioSettings(driver="gpio", channel_in=5, active_high=True))


@pytest.mark.skipif(Path("/dev/gpiochip0").exists(), reason="this computer has GPIO")
def test_gpio_inputs_without_gpio_stop_the_start_and_never_fall_back() -> None:
    turnstile = SimulatedTurnstile(SimulatedSettings(driver="simulated"))
    with pytest.raises(TurnstileError, match=r"lgpio|GPIO chip"):
        open_inputs(GpioInputs(source="gpio", passage_in=17), turnstile)
