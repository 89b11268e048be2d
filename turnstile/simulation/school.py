"""A small school for a rehearsal, in a folder that is thrown away: roster, consents and templates."""

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path

from edge.domain.consent import Channel, Consent, DataCategory, Operator, Purpose
from edge.domain.ids import pseudonym
from edge.domain.people import Child, Guardian, Role, answering_for_oneself
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
            enrol_face(vault, put_on_roster(vault, walker.name, "rehearsal"), walker, engine, now)
        yield vault


def put_on_roster(vault: Vault, name: str, group: str, role: Role = Role.PUPIL) -> Child:
    """Somebody with whoever answers for them; the name is the student number as well."""
    born = date(2015, 1, 1) if role is Role.PUPIL else date(1980, 1, 1)
    child = Child(pseudonym(vault.pseudonym_key, name), name, name, born, group, role=role)
    vault.roster.put(child, [_answers_for(child)])
    return child


def enrol_face(vault: Vault, child: Child, walker: Walker, engine: Engine, now: datetime) -> None:
    """The consent and the templates. Raises ConfigError for a picture without a face."""
    consent = Consent(
        id=walker.name,
        child=child.id,
        guardian_id=_answers_for(child).id,
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
    vectors = [_vector(engine, file) for file in walker.enrolment]
    vault.templates.add(child.id, consent.id, engine.embedder.name, vectors, now)


def _answers_for(child: Child) -> Guardian:
    if child.role is Role.STAFF:
        return answering_for_oneself(child)
    return Guardian(f"guardian of {child.student_number}", child.id, "Nobody", "nobody")


def _vector(engine: Engine, file: Path) -> Vector:
    image = read_picture(file)
    faces = [] if image is None else engine.detector.detect(image)
    if image is None or not faces:
        raise ConfigError(f"there is no face in {file}", "Replace the picture, or remove the person")
    return engine.embedder.views(image, faces[0]).reference
