"""What staff do at the kiosk, each act as one whole and with a line in the audit trail."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

from edge.audit import AuditTrail
from edge.domain.consent import Channel, Consent, DataCategory, Purpose
from edge.domain.ids import ChildId, pseudonym
from edge.domain.iin import born_on
from edge.domain.people import Child, Guardian, Role
from edge.errors import ConfigError, ConsentRequired, VaultError
from edge.match.live import LiveGallery
from edge.match.trend import Proposal
from edge.policy.consent import MAY_MATCH, ConsentActive
from edge.policy.standing import standing
from edge.vault.vault import Destruction, Vault
from edge.vision.embed import Embedder
from edge.vision.engine import DEFAULTS
from edge.vision.face import Vector
from enrollment.breach_reminder import tell_urgent
from enrollment.papers import read_papers
from enrollment.policy_desk import Agreed, PolicyDesk
from enrollment.roster import guardian_id, read_roster
from enrollment.settings import KioskSettings

FACE_ACCESS_DATA = frozenset(
    {
        DataCategory.NAME,
        DataCategory.STUDENT_NUMBER,
        DataCategory.CONTACTS,
        DataCategory.FACE_TEMPLATE,
        DataCategory.ATTENDANCE_EVENTS,
    }
)


@dataclass(frozen=True, slots=True)
class Standing:
    """One child as a staff member sees it. `ask_again`: a wider edition came after the guardian's consent."""

    student_number: str
    group: str
    consent_until: datetime | None
    templates: int
    re_enrol: Proposal | None
    ask_again: bool


class Desk:
    """The kiosk's acts on one vault; `now` is always given."""

    def __init__(self, vault: Vault, audit: AuditTrail, settings: KioskSettings) -> None:
        self._vault = vault
        self._audit = audit
        self._settings = settings
        self.policies = PolicyDesk(vault, audit, settings)

    def import_roster(self, path: Path, now: datetime) -> int:
        """Add or update everybody on the file; all lines are checked before the first is written."""
        entries = read_roster(path, self._vault.pseudonym_key)
        for entry in entries:
            self._require_same_role(entry.child)
        for entry in entries:
            self._vault.roster.put(entry.child, entry.guardians)
        self._note(now, "roster_imported", people=len(entries))
        return len(entries)

    def record_consent(
        self,
        *,
        student_number: str,
        guardian_name: str | None,
        purposes: frozenset[Purpose],
        channel: Channel,
        evidence: Path,
        wording: Path,
        now: datetime,
        days: int | None = None,
        guardian_born: date | None = None,
    ) -> Consent:
        """Record what a guardian signed, or a member of staff, who names none; the text shown is kept.

        `days`: None is the longest term in force. `guardian_born` is for one without an IIN on the roster;
        it is not kept. Raises ConfigError (a bad field, or one beyond the policies in force), VaultError
        (unknown guardian, or somebody too young to answer alone).
        """
        guardian = self._consenter(student_number, guardian_name, now)
        papers = read_papers(evidence, wording)
        try:
            consent = Consent(
                id=uuid4().hex,
                child=guardian.child,
                guardian_id=guardian.id,
                operator=self._settings.operator.operator(),
                purposes=purposes,
                data=data_for(purposes),
                given_at=now,
                expires_at=now + timedelta(days=days or self.policies.longest_days(now)),
                channel=channel,
                evidence_sha256=papers.evidence_sha256,
                wording_sha256=papers.wording_sha256,
            )
        except ValueError as error:
            raise ConfigError(
                f"the consent is not complete: {error}", "Mend that field and record it again"
            ) from None
        self.policies.check(consent, guardian_born or self._born(guardian), now)
        self._vault.wordings.check(papers.text)
        consent = replace(consent, edition=self.policies.shown(now))
        self._vault.wordings.keep(papers.text, consent.edition, now)
        self._vault.consents.add(consent)
        carried = self._carry_over(consent, now)
        self._note(now, "consent_recorded", child=guardian.child.value, consent=consent.id, templates=carried)
        return consent

    def require_consent(self, student_number: str, now: datetime) -> Consent:
        """A child's live consent for face access. Raises ConsentRequired before any picture is looked at."""
        child = self._child(student_number)
        held = self._vault.consents.of(child)
        for consent in held:
            if MAY_MATCH.allows(consent, now):
                return consent
        self._note(now, "enrolment_refused", child=child.value, reason="consent_missing")
        if any(_waits(consent, now) for consent in held):
            raise ConsentRequired(
                "the guardian agreed to an earlier edition of a policy, and a wider one is in force",
                "Record their consent anew (qaqpa-kiosk enroll consent); until then the child passes by card",
            )
        raise ConsentRequired(
            "no guardian of this child has agreed to face access",
            "Record the consent first (qaqpa-kiosk enroll consent), or give the child a card",
        )

    def enrol(
        self,
        consent: Consent,
        engine: str,
        vectors: Sequence[Vector],
        now: datetime,
        *,
        head_turned: bool = False,
    ) -> int:
        """Store one template a vector under a live consent, all or none; returns how many."""
        self._vault.templates.add(consent.child, consent.id, engine, vectors, now)
        self._note(
            now,
            "enrolled",
            child=consent.child.value,
            consent=consent.id,
            templates=len(vectors),
            head_turned=head_turned,
        )
        return len(vectors)

    def note_refusal(self, consent: Consent, reason: str, now: datetime) -> None:
        """Record that a child with a consent was not enrolled; `reason` is a word, never a sentence."""
        self._note(now, "enrolment_refused", child=consent.child.value, reason=reason)

    def similar(
        self, consent: Consent, embedder: Embedder, vectors: Sequence[Vector], now: datetime
    ) -> list[str]:
        """Student numbers of other enrolled children whom these vectors would match at the gate."""
        gallery = LiveGallery(self._vault, embedder.name, embedder.dimension, embedder.metric)
        strictness = DEFAULTS[self._settings.engine]
        close = {child for vector in vectors for child in gallery.close_to(vector, strictness, now)}
        gallery.clear()
        known = (self._vault.roster.child(child) for child in sorted(close - {consent.child}))
        return [child.student_number for child in known if child is not None]

    def mark_look_alikes(self, one: str, two: str, now: datetime) -> None:
        """Twins, or two who look alike: the gate asks both for a card."""
        first, second = self._child(one), self._child(two)
        self._vault.roster.mark_look_alikes(first, second)
        self._note(now, "look_alikes", child=first.value, other=second.value)

    def renew_templates(self, now: datetime) -> int:
        """Give every template a new rotation; returns how many."""
        renewed = self._vault.renew_templates()
        self._note(now, "templates_renewed", templates=renewed)
        return renewed

    def withdraw(self, student_number: str, now: datetime) -> Destruction:
        """End a child's consents and destroy its templates and their key; the child stays on the roster."""
        destroyed = self._vault.withdraw(self._child(student_number), now)
        self._note_destruction("withdrawn", destroyed)
        return destroyed

    def erase(self, student_number: str, now: datetime) -> Destruction:
        """Destroy everything held about a child."""
        destroyed = self._vault.erase(self._child(student_number), now)
        self._note_destruction("erased", destroyed)
        return destroyed

    def standings(self, now: datetime) -> Iterator[Standing]:
        """Everyone on the roster with consent, templates and proposal to re-enrol, without names."""
        proposals = self._vault.trends.proposals()
        for id_ in self._vault.roster.all():
            child = self._vault.roster.child(id_)
            if child is None:
                continue
            held = self._vault.consents.of(id_)
            live = [consent.expires_at for consent in held if MAY_MATCH.allows(consent, now)]
            yield Standing(
                child.student_number,
                child.group,
                max(live, default=None),
                self._vault.templates.count(id_),
                proposals.get(id_),
                not live and any(_waits(consent, now) for consent in held),
            )

    def agreed(self, student_number: str, now: datetime) -> list[Agreed]:
        """Every consent for a child, with what its guardian was shown."""
        return self.policies.agreed(self._child(student_number), now)

    def _child(self, student_number: str) -> ChildId:
        return find_child(self._vault, student_number).id

    def _require_same_role(self, entry: Child) -> None:
        known = self._vault.roster.child(entry.id)
        if known is not None and known.role is not entry.role:
            raise VaultError(
                f"number {entry.student_number} belongs to {known.role.value} already; nothing was imported",
                "Give this person another number, or erase the old entry first: qaqpa-kiosk enroll erase",
            )

    def _consenter(self, student_number: str, guardian_name: str | None, now: datetime) -> Guardian:
        """Whoever may consent: a guardian by name; of an adult member of staff, that very person."""
        member = find_child(self._vault, student_number)
        if member.role is Role.PUPIL:
            if guardian_name is None:
                raise ConfigError("a pupil's guardian consents", "Name who signed with --guardian")
            return self._guardian(student_number, guardian_name)
        if guardian_name is not None:
            raise ConfigError("staff consent for themselves", "Leave --guardian out")
        if not member.adult(now.astimezone(ZoneInfo(self._settings.time_zone)).date()):
            raise VaultError(
                "by the roster this member of staff is under 18", "Give this person a card or a pass instead"
            )
        return next(each for each in self._vault.roster.guardians(member.id) if each.is_the_child)

    def _carry_over(self, consent: Consent, now: datetime) -> int:
        """Templates that a wider edition suspended go on under a new consent, if nobody is against it."""
        if standing(self._vault.history(consent.child), now).block is not None:
            return 0
        return self._vault.templates.carry_over(consent, now) if MAY_MATCH.allows(consent, now) else 0

    def _guardian(self, student_number: str, name: str) -> Guardian:
        child = self._child(student_number)
        wanted = guardian_id(self._vault.pseudonym_key, student_number, name)
        for guardian in self._vault.roster.guardians(child):
            if guardian.id == wanted:
                return guardian
        raise VaultError(
            "this person is not on the roster as a guardian of the child",
            "Write the name as it stands on the roster, or mend the roster and import it again",
        )

    def _born(self, guardian: Guardian) -> date | None:
        """When whoever agrees was born, as far as the roster tells."""
        member = self._vault.roster.child(guardian.child) if guardian.is_the_child else None
        if member is not None:
            return member.born
        return born_on(guardian.iin) if guardian.iin else None

    def _note(self, now: datetime, what: str, **details: str | int) -> None:
        note(self._audit, now, what, **details)

    def _note_destruction(self, what: str, destroyed: Destruction) -> None:
        self._note(
            destroyed.at,
            what,
            child=destroyed.child.value,
            templates=destroyed.templates,
            consents=destroyed.consents,
        )


def data_for(purposes: frozenset[Purpose]) -> frozenset[DataCategory]:
    """What is held for these purposes: a face for access only."""
    if Purpose.ACCESS in purposes:
        return FACE_ACCESS_DATA
    return FACE_ACCESS_DATA - {DataCategory.FACE_TEMPLATE}


def _waits(consent: Consent, now: datetime) -> bool:
    """Whether it would be live, had no wider edition been adopted since."""
    return consent.suspended and ConsentActive().allows(consent, now)


def find_child(vault: Vault, student_number: str) -> Child:
    """The child with this number. Raises VaultError for one who is not on the roster."""
    try:
        child = vault.roster.child(pseudonym(vault.pseudonym_key, student_number))
    except ValueError:
        child = None
    if child is None:
        raise VaultError(
            f"student number {student_number} is not on the roster",
            "Check the number, or import the roster: qaqpa-kiosk enroll roster FILE",
        )
    return child


def note(audit: AuditTrail, now: datetime, what: str, **details: str | int) -> None:
    """One line in the audit trail, on the disk before anything else is done."""
    audit.record(now, what, **details)
    audit.sync()


@contextmanager
def open_desk(settings: KioskSettings, now: datetime) -> Iterator[Desk]:
    """Open the vault for writing and the audit trail, and close both."""
    with opened(settings, now) as (vault, audit):
        yield Desk(vault, audit, settings)


@contextmanager
def opened(settings: KioskSettings, now: datetime) -> Iterator[tuple[Vault, AuditTrail]]:
    """The vault for writing and the audit trail."""
    with Vault.open(settings.vault.path, settings.vault.key, now=now, writable=True) as vault:
        audit = AuditTrail(settings.audit, vault.audit_key)
        try:
            tell_urgent(vault, settings, now)
            yield vault, audit
        finally:
            audit.close()
