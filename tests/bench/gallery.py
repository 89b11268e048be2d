"""Galleries of made-up children for the benchmarks: random templates, real vaults."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from edge.match.live import LiveGallery
from edge.vault.keys import FileKey, write_new_key
from edge.vault.vault import Vault
from edge.vision.embed import Embedder
from edge.vision.face import Vector
from tests.builders import child, child_id, consent, guardian

CHILDREN, EACH = 1000, 3


def full_vault(folder: Path, embedder: Embedder) -> tuple[Path, FileKey]:
    """A vault with 1,000 children of 3 random templates each."""
    now = datetime.now(UTC)
    write_new_key(folder / "key")
    key = FileKey(provider="file", key_file=folder / "key")
    random = np.random.default_rng(7)
    with Vault.create(folder / "vault.db", key) as vault:
        vault._db.conn.execute("PRAGMA synchronous = OFF")  # only the filling; reading is what is measured
        for number in range(CHILDREN):
            vault.roster.put(child(number), [guardian(number)])
            vault.consents.add(consent(number, given_at=now, expires_at=now + timedelta(days=300)))
            vectors = [
                unit(random.standard_normal(embedder.dimension).astype(np.float32)) for _ in range(EACH)
            ]
            vault.templates.add(child_id(number), f"c-{number}", embedder.name, vectors, now)
    return folder / "vault.db", key


@contextmanager
def live_gallery(embedder: Embedder) -> Iterator[LiveGallery]:
    """The gallery of such a vault, as the gate holds it."""
    with TemporaryDirectory() as folder:
        path, key = full_vault(Path(folder), embedder)
        with Vault.open(path, key, now=datetime.now(UTC)) as vault:
            yield LiveGallery(vault, embedder.name, embedder.dimension, embedder.metric)


def unit(vector: Vector) -> Vector:
    """The vector at length 1."""
    return vector / np.float32(np.linalg.norm(vector))
