"""A gate that cannot work safely does not start, and says in one line what to do."""

import io
import sqlite3
import sys
from contextlib import closing, redirect_stderr, redirect_stdout
from pathlib import Path
from unittest.mock import patch

import pytest

from edge.config import load
from edge.match.calibration import Calibration
from edge.match.threshold import NonMatedTail
from edge.vault.keys import FileKey
from edge.vault.vault import Vault
from sync.outbox import Outbox
from tests.builders import enrolled
from tests.gate.parts import PUPILS, engine_or_skip
from tests.gate.test_service import a_grant
from turnstile.assembly import assembled
from turnstile.cli import main
from turnstile.local_socket import listen_at
from turnstile.settings import GateSettings


class Install:
    """A gate's folder with a whole configuration; tests break one part of it."""

    def __init__(self, folder: Path, key: FileKey) -> None:
        self.folder = folder
        self.sections = {
            "": f'school = "school-7"\ngate = "north"\naudit = "{folder}/audit.jsonl"\n'
            f'outbox = "{folder}/outbox.db"\ncontrol = "{folder}/control"\n',
            "vault": f'path = "{folder}/vault.db"\n',
            "vault.key": f'provider = "file"\nkey_file = "{key.key_file}"\n',
            "camera": f'source = "directory"\npath = "{PUPILS}/p01"\n',
            "turnstile": 'driver = "simulated"\n',
            "inputs": 'source = "simulated"\n',
        }

    def written(self) -> Path:
        config = self.folder / "gate.toml"
        config.write_text(
            "".join(f"[{name}]\n{text}" if name else text for name, text in self.sections.items())
        )
        return config

    def refusal(self) -> tuple[int, str]:
        """Exit code and message of a start that must not succeed."""
        config = self.written()
        err = io.StringIO()
        with (
            patch.object(sys, "argv", ["qaqpa-gate", "run", "--config", str(config)]),
            redirect_stderr(err),
            redirect_stdout(io.StringIO()),
            pytest.raises(SystemExit) as end,
        ):
            main()
        assert "Traceback" not in err.getvalue()
        assert isinstance(end.value.code, int)
        return end.value.code, " ".join(err.getvalue().split())


@pytest.fixture
def install(tmp_path: Path, key: FileKey, vault: Vault, monkeypatch: pytest.MonkeyPatch) -> Install:
    engine_or_skip()
    enrolled(vault)
    monkeypatch.setattr("turnstile.commands.run.forbid_memory_dumps", lambda: None)
    monkeypatch.setattr("signal.signal", lambda *_: None)
    vault.close()
    return Install(tmp_path, key)


def test_a_second_process_of_one_gate_stops_and_leaves_the_running_one_alone(install: Install) -> None:
    """An installer at the shell, while systemd's gate serves: it goes on, and can be started again later."""
    install.sections[""] = f'profile = "unsafe_demo"\n{install.sections[""]}'
    install.sections["pad"] = 'unsafe_leave_out = ["minifasnet"]\n'
    settings = load(install.written(), GateSettings)
    with assembled(settings), Outbox(settings.outbox) as outbox:
        outbox.grant(a_grant())
        trail = settings.audit.read_bytes()
        code, told = install.refusal()
        assert (code, "running already" in told, "qaqpa-gate status" in told) == (2, True, True)
        assert settings.audit.read_bytes() == trail
        assert settings.control.is_socket()
        assert outbox.backlog().count == 0, "the open grant was ended"
    with assembled(settings):
        pass


@pytest.mark.parametrize("setting", ["control", "feed"])
def test_a_socket_that_cannot_be_made_or_is_another_lanes_is_told_in_a_sentence(
    install: Install, setting: str
) -> None:
    path = "/proc/none/socket"
    install.sections[""] = f'{setting} = "{path}"\n' + "".join(
        line for line in install.sections[""].splitlines(keepends=True) if not line.startswith(setting)
    )
    code, told = install.refusal()
    assert (code, f"cannot listen at {path}" in told) == (2, True)


def test_another_lane_keeps_its_socket(install: Install) -> None:
    with closing(listen_at(install.folder / "control", "control")):
        code, told = install.refusal()
    assert (code, "another process listens there" in told) == (2, True)


def test_an_unknown_key_is_named(install: Install) -> None:
    install.sections["faces"] = "threshold = 0.1\n"
    code, told = install.refusal()
    assert code == 2
    assert "unknown key 'faces.threshold'" in told


def test_no_key_can_make_recognition_laxer(install: Install) -> None:
    install.sections["faces"] = "fpir = 0.02\n"
    code, told = install.refusal()
    assert (code, "faces.fpir" in told) == (2, True)


def a_calibration(engine: str) -> Calibration:
    return Calibration(engine, NonMatedTail(0.4, 0.01, 0.04), searches=1200, gallery=300)


def test_a_calibration_that_is_not_there_stops_the_start(install: Install) -> None:
    """Else the gate would let in more strangers than the person who calibrated it believes."""
    install.sections["faces"] = f'calibration = "{install.folder}/none.json"\n'
    code, told = install.refusal()
    assert code == 2
    assert "none.json" in told
    assert "qaqpa-gate calibrate --accept" in told


def test_a_calibration_of_another_engine_stops_the_start(install: Install) -> None:
    a_calibration("dlib-resnet-v1").save(install.folder / "calibration.json")
    install.sections["faces"] = f'calibration = "{install.folder}/calibration.json"\n'
    code, told = install.refusal()
    assert code == 2
    assert "made with dlib-resnet-v1, this gate uses sface-2021dec" in told


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"engine": "sface-2021dec", "tail": {"start": 1}}'])
def test_a_damaged_calibration_stops_the_start(install: Install, text: str) -> None:
    (install.folder / "calibration.json").write_text(text)
    install.sections["faces"] = f'calibration = "{install.folder}/calibration.json"\n'
    code, told = install.refusal()
    assert code == 2
    assert "does not hold a calibration" in told


def test_a_gate_may_run_both_networks(install: Install) -> None:
    """It gets as far as the camera, with both loaded."""
    install.sections[""] += 'engine = "sface+dlib"\n'
    install.sections["camera"] = f'source = "directory"\npath = "{install.folder}/none"\n'
    code, told = install.refusal()
    assert code == 1
    assert "none" in told


def test_an_unknown_driver_is_told_with_the_known_ones(install: Install) -> None:
    install.sections["turnstile"] = 'driver = "lcuss"\n'
    code, told = install.refusal()
    assert code == 2
    assert "'lcus', 'kmtronic', 'numato', 'modbus_rtu', 'gpio', 'simulated'" in told


def test_a_driver_that_is_not_named_is_asked_for_with_the_known_ones(install: Install) -> None:
    install.sections["turnstile"] = "walk_seconds = 0.1\n"
    install.sections["[readers]"] = 'name = "in"\n'
    code, told = install.refusal()
    assert code == 2
    assert (
        "turnstile: 'driver' is missing, one of lcus, kmtronic, numato, modbus_rtu, gpio, simulated" in told
    )
    assert "readers.0: 'kind' is missing, one of osdp, keyboard, serial, simulated" in told


def test_a_serial_port_that_is_not_there_stops_the_start(install: Install) -> None:
    install.sections["turnstile"] = 'driver = "lcus"\nport = "/dev/serial/by-id/none"\n'
    install.sections["inputs"] = f'source = "board"\npath = "{install.folder}/none"\n'
    code, told = install.refusal()
    assert code == 1
    assert "/dev/serial/by-id/none" in told


def test_an_unknown_reader_is_told_with_the_known_ones(install: Install) -> None:
    install.sections["[readers]"] = 'kind = "rfid"\nname = "in"\n'
    code, told = install.refusal()
    assert code == 2
    assert "'osdp', 'keyboard', 'serial', 'simulated'" in told


def test_a_card_reader_that_is_not_there_stops_the_start(install: Install) -> None:
    install.sections["[readers]"] = 'kind = "serial"\nname = "in"\nport = "/dev/serial/by-id/none"\n'
    code, told = install.refusal()
    assert code == 1
    assert "cannot open the card reader at /dev/serial/by-id/none" in told
    assert "name another port" in told


def test_an_osdp_reader_without_a_key_stops_the_start(install: Install) -> None:
    key = install.folder / "reader.key"
    install.sections["[readers]"] = f'kind = "osdp"\nname = "in"\nport = "/dev/none"\nkey_file = "{key}"\n'
    code, told = install.refusal()
    assert code == 2
    assert "qaqpa-gate reader new-key" in told


def test_a_pin_that_is_a_relay_and_an_input_stops_the_start(install: Install) -> None:
    install.sections["turnstile"] = 'driver = "gpio"\nchannel_in = 5\nactive_high = true\n'
    install.sections["inputs"] = 'source = "gpio"\npassage_in = 5\n'
    code, told = install.refusal()
    assert code == 2
    assert "GPIO pin 5 is both" in told


def test_a_pin_that_is_an_input_and_a_lamp_stops_the_start(install: Install) -> None:
    """Else a lamp would hold the fire contact closed."""
    install.sections["inputs"] = 'source = "gpio"\npassage_in = 5\nfire = 6\n'
    install.sections["signals"] = 'driver = "gpio"\ngreen = 6\nactive_high = true\n'
    code, told = install.refusal()
    assert code == 2
    assert "GPIO pin 6 is both an input and a signal" in told


def test_a_wrong_key_is_told_from_damage(install: Install) -> None:
    (install.folder / "device.key").write_bytes(b"w" * 32)
    code, told = install.refusal()
    assert code == 1
    assert "does not open this vault" in told


def test_a_damaged_vault_is_told(install: Install) -> None:
    (install.folder / "vault.db").write_bytes(b"\x00garbage" * 1000)
    code, told = install.refusal()
    assert code == 1
    assert "damaged" in told


def test_a_missing_vault_says_how_to_make_one(install: Install) -> None:
    (install.folder / "vault.db").unlink()
    assert "qaqpa-kiosk init" in install.refusal()[1]


def test_a_changed_audit_trail_is_not_continued(install: Install) -> None:
    (install.folder / "audit.jsonl").write_text('{"n":1,"what":"decision","chain":"00"}\n')
    code, told = install.refusal()
    assert code == 1
    assert "audit trail does not verify at line 1" in told


def test_missing_models_say_how_to_install_them(install: Install, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QAQPA_MODELS", str(install.folder / "no-models"))
    assert "qaqpa-gate models install" in install.refusal()[1]


def test_a_missing_camera_is_told(install: Install) -> None:
    install.sections["camera"] = f'source = "directory"\npath = "{install.folder}/none"\n'
    code, told = install.refusal()
    assert code == 1
    assert "none" in told


def test_a_grant_that_a_crash_left_open_is_published_as_not_passed(install: Install) -> None:
    """The start gets as far as the outbox and settles it, although the camera is missing."""
    with Outbox(install.folder / "outbox.db") as outbox:
        outbox.grant(a_grant())
    install.sections["camera"] = f'source = "directory"\npath = "{install.folder}/none"\n'
    install.refusal()
    with sqlite3.connect(install.folder / "outbox.db") as raw:
        kinds = raw.execute("SELECT kind FROM event").fetchall()
    raw.close()
    assert kinds == [("granted_not_passed",)]
