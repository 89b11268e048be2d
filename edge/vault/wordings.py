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

    def keep(self, content: bytes, edition: int | None, now: datetime) -> None:
        """Keep a text, plain or as PDF; `edition`: the newest by then. Raises as `check` does."""
        sha256 = hashlib.sha256(content).hexdigest()
        self.check(content)
        with write(self._db) as sql:
            sql.execute(
                "INSERT INTO wording VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING",
                [sha256, content, edition, records.stamp(now)],
            )

    def check(self, content: bytes) -> None:
        """Whether a guardian may be shown this text now. Raises ConfigError: empty, too large, outdated."""
        if not 0 < len(content) <= MOST_BYTES:
            raise ConfigError(
                f"the wording has {len(content)} bytes", f"It needs a text of at most {MOST_BYTES} bytes"
            )
        with explained():
            outdated = self._db.conn.execute(
                "SELECT 1 FROM wording w JOIN edition e ON e.sequence > coalesce(w.edition, 0)"
                " WHERE w.sha256 = ? AND e.widens",
                [hashlib.sha256(content).hexdigest()],
            ).fetchone()
        if outdated:
            raise ConfigError(
                "the wording is one that was shown before a wider edition was adopted",
                "Show the guardian a text of the edition in force, and record that",
            )

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
