"""Whoever deletes the lines that tell on them the same evening is found; a power cut is not taken for it."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

import pytest

from edge.audit import AuditTrail, Head
from edge.checkpoints import beside, inspect, open_trail
from edge.errors import Tampered, VaultError
from edge.vault.keys import FileKey
from edge.vault.vault import Vault
from tests.builders import NOW

LINES = 7


@contextmanager
def opened(vault: Vault, path: Path) -> Iterator[AuditTrail]:
    known = vault.trail_ends.known(path)
    keep = partial(vault.trail_ends.keep, path)
    trail = open_trail(path, vault.audit_key, vault.signer(), known=known, keep=keep)
    try:
        yield trail
    finally:
        trail.close()


@pytest.fixture
def trail(vault: Vault, tmp_path: Path) -> Path:
    path = tmp_path / "audit.jsonl"
    with opened(vault, path) as audit:
        for _ in range(LINES):
            audit.record(NOW, "looked", by="somebody")
            audit.sync()
    return path


def whole(vault: Vault, path: Path) -> int:
    public, known = vault.signer().public_key(), vault.trail_ends.known(path)
    return inspect(path, beside(path), vault.audit_key, public, known).head.records


def cut(path: Path, lines: int) -> None:
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:lines]))


@pytest.mark.parametrize("left", [0, 1, LINES - 1])
def test_lines_cut_off_the_end_are_missed_before_any_checkpoint(vault: Vault, trail: Path, left: int) -> None:
    assert whole(vault, trail) == LINES
    cut(trail, left)
    with pytest.raises(Tampered, match=f"line {LINES}, which the vault knows, is not there"):
        whole(vault, trail)
    with pytest.raises(Tampered, match="begin-anew"), opened(vault, trail):
        pass


def test_a_trail_that_was_removed_is_missed_too(vault: Vault, trail: Path) -> None:
    trail.unlink()
    with pytest.raises(Tampered), opened(vault, trail):
        pass


def test_a_line_cut_in_half_that_was_whole_before_is_missed(vault: Vault, trail: Path) -> None:
    os.truncate(trail, trail.stat().st_size - 10)
    with pytest.raises(Tampered), opened(vault, trail):
        pass


def test_lines_cut_off_and_written_over_by_others_are_missed(vault: Vault, trail: Path) -> None:
    """A program of before, which asks the vault nothing, went on after the cut."""
    cut(trail, LINES - 2)
    with closing(AuditTrail(trail, vault.audit_key)) as audit:
        for _ in range(LINES):
            audit.record(NOW, "roster_imported")
    with pytest.raises(Tampered), opened(vault, trail):
        pass


_KILLED = """
import os, signal, sys
from functools import partial
from pathlib import Path
from edge.checkpoints import open_trail
from edge.vault.keys import FileKey
from edge.vault.vault import Vault
from tests.builders import NOW

folder, before = Path(sys.argv[1]), sys.argv[2] == "before"
key = FileKey(provider="file", key_file=folder / "device.key")
vault = Vault.open(folder / "vault.db", key, now=NOW, writable=True)
path = folder / "audit.jsonl"

def keep(head):
    if not before:
        vault.trail_ends.keep(path, head)
    os.kill(os.getpid(), signal.SIGKILL)

known = vault.trail_ends.known(path)
audit = open_trail(path, vault.audit_key, vault.signer(), known=known, keep=keep)
audit.record(NOW, "looked", by="one")
audit.record(NOW, "looked", by="another")
audit.sync()
"""


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_kill_between_the_line_and_its_end_is_no_alarm(vault: Vault, trail: Path, when: str) -> None:
    folder = str(trail.parent)
    done = subprocess.run([sys.executable, "-c", _KILLED, folder, when], check=False, cwd=Path.cwd())
    assert done.returncode == -signal.SIGKILL
    assert whole(vault, trail) == LINES + 2
    with opened(vault, trail) as audit:
        assert audit.head.records == LINES + 2
    assert vault.trail_ends.known(trail) == audit.head, "else the lines ahead could be cut off"


def test_a_trail_of_before_the_vault_knew_its_end_is_taken_as_it_is(vault: Vault, tmp_path: Path) -> None:
    path = tmp_path / "old.jsonl"
    with closing(AuditTrail(path, vault.audit_key)) as audit:
        audit.record(NOW, "looked")
    with opened(vault, path):
        pass
    assert vault.trail_ends.known(path) == audit.head


def test_a_change_in_the_vaults_file_without_its_key_is_told(vault: Vault, trail: Path) -> None:
    with closing(sqlite3.connect(vault.path)) as raw:
        raw.execute("UPDATE trail_end SET records = 1")
        raw.commit()
    with pytest.raises(Tampered, match="was changed"):
        vault.trail_ends.known(trail)


def test_the_gate_may_write_the_end_and_nothing_else(vault: Vault, key: FileKey, trail: Path) -> None:
    with Vault.open(vault.path, key, now=NOW) as gates_view:
        gates_view.trail_end_writer().keep(trail, Head(9, "a" * 64))
        with pytest.raises(VaultError, match="only read"):
            gates_view.trail_ends.keep(trail, Head(1, "b" * 64))
    assert vault.trail_ends.known(trail) == Head(9, "a" * 64)
