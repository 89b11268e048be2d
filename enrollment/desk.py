"""What staff do at the kiosk, each act as one whole and with a line in the audit trail."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

from edge.audit import AuditTrail
from edge.checkpoints import open_trail
from edge.domain.blocks import Objection
from edge.domain.consent import Channel, Consent, DataCategory, Purpose
from edge.domain.erasure import Destruction
from edge.domain.ids import ChildId, pseudonym
from edge.domain.people import Child, Guardian, Role, is_adult
from edge.errors import ConfigError, ConsentRequired, VaultError
from edge.match.live import LiveGallery
from edge.match.trend import Proposal
from edge.policy.consent import MAY_MATCH
from edge.policy.standing import Block, agreed_until, standing
from edge.vault.vault import Vault
from edge.vision.embed import Embedder
from edge.vision.engine import DEFAULTS
from edge.vision.face import Vector
from enrollment.breach_reminder import tell_urgent
from enrollment.files import write_new
from enrollment.looking import note_look
from enrollment.papers import read_papers
from enrollment.policy_desk import Agreed, PolicyDesk
from enrollment.receipts import acknowledge, acknowledge_overdue
from enrollment.reminder import remind
from enrollment.roster import Entry, as_written, read_roster
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

_WHY_NOT = {
    Block.NO_CONSENT: (
        "no guardian of this child has agreed to face access",
        "Record the consent first (qaqpa-kiosk enroll consent), or give the child a card",
    ),
    Block.CHILD_OBJECTS: (
        "the child does not want its face to be used",
        "Nobody overrides that; give the child a card",
    ),
    Block.GUARDIAN_OBJECTS: (
        "a guardian objects to the use of this child's face",
        "Only who objected takes it back (qaqpa-kiosk rights take-back); give the child a card",
    ),
    Block.SUSPENDED: (
        "the guardian agreed to an earlier edition of a policy, and a wider one is in force",
        "Record their consent anew (qaqpa-kiosk enroll consent); until then the child passes by card",
    ),
    Block.RESTRICTED: (
        "this child's data are restricted while somebody checks them",
        "Afterwards lift it (qaqpa-kiosk rights unblock); until then the child passes by card",
    ),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """One child as staff see it: until when the face counts or why it does not, and each purpose."""

    student_number: str
    group: str
    consent_until: datetime | None
    block: Block | None
    purposes: Mapping[Purpose, datetime]
    templates: int
    re_enrol: Proposal | None


class Desk:
    """The kiosk's acts on one vault; `now` is always given."""

    def __init__(self, vault: Vault, audit: AuditTrail, settings: KioskSettings) -> None:
        self._vault = vault
        self._audit = audit
        self._settings = settings
        self.policies = PolicyDesk(vault, audit, settings)

    def import_roster(self, path: Path, now: datetime) -> int:
        """Add or update everybody on the file; all lines are checked before the first is written."""
        entries = [self._as_known(entry) for entry in read_roster(path, self._vault.pseudonym_key)]
        for entry in entries:
            self._require_same_role(entry.child)
            self._require_same_iins(entry)
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
        given: datetime | None = None,
        until: datetime | None = None,
        guardian_born: date | None = None,
        record: bytes | None = None,
    ) -> Consent:
        """Record what a guardian agreed to, or a member of staff, who names none; the text shown is kept.

        `days`: None is the longest term in force; `until`: the end instead. `given`: when, if before now.
        `guardian_born` is for one whose age the roster does not tell; it is not kept. `record`: what was seen
        of a consent that is not on paper; it becomes the new file `evidence`. Nothing is half recorded.
        Raises ConfigError (a bad field, or one beyond the policies in force), VaultError (unknown guardian,
        or somebody too young to answer alone).
        """
        given_at = given or now
        if given_at > now:
            raise ConfigError("given_at is in the future", "Name the day on which the guardian agreed")
        guardian = self.consenter(student_number, guardian_name, given_at, guardian_born)
        papers = read_papers(evidence, wording, record)
        try:
            consent = Consent(
                id=uuid4().hex,
                child=guardian.child,
                guardian_id=guardian.id,
                operator=self._settings.operator.operator(),
                purposes=purposes,
                data=data_for(purposes),
                given_at=given_at,
                expires_at=until or given_at + timedelta(days=days or self.policies.longest_days(now)),
                channel=channel,
                evidence_sha256=papers.evidence_sha256,
                wording_sha256=papers.wording_sha256,
                third_parties=tuple(each.name for each in self._settings.papers.recipients),
            )
        except ValueError as error:
            raise ConfigError(
                f"the consent is not complete: {error}", "Mend that field and record it again"
            ) from None
        if consent.expires_at <= now:
            raise ConfigError("expires_at is over already", "Ask the guardian for a new consent")
        self.policies.check(consent, guardian_born or self._born(guardian), now)
        self._vault.wordings.check(papers.text)
        with _kept(evidence, record):
            consent = replace(consent, edition=self.policies.shown(now))
            self._vault.wordings.keep(papers.text, consent.edition, now)
            self._vault.consents.add(consent)
        carried = self._carry_over(consent, now)
        self._note(now, "consent_recorded", child=guardian.child.value, consent=consent.id, templates=carried)
        return consent

    def require_consent(self, student_number: str, now: datetime) -> Consent:
        """A child's live consent for face access. Raises ConsentRequired before any picture is looked at."""
        child = self._child(student_number)
        told = standing(self._vault.history(child), now)
        if told.consent is not None:
            return told.consent
        block = told.block or Block.NO_CONSENT
        reason = "consent_missing" if block is Block.NO_CONSENT else block.value
        self._note(now, "enrolment_refused", child=child.value, reason=reason)
        raise ConsentRequired(*_WHY_NOT[block])

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
        note_look(self._audit, now, "enroll face", sorted(close - {consent.child}))
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

    def receipt(self, destroyed: Destruction) -> bytes | None:
        """The signed receipt, or None while another process still reads what was before."""
        return self._vault.erasures.receipt(destroyed.number)

    def withdraw(self, student_number: str, now: datetime, *, guardian_id: str | None = None) -> Destruction:
        """End a child's consents, or what one guardian agreed to, and destroy its templates and their key.

        The child stays on the roster.
        """
        destroyed = self._vault.withdraw(self._child(student_number), now, guardian_id=guardian_id)
        acknowledge(self._vault, self._audit, destroyed, self._settings.school, now)
        return destroyed

    def object(self, objection: Objection, now: datetime) -> Destruction:
        """Record an objection, which destroys the child's templates and their key."""
        destroyed = self._vault.object(objection)
        acknowledge(self._vault, self._audit, destroyed, self._settings.school, now)
        return destroyed

    def erase(self, student_number: str, now: datetime) -> Destruction:
        """Destroy everything held about a child."""
        destroyed = self._vault.erase(self._child(student_number), now)
        acknowledge(self._vault, self._audit, destroyed, self._settings.school, now)
        return destroyed

    def standings(self, now: datetime) -> Iterator[Standing]:
        """Everyone on the roster with consent, templates and proposal to re-enrol, without names."""
        note_look(self._audit, now, "enroll status", None)
        proposals = self._vault.trends.proposals()
        for id_ in self._vault.roster.all():
            child = self._vault.roster.child(id_)
            if child is None:
                continue
            history = self._vault.history(id_)
            told = standing(history, now)
            yield Standing(
                child.student_number,
                child.group,
                told.consent.expires_at if told.consent else None,
                told.block,
                agreed_until(history.consents, now),
                self._vault.templates.count(id_),
                proposals.get(id_),
            )

    def agreed(self, student_number: str, now: datetime) -> list[Agreed]:
        """Every consent for a child, with what its guardian was shown."""
        child = self._child(student_number)
        note_look(self._audit, now, "policy agreed", [child])
        return self.policies.agreed(child, now)

    def _child(self, student_number: str) -> ChildId:
        return find_child(self._vault, student_number).id

    def _require_same_role(self, entry: Child) -> None:
        known = self._vault.roster.child(entry.id)
        if known is not None and known.role is not entry.role:
            raise VaultError(
                f"number {entry.student_number} belongs to {known.role.value} already; nothing was imported",
                "Give this person another number, or erase the old entry first: qaqpa-kiosk enroll erase",
            )

    def _require_same_iins(self, entry: Entry) -> None:
        try:
            self._vault.roster.checked(entry.child, entry.guardians)
        except VaultError as error:
            raise VaultError(
                f"number {entry.child.student_number}: {error.args[0]}; nothing was imported", error.remedy
            ) from None

    def _as_known(self, entry: Entry) -> Entry:
        """The entry with its guardians as they are known: a name that was rectified keeps its pseudonym."""
        if self._vault.roster.child(entry.child.id) is None:
            return entry
        ids = {as_written(each.full_name): each.id for each in self._vault.roster.guardians(entry.child.id)}
        return Entry(
            entry.child,
            [replace(each, id=ids.get(as_written(each.full_name), each.id)) for each in entry.guardians],
        )

    def consenter(
        self, student_number: str, guardian_name: str | None, now: datetime, born: date | None = None
    ) -> Guardian:
        """Whoever may consent: a guardian by name; of an adult member of staff, that very person.

        `born` is told where the roster does not tell it.
        """
        member = find_child(self._vault, student_number)
        if member.role is Role.PUPIL:
            if guardian_name is None:
                raise ConfigError("a pupil's guardian consents", "Name who signed with --guardian")
            return self._adult(find_guardian(self._vault, member.id, guardian_name), now, born)
        if guardian_name is not None:
            raise ConfigError("staff consent for themselves", "Leave --guardian out")
        if not member.adult(self._day(now)):
            raise VaultError(
                "by the roster this member of staff is under 18", "Give this person a card or a pass instead"
            )
        return next(each for each in self._vault.roster.guardians(member.id) if each.is_the_child)

    def _adult(self, guardian: Guardian, now: datetime, told: date | None) -> Guardian:
        """The guardian, if of age on that day. Raises VaultError, also where the age is not known."""
        born = guardian.birthday or told
        if born is None:
            raise VaultError(
                "guardian_born: the age of this guardian is not known",
                "Add guardian_iin or guardian_born to the roster, or give --guardian-born",
            )
        if not is_adult(born, self._day(now)):
            raise VaultError(
                "guardian_born: this guardian is under 18",
                "A guardian of age consents; until then the child passes by card",
            )
        return guardian

    def _day(self, moment: datetime) -> date:
        return moment.astimezone(ZoneInfo(self._settings.time_zone)).date()

    def _carry_over(self, consent: Consent, now: datetime) -> int:
        """Templates that a wider edition suspended go on under a new consent, if nobody is against it."""
        if standing(self._vault.history(consent.child), now).block is not None:
            return 0
        return self._vault.templates.carry_over(consent, now) if MAY_MATCH.allows(consent, now) else 0

    def _born(self, guardian: Guardian) -> date | None:
        """When whoever agrees was born, as far as the roster tells."""
        member = self._vault.roster.child(guardian.child) if guardian.is_the_child else None
        if member is not None:
            return member.born
        return guardian.birthday

    def _note(self, now: datetime, what: str, **details: str | int) -> None:
        note(self._audit, now, what, **details)


def data_for(purposes: frozenset[Purpose]) -> frozenset[DataCategory]:
    """What is held for these purposes: a face for access only."""
    if Purpose.ACCESS in purposes:
        return FACE_ACCESS_DATA
    return FACE_ACCESS_DATA - {DataCategory.FACE_TEMPLATE}


@contextmanager
def _kept(path: Path, record: bytes | None) -> Iterator[None]:
    """The record as a new file, unless what follows fails; a paper's scan is there already."""
    if record is None:
        yield
        return
    write_new(path, record)
    try:
        yield
    except BaseException:
        path.unlink()
        raise


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


def find_guardian(vault: Vault, child: ChildId, name: str) -> Guardian:
    """The guardian of this name. Raises VaultError for a name that is not on the roster with the child."""
    for guardian in vault.roster.guardians(child):
        if as_written(guardian.full_name) == as_written(name):
            return guardian
    raise VaultError(
        "this person is not on the roster as a guardian of the child",
        "Write the name as it stands on the roster, or mend the roster and import it again",
    )


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
        remind(vault, settings, now)
        tell_urgent(vault, settings, now)
        audit = open_trail(settings.audit, vault.audit_key, vault.signer())
        try:
            acknowledge_overdue(vault, audit, settings.school, now)
            yield vault, audit
        finally:
            audit.close()
