"""The texts that guardians were shown, by their hash: years later one can show what was agreed to.

They are the school's text, the same for everybody, and hold no personal data.
"""

import hashlib
from datetime import datetime

from sqlite_utils import Database

from edge.errors import ConfigError, VaultDamaged
from edge.vault import records
from edge.vault.database import explained, write

MOST_BYTES = 4 * 2**20


class Wordings:
    """Each text once."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def keep(self, content: bytes, now: datetime) -> str:
        """Keep a text, plain or as PDF; returns its SHA-256 in hex. Raises ConfigError: empty, too large."""
        if not 0 < len(content) <= MOST_BYTES:
            raise ConfigError(
                f"the wording has {len(content)} bytes", f"It needs a text of at most {MOST_BYTES} bytes"
            )
        sha256 = hashlib.sha256(content).hexdigest()
        with write(self._db) as sql:
            sql.execute(
                "INSERT INTO wording VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                [sha256, content, records.stamp(now)],
            )
        return sha256

    def content(self, sha256: str) -> bytes | None:
        """The text of this hash; None for one from before texts were kept. Raises VaultDamaged."""
        with explained():
            row = self._db.conn.execute("SELECT content FROM wording WHERE sha256 = ?", [sha256]).fetchone()
        if row is None:
            return None
        content = bytes(row[0])
        if hashlib.sha256(content).hexdigest() != sha256:
            raise VaultDamaged("a kept wording is not what its hash says", "Restore a backup")
        return content
