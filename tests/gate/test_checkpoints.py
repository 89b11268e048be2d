"""The gate's trail is signed too, though the gate can only read the vault that holds the key."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from edge.checkpoints import beside, inspect
from edge.config import load
from edge.errors import Tampered
from edge.vault.keys import FileKey
from edge.vault.vault import Vault
from tests.builders import NOW
from tests.gate.parts import engine_or_skip
from tests.gate.test_start import Install
from turnstile.assembly import assembled
from turnstile.clock import SystemClock
from turnstile.settings import GateSettings


class Days(SystemClock):
    """The machine's clock on a day of the test's choice."""

    day = 0

    def now(self) -> datetime:
        return NOW + timedelta(days=self.day)


def test_a_gate_signs_at_each_new_day_and_when_it_closes(vault: Vault, key: FileKey, tmp_path: Path) -> None:
    engine_or_skip()
    config = tmp_path / "gate.toml"
    sections = Install(tmp_path, key).sections
    sections[""] = 'profile = "unsafe_demo"\n' + sections[""]
    sections["pad"] = 'unsafe_leave_out = ["minifasnet"]\n'
    config.write_text("".join(f"[{name}]\n{text}" if name else text for name, text in sections.items()))
    clock = Days()
    with assembled(load(config, GateSettings), clock) as service:
        for clock.day in range(3):
            service._journal.note("decision", outcome="refuse", reason="no_face")
    trail = tmp_path / "audit.jsonl"
    found = inspect(trail, beside(trail), vault.audit_key, vault.signer().public_key())
    assert found.checkpoints == 3
    assert found.last is not None
    assert found.last.records == found.head.records - 1
    assert vault.trail_ends.known(trail) == found.head, "else its last lines could be cut off unseen"
    lines = trail.read_bytes().splitlines(keepends=True)
    trail.write_bytes(b"".join(lines[:2]))
    with pytest.raises(Tampered, match="were cut off"), assembled(load(config, GateSettings), clock):
        pass
