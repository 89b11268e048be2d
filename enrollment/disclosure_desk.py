"""Handing personal data to a state body: on a ground in force, by two members of staff, on the register."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from secrets import token_hex
from zoneinfo import ZoneInfo

from edge.audit import AuditTrail
from edge.credentials.pin import matches
from edge.domain.disclosure import Disclosure, Handed
from edge.domain.ids import ChildId
from edge.domain.people import Child, Role
from edge.errors import ConfigError, VaultError
from edge.policy.values import Only
from edge.policy.vocabulary import Ground
from edge.vault.vault import Vault
from enrollment.disclosure_words import handed_over, heading, in_words
from enrollment.files import write_new
from enrollment.finding import find_child
from enrollment.looking import note_look
from enrollment.opening import note, opened
from enrollment.policy_desk import PolicyDesk
from enrollment.settings import KioskSettings, Language
from enrollment.text_sheet import text_sheet

_PLACEHOLDER = "0" * 64


@dataclass(frozen=True, slots=True)
class Signature:
    """A member of staff and the PIN that this person typed."""

    number: str
    pin: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Demand:
    """What a state body asks for: the ground, its document's number, who it is, and which data."""

    ground: Ground
    document: str
    body: str
    handed: frozenset[Handed]


class DisclosureDesk:
    """The kiosk's register of disclosures over one vault; `now` is always given."""

    def __init__(self, vault: Vault, audit: AuditTrail, settings: KioskSettings) -> None:
        self._vault = vault
        self._audit = audit
        self._settings = settings
        self._policies = PolicyDesk(vault, audit, settings)
        self._zone = ZoneInfo(settings.time_zone)

    def disclose(
        self, student_number: str, demand: Demand, signed: Sequence[Signature], out: Path, now: datetime
    ) -> Disclosure:
        """Write what is handed over into `out`, and enter it. Raises ConfigError, VaultError.

        Nothing is written unless the ground is in force and two different members of staff signed.
        """
        child = find_child(self._vault, student_number)
        if demand.document.strip() and not any(letter.isdigit() for letter in demand.document):
            raise ConfigError("document has no number", "Write number and date of the demand with --document")
        clauses = self._clauses(demand.ground, now)
        staff = self._staff(signed, child, now)
        try:
            disclosure = Disclosure(
                token_hex(4),
                child.id,
                demand.ground.value,
                now,
                demand.document.strip(),
                demand.body.strip(),
                staff,
                demand.handed,
                _PLACEHOLDER,
            )
        except ValueError as error:
            raise ConfigError(f"the disclosure is not complete: {error}", "Mend that field") from None
        files = self._files(disclosure, child, clauses)
        disclosure = replace(disclosure, sha256=hashlib.sha256(files["json"]).hexdigest())
        self._write(out, disclosure, files, now)
        return disclosure

    def all(self, now: datetime) -> list[tuple[Disclosure, str]]:
        """The register, oldest first, each with the student number; empty for somebody erased since."""
        held = self._vault.disclosures.all()
        note_look(self._audit, now, "disclose list", sorted({each.child for each in held if each.child}))
        return [(each, self._number(each.child)) for each in held]

    def _clauses(self, ground: Ground, now: datetime) -> tuple[str, ...]:
        """The clauses that allow this ground. Raises ConfigError for one that is not in force."""
        found = self._policies.rules(now).get("state_bodies")
        allowed = found.value.allowed if found is not None and isinstance(found.value, Only) else frozenset()
        if found is None or ground.value not in allowed:
            raise ConfigError(
                f"{ground.value} is no ground in force to tell a state body anything",
                f"In force: {', '.join(sorted(allowed)) or 'none'}; see qaqpa-kiosk policy explain",
            )
        return found.sources

    def _staff(self, signed: Sequence[Signature], child: Child, now: datetime) -> tuple[ChildId, ...]:
        if len({each.number.strip() for each in signed}) != 2 or len(signed) != 2:
            raise ConfigError(
                "two different members of staff are needed", "Name each with --staff, each types a PIN"
            )
        members = [find_child(self._vault, each.number) for each in signed]
        for member, signature in zip(members, signed, strict=True):
            if member.role is not Role.STAFF or member.id == child.id:
                raise VaultError(
                    "one of the two is not staff, or is whom the data are about",
                    "See the numbers of staff: qaqpa-kiosk staff list",
                )
            hashed = self._vault.pins.hash_of(member.id)
            if hashed is None or not matches(signature.pin, hashed):
                note(self._audit, now, "disclosure_refused", staff=member.id.value, reason="pin")
                raise VaultError(
                    "a PIN is wrong, or this member has none; nothing was handed over",
                    "Try again; a PIN is set with: qaqpa-kiosk staff pin NUMBER",
                )
        return tuple(member.id for member in members)

    def _files(self, disclosure: Disclosure, child: Child, clauses: Sequence[str]) -> dict[str, bytes]:
        operator = self._settings.operator
        plain = heading(disclosure, clauses, operator.name, operator.bin, self._zone)
        plain |= handed_over(self._vault, child, disclosure.handed, self._zone)
        texts = [in_words(plain, language) for language in Language]
        return {
            "json": json.dumps(plain, ensure_ascii=False, indent=2).encode(),
            "txt": "\n".join(texts).encode(),
            "pdf": text_sheet(operator.name, texts, self._settings),
        }

    def _write(self, out: Path, disclosure: Disclosure, files: dict[str, bytes], now: datetime) -> None:
        """The register comes first: nothing may leave that is not in it; a file that fails is told."""
        if not out.is_dir():
            raise ConfigError(f"there is no folder {out}", "Name one with --out")
        self._vault.disclosures.add(disclosure)
        first, second = disclosure.staff
        note(
            self._audit,
            now,
            "disclosed",
            child=disclosure.child.value if disclosure.child else "",
            disclosure=disclosure.id,
            ground=disclosure.ground,
            staff=first.value,
            second=second.value,
        )
        for kind, content in files.items():
            write_new(out / f"disclosure-{disclosure.id}.{kind}", content)

    def _number(self, child: ChildId | None) -> str:
        known = self._vault.roster.child(child) if child is not None else None
        return known.student_number if known is not None else ""


@contextmanager
def open_disclosure_desk(settings: KioskSettings, now: datetime) -> Iterator[DisclosureDesk]:
    """Open the vault for writing and the audit trail, and close both."""
    with opened(settings, now) as (vault, audit):
        yield DisclosureDesk(vault, audit, settings)
