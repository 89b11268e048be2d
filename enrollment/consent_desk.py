"""Takes consents: who may give one, what it must say, and under which one a face may be enrolled."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

from edge.audit import AuditTrail
from edge.domain.consent import Channel, Consent, Purpose
from edge.domain.people import Guardian, Role, check_born, is_adult
from edge.errors import ConfigError, ConsentRequired, VaultError
from edge.policy.consent import MAY_MATCH
from edge.policy.holding import ROSTER, listed
from edge.policy.standing import Block, standing
from edge.vault.vault import Vault
from enrollment.files import write_new
from enrollment.finding import find_child, find_guardian
from enrollment.opening import note
from enrollment.papers import Papers, read_papers
from enrollment.policy_desk import PolicyDesk
from enrollment.settings import KioskSettings
from enrollment.surplus import drop_surplus

_TO_COME = b"the record of an answer that is not given yet"
_GUARDIAN_OF_UNKNOWN_AGE = (
    "guardian_born: the age of this guardian is not known",
    "Add guardian_iin or guardian_born to the roster if the policies allow it, else give --guardian-born",
)
_GUARDIAN_TOO_YOUNG = (
    "guardian_born: this guardian is under 18",
    "A guardian of age consents; until then the child passes by card",
)
_STAFF_OF_UNKNOWN_AGE = (
    "born: the age of this member of staff is not known",
    "Add born to the roster if the policies allow it, else give --guardian-born",
)
_STAFF_TOO_YOUNG = ("this member of staff is under 18", "Give this person a card or a pass instead")
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
        "Only who objected takes it back, another one for a guardian who was removed"
        " (qaqpa-kiosk rights take-back); give the child a card",
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
class Told:
    """What staff tell of a consent.

    `days`: None is the longest term in force; `until`: the end instead. `given`: when, if before now.
    `guardian_born` is for one whose age the roster does not tell; it is not kept.
    """

    student_number: str = field(repr=False)
    guardian_name: str | None = field(repr=False)
    purposes: frozenset[Purpose]
    channel: Channel
    evidence: Path
    wording: Path
    days: int | None = None
    given: datetime | None = None
    until: datetime | None = None
    guardian_born: date | None = field(default=None, repr=False)


class ConsentDesk:
    """Consents in one vault; `now` is always given."""

    def __init__(
        self, vault: Vault, audit: AuditTrail, settings: KioskSettings, policies: PolicyDesk
    ) -> None:
        self._vault = vault
        self._audit = audit
        self._settings = settings
        self._policies = policies

    def record(self, told: Told, now: datetime, record: bytes | None = None) -> Consent:
        """Record what a guardian agreed to, or a member of staff, who names none; the text shown is kept.

        `record`: what was seen of a consent that is not on paper; it becomes the new file `evidence`. One
        given before a wider edition was adopted is suspended from the start. Nothing is half recorded. What
        the roster holds of the child beyond the policies in force goes first: the list of data is then true.
        Raises ConfigError (a bad field, or one beyond the policies in force), VaultError (unknown guardian,
        or somebody too young to answer alone).
        """
        _, consent, papers = self._draft(told, now, record)
        with _kept(told.evidence, record):
            consent = replace(consent, edition=self._policies.shown(now, told.given))
            self._vault.wordings.keep(papers.text, consent.edition, now)
            drop_surplus(self._vault, self._audit, [consent.child], self._policies.rules(now), now)
            self._vault.consents.add(consent)
        consent = self._vault.consents.get(consent.id)
        carried = self._carry_over(consent, now)
        note(
            self._audit,
            now,
            "consent_recorded",
            child=consent.child.value,
            consent=consent.id,
            templates=carried,
        )
        return consent

    def asked(self, told: Told, now: datetime) -> Guardian:
        """Whoever is to be asked, once nothing but the answer is missing. Raises as `record` does."""
        if told.channel is not Channel.PAPER and told.evidence.exists():
            raise ConfigError(f"{told.evidence} exists already", "Name another file; none is overwritten")
        to_come = None if told.channel is Channel.PAPER else _TO_COME
        return self._draft(told, now, to_come)[0]

    def _draft(self, told: Told, now: datetime, record: bytes | None) -> tuple[Guardian, Consent, Papers]:
        """The consent as it would stand, checked against everything that can refuse it."""
        given_at = told.given or now
        if given_at > now:
            raise ConfigError("given_at is in the future", "Name the day on which the guardian agreed")
        self._policies.require_order(given_at)
        guardian = self.consenter(told.student_number, told.guardian_name, given_at, told.guardian_born)
        papers = read_papers(told.evidence, told.wording, record)
        try:
            consent = Consent(
                id=uuid4().hex,
                child=guardian.child,
                guardian_id=guardian.id,
                operator=self._settings.operator.operator(),
                purposes=told.purposes,
                data=listed(told.purposes, self._policies.rules(now)),
                given_at=given_at,
                expires_at=told.until
                or given_at + timedelta(days=told.days or self._policies.longest_days(now)),
                channel=told.channel,
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
        self._policies.check(consent, told.guardian_born or self._born(guardian), now)
        self._vault.wordings.check(papers.text)
        self._require_whole_list(consent)
        return guardian, consent, papers

    def _require_whole_list(self, consent: Consent) -> None:
        """A text that was agreed to with a shorter list of data says nothing about the rest of them."""
        for earlier in self._vault.consents.under(consent.wording_sha256):
            lacking = consent.data & ROSTER - earlier.data
            if lacking:
                raise ConfigError(
                    f"data: this text was agreed to before {', '.join(sorted(lacking))} stood on the list",
                    "Make the form anew (qaqpa-kiosk papers make --only consent), and let that one be signed",
                )

    def require(self, student_number: str, now: datetime) -> Consent:
        """A child's live consent for face access. Raises ConsentRequired before any picture is looked at."""
        child = find_child(self._vault, student_number).id
        told = standing(self._vault.history(child), now)
        if told.consent is not None:
            return told.consent
        block = told.block or Block.NO_CONSENT
        reason = "consent_missing" if block is Block.NO_CONSENT else block.value
        note(self._audit, now, "enrolment_refused", child=child.value, reason=reason)
        raise ConsentRequired(*_WHY_NOT[block])

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
            guardian = find_guardian(self._vault, member.id, guardian_name)
            self._require_adult(guardian, guardian.birthday, born, now)
            return guardian
        if guardian_name is not None:
            raise ConfigError("staff consent for themselves", "Leave --guardian out")
        oneself = next(each for each in self._vault.roster.guardians(member.id) if each.is_the_child)
        self._require_adult(oneself, member.birthday, born, now)
        return oneself

    def _require_adult(
        self, guardian: Guardian, known: date | None, told: date | None, now: datetime
    ) -> None:
        """Raises VaultError for anybody who is not of age on that day, or whose age nobody tells."""
        staff = guardian.is_the_child
        try:
            born = known or (check_born(told, self._day(now), "guardian_born") if told else None)
        except ValueError as error:
            raise ConfigError(str(error), "Mend --guardian-born") from None
        if born is None:
            raise VaultError(*(_STAFF_OF_UNKNOWN_AGE if staff else _GUARDIAN_OF_UNKNOWN_AGE))
        if not is_adult(born, self._day(now)):
            raise VaultError(*(_STAFF_TOO_YOUNG if staff else _GUARDIAN_TOO_YOUNG))

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
            return member.birthday
        return guardian.birthday


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
