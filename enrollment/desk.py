"""What staff do at the kiosk, each act as one whole and with a line in the audit trail."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from edge.audit import AuditTrail
from edge.domain.blocks import Objection
from edge.domain.consent import Consent, Purpose
from edge.domain.erasure import Destruction
from edge.domain.ids import ChildId
from edge.match.live import LiveGallery
from edge.match.trend import Proposal
from edge.policy.standing import Block, agreed_until, standing
from edge.vault.vault import Vault
from edge.vision.embed import Embedder
from edge.vision.engine_choice import DEFAULTS
from edge.vision.face import Vector
from enrollment.consent_desk import ConsentDesk
from enrollment.finding import find_child
from enrollment.looking import note_look
from enrollment.opening import note, opened
from enrollment.policy_desk import Agreed, PolicyDesk
from enrollment.receipts import acknowledge
from enrollment.roster_desk import RosterDesk
from enrollment.settings import KioskSettings


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
        self.roster = RosterDesk(vault, audit, self.policies)
        self.consents = ConsentDesk(vault, audit, settings, self.policies)

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

    def _note(self, now: datetime, what: str, **details: str | int) -> None:
        note(self._audit, now, what, **details)


@contextmanager
def open_desk(settings: KioskSettings, now: datetime) -> Iterator[Desk]:
    """Open the vault for writing and the audit trail, and close both."""
    with opened(settings, now) as (vault, audit):
        yield Desk(vault, audit, settings)
