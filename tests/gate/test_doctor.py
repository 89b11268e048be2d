"""The doctor finds each part that does not work, says what to do, and tries the others all the same."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from unittest.mock import patch

import pytest
from gpiozero.pins.mock import MockFactory, MockPin

from edge.config import load
from edge.domain.blocks import Asker
from edge.domain.requests import Request, Right, Way
from edge.errors import ConfigError
from edge.vault.keys import FileKey
from edge.vault.vault import Vault
from tests.builders import enrolled, member_id, put_member
from tests.gate.parts import PUPILS, engine_or_skip
from turnstile.commands.doctor import doctor
from turnstile.doctor import Finding, examine
from turnstile.only_process import only_process
from turnstile.settings import GateSettings


@pytest.fixture
def lines(tmp_path: Path, key: FileKey, vault: Vault) -> list[str]:
    engine_or_skip()
    put_member(vault, pin="482915")
    text = f"""
profile = "unsafe_demo"
school = "s"
gate = "g"
audit = "{tmp_path}/a"
outbox = "{tmp_path}/o.db"
control = "{tmp_path}/c"
[vault]
path = "{vault.path}"
[vault.key]
provider = "file"
key_file = "{key.key_file}"
[camera]
source = "directory"
path = "{PUPILS}/p01"
[pad]
unsafe_leave_out = ["minifasnet"]
[turnstile]
driver = "simulated"
[inputs]
source = "simulated"
"""
    return text.splitlines()


def found(folder: Path, lines: list[str]) -> dict[str, Finding]:
    (folder / "gate.toml").write_text("\n".join(lines))
    return {finding.part: finding for finding in examine(load(folder / "gate.toml", GateSettings))}


def test_a_gate_in_order(tmp_path: Path, lines: list[str]) -> None:
    findings = found(tmp_path, [*lines, "[[readers]]", 'kind = "simulated"', 'name = "front"'])
    assert {part: finding.told for part, finding in findings.items() if part == "camera"} == {
        "camera": "640 x 480"
    }
    assert [part for part, finding in findings.items() if not finding.works and part != "clock"] == []
    assert "reader front" in findings


@pytest.mark.parametrize(
    ("part", "change", "told"),
    [
        ("camera", ("/p01", "/nobody"), "cannot list"),
        ("vault", ("vault.db", "none.db"), "there is no vault"),
        ("outbox", ("o.db", "none/o.db"), "cannot be opened"),
        ("attack detection", ("unsafe_leave_out = [", "# ["), "minifasnet"),
    ],
)
def test_each_part_that_does_not_work_is_named_with_a_remedy(
    tmp_path: Path, lines: list[str], part: str, change: tuple[str, str], told: str
) -> None:
    with patch("edge.vision.pad.load.models_folder", return_value=tmp_path / "no models"):
        findings = found(tmp_path, [line.replace(*change) for line in lines])
    assert not findings[part].works
    assert told in findings[part].told
    assert findings[part].remedy
    assert findings["turnstile"].works


class WiredPin(MockPin):  # type: ignore[misc]  # gpiozero has no types
    """A closed contact to ground is stronger than the pull-up, which the mock forgets."""

    closed = False

    def drive_low(self) -> None:
        self.closed = True
        super().drive_low()

    def _set_pull(self, value: str) -> None:
        super()._set_pull(value)
        if self.closed:
            self.drive_low()


@pytest.mark.parametrize(
    ("pin", "told"),
    [
        (23, "the fire input is on"),
        (5, "the tamper contact is open"),
        (22, "the turnstile says that it is not ready"),
        (None, "quiet"),
    ],
)
def test_a_wire_that_is_cut_is_named(tmp_path: Path, lines: list[str], pin: int | None, told: str) -> None:
    """Before the gate is started, which would go into emergency at once and open."""
    chip = MockFactory(pin_class=WiredPin)
    for each in {22, 23, 5} - {pin}:
        chip.pin(each).drive_low()
    wired = 'source = "gpio"\npassage_in = 17\npassage_out = 27\nready = 22\nfire = 23\ntamper = 5'
    with patch("turnstile.drivers.chip.open_chip", return_value=chip):
        finding = found(tmp_path, [*lines[:-1], wired])["inputs"]
    assert (finding.works, finding.told) == (pin is None, told)
    assert bool(finding.remedy) is not finding.works


@pytest.mark.parametrize(
    ("part", "setting", "told"),
    [
        ("audit trail", None, "line 1"),
        ("who is inside", "presence", "not a database"),
        ("staff's socket", "control", "cannot listen"),
        ("display's socket", "feed", "cannot listen"),
        ("interlock", "interlock", "cannot open the interlock"),
    ],
)
def test_a_file_that_would_stop_the_start_is_named(
    tmp_path: Path, lines: list[str], part: str, setting: str | None, told: str
) -> None:
    (tmp_path / "a").write_text("{}\n")
    damaged = tmp_path / "damaged"
    damaged.write_text("this is no database, and no folder either")
    path = damaged if setting == "presence" else damaged / "x"
    others = [line for line in lines if setting is None or not line.startswith(f"{setting} =")]
    finding = found(tmp_path, others if setting is None else [f'{setting} = "{path}"', *others])[part]
    assert (finding.works, told in finding.told, bool(finding.remedy)) == (False, True, True), finding


def test_a_trail_that_ends_before_its_time_is_named_as_the_start_would(
    tmp_path: Path, lines: list[str], vault: Vault
) -> None:
    trail, now = tmp_path / "a", datetime.now(UTC)
    with closing(vault.open_trail(trail, partial(vault.trail_ends.keep, trail))) as own:
        for _ in range(2):
            own.record(now, "reset")
        own.sync()
    assert found(tmp_path, lines)["audit trail"].told == "whole: 2 lines"
    trail.write_bytes(trail.read_bytes().splitlines(keepends=True)[0])
    finding = found(tmp_path, lines)["audit trail"]
    assert (finding.works, "lines were cut off" in finding.told, "begin-anew" in finding.remedy) == (
        False,
        True,
        True,
    )


def test_a_gate_that_runs_is_left_alone(tmp_path: Path, lines: list[str]) -> None:
    (tmp_path / "gate.toml").write_text("\n".join(lines))
    with (
        only_process(load(tmp_path / "gate.toml", GateSettings).outbox),
        pytest.raises(ConfigError, match="running already"),
    ):
        doctor(tmp_path / "gate.toml")


def test_an_overdue_request_about_a_childs_data_is_found(
    tmp_path: Path, lines: list[str], vault: Vault
) -> None:
    """The school may look at its gates every day and at the kiosk never."""
    assert found(tmp_path, lines)["requests"].works
    child_of_the_vault = enrolled(vault)
    for days, id_ in ((90, "late"), (0, "fresh")):
        received = datetime.now(UTC) - timedelta(days=days)
        vault.requests.open(
            Request(
                id_, child_of_the_vault, Right.COMPLAINT, Asker.CHILD, None, Way.LETTER, received, "secret"
            )
        )
    finding = found(tmp_path, lines)["requests"]
    assert not finding.works
    assert finding.told == "1 request about a child's data is overdue"
    assert "qaqpa-kiosk rights list" in finding.remedy


def test_a_school_where_nobody_can_let_a_child_in_by_hand_is_told(
    tmp_path: Path, lines: list[str], vault: Vault
) -> None:
    vault.pins.revoke(member_id())
    finding = found(tmp_path, lines)["staff"]
    assert not finding.works
    assert "qaqpa-kiosk staff pin" in finding.remedy
