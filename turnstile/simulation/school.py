"""A small school for a rehearsal, in a folder that is thrown away: roster, consents and templates."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path

from edge.domain.consent import Channel, Consent, DataCategory, Operator, Purpose
from edge.domain.ids import pseudonym
from edge.domain.people import Child, Guardian
from edge.errors import ConfigError
from edge.vault.keys import FileKey, write_new_key
from edge.vault.vault import Vault
from edge.vision.cameras.directory import read_picture
from edge.vision.engine import Engine
from edge.vision.face import Vector
from turnstile.simulation.walks import Walker

_OPERATOR = Operator("Rehearsal", "000000000000")
_NO_PAPER = hashlib.sha256(b"rehearsal: nobody real, no paper").hexdigest()


@contextmanager
def school_of(walkers: Sequence[Walker], folder: Path, engine: Engine, now: datetime) -> Iterator[Vault]:
    """A vault with every walker enrolled. Raises ConfigError for an enrolment picture without a face."""
    write_new_key(folder / "key")
    key = FileKey(provider="file", key_file=folder / "key")
    with Vault.create(folder / "vault.db", key) as vault:
        for walker in walkers:
            _enrol(vault, walker, [_vector(engine, file) for file in walker.enrolment], engine, now)
        yield vault


def _enrol(vault: Vault, walker: Walker, vectors: Sequence[Vector], engine: Engine, now: datetime) -> None:
    child = pseudonym(vault.pseudonym_key, walker.name)
    guardian = Guardian(f"guardian of {walker.name}", child, "Nobody", "nobody")
    vault.roster.put(Child(child, walker.name, walker.name, date(2015, 1, 1), "rehearsal"), [guardian])
    consent = Consent(
        id=walker.name,
        child=child,
        guardian_id=guardian.id,
        operator=_OPERATOR,
        purposes=frozenset({Purpose.ACCESS}),
        data=frozenset({DataCategory.FACE_TEMPLATE}),
        given_at=now,
        expires_at=now + timedelta(days=1),
        channel=Channel.KIOSK,
        evidence_sha256=_NO_PAPER,
        wording_sha256=_NO_PAPER,
    )
    vault.consents.add(consent)
    vault.templates.add(child, consent.id, engine.embedder.name, vectors, now)


def _vector(engine: Engine, file: Path) -> Vector:
    image = read_picture(file)
    faces = [] if image is None else engine.detector.detect(image)
    if image is None or not faces:
        raise ConfigError(f"there is no face in {file}", "Replace the picture, or remove the person")
    return engine.embedder.views(image, faces[0]).reference
