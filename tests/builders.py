"""Small honest data for tests: made-up people, complete consents, random unit vectors."""

from datetime import UTC, date, datetime, timedelta

import numpy as np

from edge.credentials.pin import hash_pin
from edge.domain.consent import Channel, Consent, DataCategory, Operator, Purpose
from edge.domain.ids import ChildId, pseudonym
from edge.domain.people import Child, Guardian, Role, answering_for_oneself
from edge.match.threshold import NonMatedTail, Strictness
from edge.vault.vault import Vault
from edge.vision.face import Vector

NOW = datetime(2026, 9, 1, 3, 0, tzinfo=UTC)
ENGINE = "test-engine"
DIMENSION = 128
KEY = b"k" * 32
STRICT = Strictness(0.003, margin=0.1, least=0.5, tails=(NonMatedTail(0.3, 1e-6, 0.01),))
"""For random vectors, which are alike in nothing: a threshold of 0.5 for any gallery of a test."""
OPERATOR = Operator("School 7", "230840002814")


def child_id(number: int) -> ChildId:
    return pseudonym(KEY, f"S-{number}")


def child(number: int = 1) -> Child:
    return Child(
        child_id(number), f"S-{number}", f"Aisha Test{number}", date(2015, 4, 2), "5A", "150402600004"
    )


def guardian(number: int = 1, id: str | None = None) -> Guardian:
    return Guardian(
        id or f"g-{number}", child_id(number), "Saule Test", "mother", "+77010000001", "saule@test.example"
    )


def member_id(number: int = 1) -> ChildId:
    return pseudonym(KEY, f"T-{number}")


def member(number: int = 1, born: date = date(1980, 5, 17)) -> Child:
    """One of the staff."""
    return Child(member_id(number), f"T-{number}", f"Marat Test{number}", born, "teachers", "", Role.STAFF)


def put_member(vault: Vault, number: int = 1, pin: str | None = None) -> ChildId:
    """A member of staff on the roster, with a PIN or without."""
    vault.roster.put(member(number), [answering_for_oneself(member(number))])
    if pin is not None:
        vault.pins.put(member_id(number), hash_pin(pin))
    return member_id(number)


def consent(number: int = 1, **changes: object) -> Consent:
    fields: dict[str, object] = {
        "id": f"c-{number}",
        "child": child_id(number),
        "guardian_id": f"g-{number}",
        "operator": OPERATOR,
        "purposes": frozenset({Purpose.ACCESS, Purpose.ATTENDANCE}),
        "data": frozenset({DataCategory.NAME, DataCategory.FACE_TEMPLATE}),
        "given_at": NOW - timedelta(days=1),
        "expires_at": NOW + timedelta(days=300),
        "channel": Channel.PAPER,
        "evidence_sha256": "a" * 64,
        "wording_sha256": "b" * 64,
    }
    return Consent(**{**fields, **changes})  # type: ignore[arg-type] # one builder for every field


def unit_vector(seed: int) -> Vector:
    vector = np.random.default_rng(seed).standard_normal(DIMENSION).astype(np.float32)
    return vector / np.float32(np.linalg.norm(vector))


def enrolled(vault: Vault, number: int = 1, templates: int = 2) -> ChildId:
    """A child on the roster with a live consent and templates near unit_vector(number)."""
    vault.roster.put(child(number), [guardian(number)])
    vault.consents.add(consent(number))
    vault.templates.add(child_id(number), f"c-{number}", ENGINE, [unit_vector(number)] * templates, NOW)
    return child_id(number)
