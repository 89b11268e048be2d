"""All that this device holds about one person, as plain values; never a vector, a score or a secret."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

from edge.audit import records
from edge.domain.blocks import Asker
from edge.domain.consent import Consent
from edge.domain.people import Child, Guardian
from edge.domain.removal import Removal
from edge.domain.requests import Request
from edge.policy.rights import Clock, due, in_time
from edge.vault.vault import Vault
from enrollment.audit_words import SHOWN
from enrollment.reminder import clock_of
from enrollment.settings import KioskSettings

Plain = dict[str, Any]
"""Text, numbers, lists and such dictionaries: what JSON can say."""


@dataclass(frozen=True, slots=True)
class _Source:
    """Where the parts of one person's record come from."""

    vault: Vault
    settings: KioskSettings
    child: Child
    asked: Request
    names: dict[str, str]
    clock: Clock

    def theirs(self, guardian_id: str | None) -> bool:
        """Whether what this guardian (None: the child) said may be shown to whoever asks."""
        if self.asked.asked_by is Asker.AUTHORITY or guardian_id == self.child.id.value:
            return True
        return guardian_id == self.asked.guardian_id

    def at(self, moment: datetime | None) -> str | None:
        """The time at the school."""
        if moment is None:
            return None
        return moment.astimezone(ZoneInfo(self.settings.time_zone)).isoformat(timespec="seconds")


def record_of(vault: Vault, settings: KioskSettings, child: Child, asked: Request, now: datetime) -> Plain:
    """The whole record; one guardian is not told another one's contacts and words.

    Raises Tampered if an audit trail does not verify.
    """
    guardians = vault.roster.guardians(child.id)
    removals = vault.removals.of(child.id)
    names = {
        **{each.guardian_id: each.guardian_id for each in removals},
        **{each.id: each.full_name for each in guardians},
    }
    source = _Source(vault, settings, child, asked, names, clock_of(vault, settings, now))
    history, operator = vault.history(child.id), settings.operator
    return {
        "made_at": source.at(now),
        "school": str(settings.school),
        "operator": {"name": operator.name, "bin": operator.bin},
        "person": _person(child),
        "guardians": [
            *(_guardian(source, each) for each in guardians),
            *(_removed(source, each) for each in removals),
        ],
        "consents": [_consent(source, each) for each in history.consents],
        "objections": [
            {
                "by": source.names[each.guardian_id] if each.guardian_id else "child",
                "raised_at": source.at(each.raised_at),
                "lifted_at": source.at(each.lifted_at),
            }
            for each in history.objections
        ],
        "restrictions": [
            {
                "asked_by": each.asked_by.value,
                "raised_at": source.at(each.raised_at),
                "lifted_at": source.at(each.lifted_at),
            }
            for each in history.restrictions
        ],
        "requests": [_request(source, each) for each in vault.requests.of(child.id)],
        "credentials": [
            {
                "kind": each.kind.value,
                "issue": each.issue,
                "issued_at": source.at(each.issued),
                "expires_at": source.at(each.expires),
                "revoked_at": source.at(each.revoked),
            }
            for each in vault.credentials.of(child.id)
        ],
        "templates": _templates(source),
        "marked_as_look_alike": child.id in vault.roster.look_alikes(),
        "pin_set": child.id in vault.pins.holders(),
        "disclosures": [
            {
                "at": source.at(each.at),
                "to": each.body,
                "ground": each.ground,
                "document": each.document,
                "handed": sorted(each.handed),
            }
            for each in vault.disclosures.of(child.id)
        ],
        "acts": list(_acts(source)),
        "passages": _passages(source),
        "elsewhere": {
            "gates": "trails that were not read here hold decisions under the pseudonym",
            "hub": "arrivals, departures and messages to guardians, under the pseudonym",
        },
    }


def _person(child: Child) -> Plain:
    return {
        "pseudonym": child.id.value,
        "student_number": child.student_number,
        "full_name": child.full_name,
        "born": _day(child.born),
        "group": child.group,
        "iin": child.iin,
        "role": child.role.value,
    }


def _guardian(source: _Source, guardian: Guardian) -> Plain:
    shown = {"full_name": guardian.full_name, "relation": guardian.relation}
    if not source.theirs(guardian.id):
        return {**shown, "withheld": "only_theirs"}
    return {
        **shown,
        "phone": guardian.phone,
        "email": guardian.email,
        "iin": guardian.iin,
        "born": _day(guardian.born),
    }


def _removed(source: _Source, removal: Removal) -> Plain:
    """Of whoever was removed the pseudonym is left; what they once said stands under it."""
    return {
        "pseudonym": removal.guardian_id,
        "removed_at": source.at(removal.at),
        "reason": removal.reason.value,
    }


def _consent(source: _Source, consent: Consent) -> Plain:
    """Every field of article 8."""
    return {
        "id": consent.id,
        "operator": consent.operator.name,
        "operator_bin": consent.operator.bin,
        "person": source.child.full_name,
        "guardian": source.names[consent.guardian_id],
        "purposes": sorted(consent.purposes),
        "data": sorted(consent.data),
        "given_at": source.at(consent.given_at),
        "expires_at": source.at(consent.expires_at),
        "withdrawn_at": source.at(consent.withdrawn_at),
        "channel": consent.channel.value,
        "third_parties": list(consent.third_parties),
        "cross_border": consent.cross_border,
        "published": consent.published,
        "evidence_sha256": consent.evidence_sha256,
        "wording_sha256": consent.wording_sha256,
    }


def _request(source: _Source, request: Request) -> Plain:
    clock, theirs = source.clock, source.theirs(request.guardian_id)
    return {
        "id": request.id,
        "right": request.right.value,
        "asked_by": request.asked_by.value,
        "guardian": source.names[request.guardian_id] if request.guardian_id else None,
        "way": request.way.value,
        "received_at": source.at(request.received_at),
        "due": source.at(due(request, clock)),
        "closed_at": source.at(request.closed_at),
        "in_time": in_time(request, clock),
        "outcome": request.outcome.value if request.outcome else None,
        "said": request.text if theirs else None,
        "answered": request.answer if theirs else None,
    }


def _templates(source: _Source) -> list[Plain]:
    """How many of which engine, and when they were made; ordered by engine."""
    made = sorted(source.vault.templates.made(source.child.id))
    found = []
    for engine, group in groupby(made, key=lambda each: each[0]):
        times = [created for _, created in group]
        found.append(
            {
                "engine": engine,
                "count": len(times),
                "first_made_at": source.at(times[0]),
                "last_made_at": source.at(times[-1]),
            }
        )
    return found


def _acts(source: _Source) -> Iterator[Plain]:
    """What was done about this person at this kiosk, looking at the record among it."""
    for entry, _ in records(source.settings.audit, source.vault.audit_key):
        named = source.child.id.value in (entry.get("child"), entry.get("other"), entry.get("staff"))
        if named or (entry["what"] == "looked" and entry.get("everybody")):
            details = {name: entry[name] for name in sorted(SHOWN & entry.keys())}
            yield {"at": _told(source, entry["at"]), "what": entry["what"], "by": None, **details}


def _passages(source: _Source) -> list[Plain] | None:
    """What the gate of this device decided about this person; None where its trail cannot be read here."""
    trail = source.settings.gate_audit
    if trail is None or not trail.is_file():
        return None
    return [
        {"at": _told(source, entry["at"]), "outcome": entry.get("outcome"), "reason": entry.get("reason")}
        for entry, _ in records(trail, source.vault.audit_key)
        if entry["what"] == "decision" and entry.get("child") == source.child.id.value
    ]


def _told(source: _Source, at: object) -> str | None:
    return source.at(datetime.fromisoformat(str(at)))


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
