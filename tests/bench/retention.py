"""How long a run over a whole school takes, everything due at once: the worst night there can be."""

import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from edge.checkpoints import open_trail
from edge.vault.keys import write_new_key
from edge.vault.vault import Vault
from enrollment.retention_desk import RetentionDesk
from enrollment.settings import KioskSettings
from tests.bench.table import Row
from tests.builders import ENGINE, child, child_id, consent, guardian, unit_vector

CHILDREN, EACH = 5000, 3
_LIMIT_SECONDS = 30.0


def retention_rows() -> list[Row]:
    """Half of the school left, and the consents of the other half ran out."""
    now = datetime.now(UTC)
    with TemporaryDirectory() as folder:
        settings = _settings(Path(folder))
        with Vault.create(settings.vault.path, settings.vault.key) as vault:
            _fill(vault, now)
            full = _seconds(vault, settings, now + timedelta(days=301))
            if vault.templates.live(ENGINE, now) or len(vault.roster.all()) != CHILDREN // 2:
                raise RuntimeError("the run did not erase what was due")
    return [Row(f"retention, {CHILDREN} children, all due", full, _LIMIT_SECONDS, "s", "limit")]


def _seconds(vault: Vault, settings: KioskSettings, now: datetime) -> float:
    """The whole act: plan, destruction, audit lines, receipts."""
    with closing(open_trail(settings.audit, vault.audit_key, vault.signer())) as audit:
        desk = RetentionDesk(vault, audit, settings)
        start = time.perf_counter()
        desk.run(now, confirmed=True)
        return time.perf_counter() - start


def _settings(folder: Path) -> KioskSettings:
    write_new_key(folder / "key")
    return KioskSettings.model_validate(
        {
            "school": "bench",
            "audit": folder / "audit.jsonl",
            "vault": {"path": folder / "vault.db", "key": {"provider": "file", "key_file": folder / "key"}},
            "operator": {"name": "Bench", "bin": "230840002814"},
        }
    )


def _fill(vault: Vault, now: datetime) -> None:
    vault._db.conn.execute("PRAGMA synchronous = OFF")  # only the filling
    for number in range(CHILDREN):
        vault.roster.put(child(number), [guardian(number)])
        vault.consents.add(consent(number, given_at=now, expires_at=now + timedelta(days=300)))
        vault.templates.add(child_id(number), f"c-{number}", ENGINE, [unit_vector(number)] * EACH, now)
        if number % 2:
            vault.roster.mark_left(child_id(number), now)
    vault._db.conn.execute("PRAGMA synchronous = FULL")
