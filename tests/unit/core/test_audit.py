"""An inspector finds every edit, deletion and reordering; a power cut leaves a trail that still verifies."""

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from edge.audit import AuditTrail, verify
from edge.errors import QaqpaError, Tampered
from tests.another import another
from tests.builders import KEY, NOW


@pytest.fixture
def trail(tmp_path: Path) -> Path:
    path = tmp_path / "audit.jsonl"
    audit = AuditTrail(path, KEY)
    for number in range(5):
        audit.record(NOW, "decision", outcome="grant", reason="recognised", child=f"{number:032x}")
    audit.close()
    return path


def test_an_untouched_trail_verifies_and_goes_on(trail: Path) -> None:
    assert verify(trail, KEY).records == 5
    audit = AuditTrail(trail, KEY)
    audit.record(NOW, "reset")
    assert audit.head.records == 6
    audit.close()
    assert verify(trail, KEY) == audit.head


def test_a_changed_word_is_found(trail: Path) -> None:
    trail.write_text(trail.read_text().replace("grant", "refuse", 1))
    with pytest.raises(Tampered, match="line 1"):
        verify(trail, KEY)


@pytest.mark.parametrize("line", range(4))
def test_a_removed_line_is_found(trail: Path, line: int) -> None:
    lines = trail.read_text().splitlines(keepends=True)
    trail.write_text("".join(lines[:line] + lines[line + 1 :]))
    with pytest.raises(Tampered):
        verify(trail, KEY)


def test_swapped_lines_are_found(trail: Path) -> None:
    lines = trail.read_text().splitlines(keepends=True)
    lines[1], lines[2] = lines[2], lines[1]
    trail.write_text("".join(lines))
    with pytest.raises(Tampered, match="line 2"):
        verify(trail, KEY)


def test_lines_cut_off_the_end_are_found_by_the_noted_head(trail: Path) -> None:
    noted = verify(trail, KEY)
    trail.write_text("".join(trail.read_text().splitlines(keepends=True)[:-1]))
    assert verify(trail, KEY) != noted


def test_a_trail_rewritten_without_the_key_is_found(tmp_path: Path) -> None:
    forged = AuditTrail(tmp_path / "a.jsonl", b"guessed" * 8)
    forged.record(NOW, "decision")
    forged.close()
    with pytest.raises(Tampered):
        AuditTrail(tmp_path / "a.jsonl", KEY)


@pytest.mark.parametrize(
    "garbage", [b"\xff\xfe\x00\n", b"[]\n", b"{}\n", b'{"n":1,"chain":7}\n', b"nonsense\n"]
)
def test_garbage_is_tampering_not_a_crash(tmp_path: Path, garbage: bytes) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(garbage)
    with pytest.raises(Tampered):
        verify(path, KEY)


def test_half_a_last_line_from_a_power_cut_is_dropped_and_noted(trail: Path) -> None:
    with trail.open("ab") as file:
        file.write(b'{"n":6,"at":"2026')
    audit = AuditTrail(trail, KEY)
    audit.close()
    assert verify(trail, KEY).records == 6
    assert '"what":"torn_tail"' in trail.read_text().splitlines()[-1]


def test_a_line_that_is_just_being_written_is_no_damage_to_who_reads(trail: Path) -> None:
    """`audit verify` reads the trail of a gate that goes on."""
    noted = verify(trail, KEY)
    with trail.open("ab") as file:
        file.write(b'{"n":6,"at":"2026')
    assert verify(trail, KEY, noted) == noted


def test_a_trail_goes_on_at_once_after_its_writer_was_killed(
    trail: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gate that systemd starts again finds no lock; while the first one lives, nobody writes between."""
    monkeypatch.setattr("edge.audit.WAIT_SECONDS", 0.0)
    imports = "import sys; from pathlib import Path; from edge.audit import AuditTrail\n"
    code = (
        "from tests.builders import KEY; a = AuditTrail(Path(sys.argv[1]), KEY); print('open', flush=True)\n"
    )
    with another(imports, f"{code}sys.stdin.readline()", trail) as gate:
        gate.begin()
        assert gate.hear() == "open"
        with pytest.raises(QaqpaError, match=f"process {gate.process.pid} is writing"):
            AuditTrail(trail, KEY)
        gate.process.kill()
        gate.process.wait()
        AuditTrail(trail, KEY).close()
    assert verify(trail, KEY).records == 5


def test_a_full_disk_is_told_and_leaves_a_trail_that_verifies(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    code = (
        "import resource, signal, sys; from pathlib import Path\n"
        "from edge.audit import AuditTrail; from edge.errors import QaqpaError\n"
        "from tests.builders import KEY, NOW\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))\n"
        "audit = AuditTrail(Path(sys.argv[1]), KEY)\n"
        "try:\n"
        "    for _ in range(100): audit.record(NOW, 'decision', reason='recognised')\n"
        "except QaqpaError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, path], capture_output=True, text=True, check=True, timeout=60
    )
    assert "Free space" in done.stdout
    assert 1900 < path.stat().st_size <= 2000
    assert verify(path, KEY).records > 5
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 2000
