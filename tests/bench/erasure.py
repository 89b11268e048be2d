"""One erasure in a school of 5,000: every other child's key is wrapped anew."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path

from edge.vault.keys import FileKey, write_new_key
from edge.vault.vault import Vault
from tests.bench.table import Row, median_ms
from tests.builders import child, child_id, guardian

CHILDREN = 5_000
LIMIT_MS = 1000.0
RUNS = 10


def erasure_rows() -> list[Row]:
    """Wall time from the command to the end of the old slot, the disk's part included."""
    now = datetime.now(UTC)
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:
        folder = Path(name)
        write_new_key(folder / "key")
        with Vault.create(folder / "vault.db", FileKey(provider="file", key_file=folder / "key")) as vault:
            for number in range(CHILDREN + RUNS + 2):
                vault.roster.put(child(number), [guardian(number)])
            leavers = iter(range(RUNS + 2))
            taken = median_ms(lambda: vault.erase(child_id(next(leavers)), now), RUNS)
    return [Row("erasure among 5,000 children, durable", taken, LIMIT_MS, "ms", "limit")]
