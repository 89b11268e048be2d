"""An inspector with the device's public key finds what was done to a trail and its checkpoints, and where."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from edge.audit import AuditTrail, verify
from edge.checkpoints import Inspected, beside, inspect, open_trail
from edge.errors import QaqpaError, Tampered
from tests.builders import KEY, NOW

SIGNER = Ed25519PrivateKey.generate()
DAYS, A_DAY = 4, 3


@pytest.fixture
def trail(tmp_path: Path) -> Path:
    """Four days of three records; a checkpoint before each new day, and one at the end of all."""
    path = tmp_path / "audit.jsonl"
    for day in range(DAYS):
        audit = open_trail(path, KEY, SIGNER)
        for number in range(A_DAY):
            audit.record(NOW + timedelta(days=day, minutes=number), "decision", child=f"{number:032x}")
        audit.close(NOW + timedelta(days=day, hours=9) if day == DAYS - 1 else None)
    return path


def inspected(trail: Path) -> Inspected:
    return inspect(trail, beside(trail), KEY, SIGNER.public_key())


def rewritten(path: Path, change: Callable[[list[str]], list[str]]) -> None:
    path.write_text("".join(change(path.read_text().splitlines(keepends=True))))


def test_each_new_day_and_the_close_sign_all_that_was_before(trail: Path) -> None:
    found = inspected(trail)
    assert (found.head.records, found.checkpoints) == (DAYS * A_DAY + DAYS, DAYS)
    assert found.last is not None
    assert found.last.records == found.head.records - 1
    assert beside(trail).stat().st_mode & 0o777 == 0o600


def test_a_day_is_signed_once_however_often_the_kiosk_is_used(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    for minute in range(5):
        audit = open_trail(path, KEY, SIGNER)
        audit.record(NOW + timedelta(days=minute // 4, minutes=minute), "decision")
        audit.close()
    assert inspected(path).checkpoints == 1


@pytest.mark.parametrize("kept", range(DAYS * A_DAY + DAYS - 1))
def test_an_end_that_is_cut_off_is_found_and_the_line_named(trail: Path, kept: int) -> None:
    """At any line: without the checkpoints each of these trails verifies."""
    rewritten(trail, lambda lines: lines[:kept])
    assert verify(trail, KEY).records == kept
    with pytest.raises(Tampered, match=f"it ends at line {kept}, and line"):
        inspected(trail)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda lines: [*lines[:4], lines[4].replace("decision", "derision"), *lines[5:]], "at line 5"),
        (lambda lines: [*lines[:4], *lines[5:]], "at line 5"),
        (lambda lines: [*lines[:4], lines[5], lines[4], *lines[6:]], "at line 5"),
        (lambda lines: [*lines[:4], lines[3], *lines[4:]], "at line 5"),
    ],
    ids=["edit", "deletion", "reorder", "insertion"],
)
def test_a_change_within_the_trail_is_found(
    trail: Path, change: Callable[[list[str]], list[str]], told: str
) -> None:
    rewritten(trail, change)
    with pytest.raises(Tampered, match=told):
        inspected(trail)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda lines: lines[:-1], "missing: line 16"),
        (lambda lines: [], "missing: line 4"),
        (lambda lines: [lines[0], *lines[2:]], "missing: line 8"),
        (lambda lines: [lines[1], lines[0], *lines[2:]], "checkpoint 2"),
        (lambda lines: [lines[0].replace('"records":3', '"records":2'), *lines[1:]], "checkpoint 1"),
        (lambda lines: ["{}\n", *lines[1:]], "checkpoint 1"),
    ],
    ids=["last", "all", "one", "reorder", "edit", "garbage"],
)
def test_a_change_of_the_checkpoints_is_found(
    trail: Path, change: Callable[[list[str]], list[str]], told: str
) -> None:
    rewritten(beside(trail), change)
    with pytest.raises(Tampered, match=told):
        inspected(trail)


def test_whoever_has_the_chains_key_but_not_the_devices_cannot_rewrite_the_past(
    trail: Path, tmp_path: Path
) -> None:
    forged = open_trail(tmp_path / "forged.jsonl", KEY, Ed25519PrivateKey.generate())
    for day in range(3):
        forged.record(NOW + timedelta(days=day), "decision")
    forged.close()
    assert verify(tmp_path / "forged.jsonl", KEY).records == 5
    with pytest.raises(Tampered, match="not signed by this device"):
        inspected(tmp_path / "forged.jsonl")
    with pytest.raises(Tampered, match="at line 3"):
        inspect(tmp_path / "forged.jsonl", beside(trail), KEY, SIGNER.public_key())


def test_half_a_checkpoint_from_a_power_cut_is_no_alarm_and_goes(trail: Path) -> None:
    with beside(trail).open("ab") as file:
        file.write(b'{"records":99')
    assert inspected(trail).checkpoints == DAYS
    audit = open_trail(trail, KEY, SIGNER)
    for day in (DAYS, DAYS + 1):
        audit.record(NOW + timedelta(days=day), "decision")
    audit.close()
    assert inspected(trail).checkpoints == DAYS + 1


def test_a_trail_that_grew_again_after_its_end_was_cut_off_is_found(trail: Path) -> None:
    """The kiosk goes on to write into what somebody shortened; the inspector still sees it."""
    rewritten(trail, lambda lines: lines[:-3])
    audit = AuditTrail(trail, KEY)
    for _ in range(9):
        audit.record(NOW + timedelta(days=DAYS - 1), "decision")
    audit.close()
    verify(trail, KEY)
    with pytest.raises(Tampered, match="at line 15"):
        inspected(trail)


def test_a_checkpoint_that_cannot_be_written_does_not_silence_the_trail(trail: Path) -> None:
    """A folder stands where the file should be: that is told, and the record is there all the same."""
    before = verify(trail, KEY).records
    beside(trail).unlink()
    beside(trail).mkdir()
    audit: AuditTrail = open_trail(trail, KEY, SIGNER)
    audit.record(NOW + timedelta(days=DAYS - 1), "decision")
    with pytest.raises(QaqpaError, match="cannot be written"):
        audit.record(NOW + timedelta(days=DAYS), "decision")
    audit.close()
    assert verify(trail, KEY).records == before + 2
