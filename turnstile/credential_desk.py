"""Cards and QR codes at one lane: who shows one is admitted, told why not, or asked to face the camera."""

from collections.abc import Sequence
from dataclasses import dataclass

from edge.credentials.check import Answer, CardShown, CredentialCheck, QrShown, Shown
from edge.domain.credentials import Holder, Refusal
from edge.domain.decisions import Decision, Outcome, Reason
from edge.domain.events import Direction, Method
from edge.domain.ids import ChildId
from edge.errors import VaultError
from edge.recognise import Recogniser
from edge.vision.frame import Frame
from edge.vision.qr import read_codes
from turnstile.admission import Admission
from turnstile.announcer import Announcer
from turnstile.clock import SYSTEM, Clock
from turnstile.journal import Journal
from turnstile.mode import Mode
from turnstile.readers.ports import Reader

CAMERA = "camera"
CODE_SECONDS = 0.2
"""Between two looks for a QR code: about 4 ms each on a frame of 640 x 480 (docs/credentials.md)."""
WAIT_SECONDS = 3.0
"""How long a credential shown while another person passes is kept for its turn."""
AGAIN_SECONDS = 4.0
"""A code that is still held up after its answer is not shown anew."""
FACE_SECONDS = 8.0
"""In `verify`, how long the holder may take to look at the camera."""

REASONS: dict[Refusal, Reason] = {
    Refusal.OTHER_VERSION: Reason.CREDENTIAL_DAMAGED,
    Refusal.DAMAGED: Reason.CREDENTIAL_DAMAGED,
    Refusal.OTHER_SCHOOL: Reason.CREDENTIAL_OTHER_SCHOOL,
    Refusal.WRONG_SIGNATURE: Reason.CREDENTIAL_WRONG_SIGNATURE,
    Refusal.UNKNOWN: Reason.CREDENTIAL_UNKNOWN,
    Refusal.REVOKED: Reason.CREDENTIAL_REVOKED,
    Refusal.REPLACED: Reason.CREDENTIAL_REVOKED,
    Refusal.EXPIRED: Reason.CREDENTIAL_EXPIRED,
    Refusal.CLOCK_SET_BACK: Reason.CLOCK_SET_BACK,
    Refusal.LOCKED: Reason.CREDENTIAL_LOCKED,
    Refusal.VAULT_UNAVAILABLE: Reason.VAULT_UNAVAILABLE,
}


@dataclass(frozen=True, slots=True)
class _Presented:
    shown: Shown
    method: Method
    at: float
    reader: Reader | None = None


@dataclass(frozen=True, slots=True)
class _Awaited:
    """A holder whose credential was accepted and whose face is still to be compared."""

    child: ChildId
    presented: _Presented


class CredentialDesk:
    """Takes one credential at a time; belongs to the gate's loop."""

    def __init__(
        self,
        *,
        readers: Sequence[Reader],
        check: CredentialCheck,
        admission: Admission,
        journal: Journal,
        announcer: Announcer,
        recogniser: Recogniser,
        direction: Direction,
        mode: Mode,
        clock: Clock = SYSTEM,
    ) -> None:
        self._readers = {reader.name.value: reader for reader in readers}
        self._check = check
        self._admission = admission
        self._journal = journal
        self._announcer = announcer
        self._recogniser = recogniser
        self._direction = direction
        self._mode = mode
        self._clock = clock
        self._waiting: _Presented | None = None
        self._awaited: _Awaited | None = None
        self._answered: dict[Shown, float] = {}
        self._next_code = 0.0

    @property
    def wants_faces(self) -> bool:
        """Whether the face in view may be looked at now."""
        return self._mode is Mode.IDENTIFY or self._awaited is not None

    @property
    def awaits_face(self) -> bool:
        """Whether the holder of an accepted credential is to look at the camera now."""
        return self._awaited is not None

    def step(self) -> None:
        """Take what the readers read, and let time pass; never waits."""
        now = self._clock.monotonic()
        for reader in self._readers.values():
            for read in reader.poll():
                shown = CardShown(read.reader.value, read.number)
                self._present(_Presented(shown, Method.CARD, read.at, reader))
        if self._waiting is not None and now - self._waiting.at > WAIT_SECONDS:
            self._waiting = None
        if self._awaited is not None and now - self._awaited.presented.at > FACE_SECONDS:
            self._end_wait(Decision(Outcome.REFUSE, Reason.LOOK_AGAIN))
        if self._waiting is not None:
            self._serve(self._waiting, now)

    def see(self, frame: Frame) -> None:
        """Look for a QR code in a frame, some times a second."""
        if frame.captured < self._next_code:
            return
        self._next_code = frame.captured + CODE_SECONDS
        for text in read_codes(frame.image):
            self._present(_Presented(QrShown(CAMERA, text), Method.QR, self._clock.monotonic()))

    def decided(self, decision: Decision) -> Decision | None:
        """In `verify`, what the face of the awaited holder came to; None where nobody is awaited."""
        awaited = self._awaited
        if awaited is None:
            return None
        if decision.child != awaited.child:
            self._check.mismatch(awaited.presented.shown, self._clock.monotonic(), self._clock.now())
            self._end_wait(Decision(Outcome.REFUSE, decision.reason))
            return decision
        method = awaited.presented.method
        admitted = self._admission.admit(Reason.VERIFIED, awaited.child, self._direction, method)
        if admitted.outcome is not Outcome.WAIT:
            self._tell(awaited.presented, admitted)
            self._forget_awaited()
        return admitted

    def _present(self, presented: _Presented) -> None:
        if self._answered.get(presented.shown, float("-inf")) > presented.at:
            self._answered[presented.shown] = presented.at + AGAIN_SECONDS
        elif self._awaited is None:
            self._waiting = presented

    def _serve(self, presented: _Presented, now: float) -> None:
        if not self._admission.free(self._direction):
            return
        answer = self._check.check(presented.shown, now, self._clock.now())
        if answer is Refusal.NOT_A_PASS:  # a poster, a parcel: nobody meant the gate
            self._done(presented, now)
            return
        if self._mode is Mode.VERIFY and isinstance(answer, Holder):
            try:
                enrolled = self._recogniser.knows(answer.id, self._clock.now())
            except VaultError:  # whether a face is asked for cannot be told: then nothing opens
                answer, enrolled = Refusal.VAULT_UNAVAILABLE, False
            if enrolled and isinstance(answer, Holder):
                self._done(presented, now)
                self._awaited = _Awaited(answer.id, presented)
                self._recogniser.expect(answer.id)
                return
        decision = self._decision(answer, presented)
        if decision.outcome is Outcome.WAIT:
            self._announcer.saw(decision)
            return
        self._done(presented, now)
        self._tell(presented, decision)

    def _decision(self, answer: Answer, presented: _Presented) -> Decision:
        if isinstance(answer, Holder):
            return self._admission.admit(Reason.CREDENTIAL, answer.id, self._direction, presented.method)
        refused = Decision(Outcome.REFUSE, REASONS[answer])
        self._journal.refuse(refused, self._direction, presented.method)
        return refused

    def _done(self, presented: _Presented, now: float) -> None:
        self._waiting = None
        self._answered = {shown: until for shown, until in self._answered.items() if until > now}
        self._answered[presented.shown] = now + AGAIN_SECONDS

    def _end_wait(self, refused: Decision) -> None:
        assert self._awaited is not None  # noqa: S101 - both callers saw it
        presented = self._awaited.presented
        self._journal.refuse(refused, self._direction, presented.method)
        self._tell(presented, refused)
        self._forget_awaited()

    def _forget_awaited(self) -> None:
        self._awaited = None
        self._recogniser.expect(None)

    def _tell(self, presented: _Presented, decision: Decision) -> None:
        if presented.reader is not None:
            presented.reader.feedback(decision.outcome is Outcome.GRANT)
        self._announcer.decided(decision, self._direction)
