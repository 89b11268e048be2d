"""How long a run over a whole school takes, everything due at once: the worst night there can be."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

from edge.domain.events import Uptime
from edge.policy.library import floor
from edge.policy.retention import ClockMark, RetentionSettings, Terms, terms
from edge.policy.strictest import strictest
from edge.vault.keys import FileKey, write_new_key
from edge.vault.vault import Vault
from tests.bench.table import Row
from tests.builders import ENGINE, child, child_id, consent, guardian, unit_vector

CHILDREN, EACH = 5000, 3
_LIMIT_SECONDS = 30.0


def retention_rows() -> list[Row]:
    """Half of the school left, and the consents of the other half ran out."""
    now = datetime.now(UTC)
    limits = terms(strictest([], floor()), RetentionSettings())
    with TemporaryDirectory() as folder:
        write_new_key(Path(folder) / "key")
        key = FileKey(provider="file", key_file=Path(folder) / "key")
        with Vault.create(Path(folder) / "vault.db", key) as vault:
            _fill(vault, now)
            full = _seconds(vault, limits, now + timedelta(days=301))
            if vault.templates.live(ENGINE, now) or len(vault.roster.all()) != CHILDREN // 2:
                raise RuntimeError("the run did not erase what was due")
    return [Row(f"retention, {CHILDREN} children, all due", full, _LIMIT_SECONDS, "s", "limit")]


def _seconds(vault: Vault, limits: Terms, now: datetime) -> float:
    start = time.perf_counter()
    due = vault.retention.due(limits, now)
    vault.erase_due(due, limits, ClockMark(now, Uptime(UUID(int=1), 0.0)))
    return time.perf_counter() - start


def _fill(vault: Vault, now: datetime) -> None:
    vault._db.conn.execute("PRAGMA synchronous = OFF")  # only the filling
    for number in range(CHILDREN):
        vault.roster.put(child(number), [guardian(number)])
        vault.consents.add(consent(number, given_at=now, expires_at=now + timedelta(days=300)))
        vault.templates.add(child_id(number), f"c-{number}", ENGINE, [unit_vector(number)] * EACH, now)
        if number % 2:
            vault.roster.mark_left(child_id(number), now)
    vault._db.conn.execute("PRAGMA synchronous = FULL")
