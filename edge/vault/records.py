"""How people and consents become vault rows and come back."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from edge.domain.consent import Channel, Consent, DataCategory, Operator, Purpose
from edge.domain.ids import ChildId
from edge.domain.people import Child, Guardian, Role
from edge.errors import VaultDamaged

_WIDTH = len("2027-01-31T09:20:00.000000Z")


def stamp(moment: datetime) -> str:
    """UTC text of fixed width; compares as a string."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def moment(text: str) -> datetime:
    """The inverse of `stamp`; earlier versions wrote years below 1000 too short. Raises VaultDamaged."""
    try:
        return datetime.fromisoformat(text.zfill(_WIDTH))
    except ValueError:
        raise VaultDamaged("a moment in the vault is none", "Restore a backup") from None


def maybe_moment(text: str | None) -> datetime | None:
    """The same for what may not have happened."""
    return None if text is None else moment(text)


def child_to_bytes(child: Child) -> bytes:
    """Personal fields only; the id is the row's key and the associated data."""
    return json.dumps(
        [child.student_number, child.full_name, _day(child.born), child.group, child.iin]
    ).encode()


def child_from_bytes(id_: ChildId, role: str, plain: bytes) -> Child:
    """The inverse of `child_to_bytes`; the role stands in the row, where the schema's rules see it."""
    number, name, born, group, iin = json.loads(plain)
    return Child(id_, number, name, _maybe_day(born), group, iin, Role(role))


def guardian_to_bytes(guardian: Guardian) -> bytes:
    """Personal fields only."""
    return json.dumps(
        [
            guardian.full_name,
            guardian.relation,
            guardian.phone,
            guardian.email,
            guardian.iin,
            _day(guardian.born),
        ]
    ).encode()


def guardian_from_bytes(id_: str, child: ChildId, plain: bytes) -> Guardian:
    """The inverse of `guardian_to_bytes`; entries of earlier versions end before the date of birth."""
    name, relation, phone, email, iin, *born = json.loads(plain)
    return Guardian(id_, child, name, relation, phone, email, iin, _maybe_day(*born))


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _maybe_day(text: str | None = None) -> date | None:
    return date.fromisoformat(text) if text else None


def consent_to_row(consent: Consent) -> dict[str, str | int | None]:
    """Every article 8 field; names are not in it, only pseudonyms."""
    return {
        "id": consent.id,
        "child": consent.child.value,
        "guardian": consent.guardian_id,
        "operator_name": consent.operator.name,
        "operator_bin": consent.operator.bin,
        "purposes": json.dumps(sorted(consent.purposes)),
        "data": json.dumps(sorted(consent.data)),
        "given_at": stamp(consent.given_at),
        "expires_at": stamp(consent.expires_at),
        "withdrawn_at": stamp(consent.withdrawn_at) if consent.withdrawn_at else None,
        "channel": consent.channel.value,
        "evidence_sha256": consent.evidence_sha256,
        "wording_sha256": consent.wording_sha256,
        "third_parties": json.dumps(consent.third_parties),
        "cross_border": int(consent.cross_border),
        "published": int(consent.published),
        "edition": consent.edition,
    }


def consent_from_row(row: Mapping[str, Any]) -> Consent:
    """The inverse of `consent_to_row`."""
    return Consent(
        id=row["id"],
        child=ChildId(row["child"]),
        guardian_id=row["guardian"],
        operator=Operator(row["operator_name"], row["operator_bin"]),
        purposes=frozenset(Purpose(purpose) for purpose in json.loads(row["purposes"])),
        data=frozenset(DataCategory(category) for category in json.loads(row["data"])),
        given_at=moment(row["given_at"]),
        expires_at=moment(row["expires_at"]),
        channel=Channel(row["channel"]),
        evidence_sha256=row["evidence_sha256"],
        wording_sha256=row["wording_sha256"],
        third_parties=tuple(json.loads(row["third_parties"])),
        cross_border=bool(row["cross_border"]),
        published=bool(row["published"]),
        withdrawn_at=maybe_moment(row["withdrawn_at"]),
        edition=row["edition"],
        suspended=bool(row["suspended"]),
    )
