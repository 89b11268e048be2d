"""What was read at a gate becomes a holder, or the reason why it opens nothing. It needs no network.

A wrong try counts against what was shown. What names nobody here counts against the reader too, which bears
far more: a wallet full of bus cards locks nobody out, and numbers cannot be guessed.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from secrets import token_bytes
from typing import Final, TypeAlias

from edge.credentials import card
from edge.credentials.lockout import Lockout, LockoutRule
from edge.credentials.qr_pass import QrPass, authenticate
from edge.credentials.strangers import Strangers
from edge.domain.credentials import Holder, Refusal
from edge.domain.ids import Slug
from edge.errors import QaqpaError
from edge.vault.credentials import Credential
from edge.vault.vault import Vault

HELD_SECONDS: Final = 2.0
"""Read again within this time, a code is still the same one held to the reader: one try, not ten."""


@dataclass(frozen=True, slots=True)
class QrShown:
    """Text of a QR code that a camera or a scanner read."""

    reader: str
    text: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class CardShown:
    """Number of a card that was held to a reader: big-endian bytes."""

    reader: str
    number: bytes = field(repr=False)


Shown: TypeAlias = QrShown | CardShown
Answer: TypeAlias = Holder | Refusal


@dataclass(frozen=True, slots=True)
class _Judged:
    """An answer, and what a wrong try counts against; a stranger's code counts against the reader too."""

    answer: Answer
    against: str
    strange: bool = False


class CredentialCheck:
    """One for all readers of a device; belongs to one thread. The vault may change meanwhile."""

    def __init__(self, vault: Vault, school: Slug, rule: LockoutRule | None = None) -> None:
        self._vault = vault
        self._school = school
        self._lockout = Lockout(rule or LockoutRule())
        self._strangers = Strangers(rule or LockoutRule())
        self._strangers_key = token_bytes(32)
        self._held: dict[Shown, float] = {}
        self._latest: datetime | None = None

    def check(self, shown: Shown, at: float, now: datetime) -> Answer:
        """Say whose it is. `at` is the monotonic clock in seconds, `now` the time of day. Never raises."""
        held = self._still_held(shown, at)
        if self._strangers.locked(shown.reader, at):
            return Refusal.LOCKED
        judged = self._judged(shown, now)
        if self._lockout.locked(judged.against, at):
            return Refusal.LOCKED
        if isinstance(judged.answer, Holder):
            self._strangers.right(shown.reader, judged.answer.id.value, at)
        elif not held and _is_wrong(judged.answer):
            self._lockout.wrong(judged.against, at)
            if judged.strange:
                self._strangers.wrong(shown.reader, judged.against, at)
        return judged.answer

    def mismatch(self, shown: Shown, at: float, now: datetime) -> None:
        """Whoever showed this credential is not its holder (1:1 verification failed): a wrong try with it."""
        self._lockout.wrong(self._judged(shown, now).against, at)

    def _judged(self, shown: Shown, now: datetime) -> _Judged:
        try:
            self._vault.follow_key()
            latest = self._time_was(now)
            if isinstance(shown, QrShown):
                return self._pass(shown, latest, now)
            return self._card(shown, latest, now)
        except QaqpaError:
            return self._strange(Refusal.VAULT_UNAVAILABLE, shown)

    def _pass(self, shown: QrShown, latest: datetime, now: datetime) -> _Judged:
        # The key is asked for each time: after a theft it is another one, and old prints must end at once.
        said = authenticate(shown.text, self._vault.credentials.pass_verifier(), self._school)
        if not isinstance(said, QrPass):
            return self._strange(said, shown)
        held = self._vault.credentials.pass_(said.holder, said.issue)
        if held is None:
            return _Judged(Refusal.UNKNOWN, f"pass/{said.holder}/{said.issue}")
        return self._of(held, latest, now)

    def _card(self, shown: CardShown, latest: datetime, now: datetime) -> _Judged:
        if not 1 <= len(shown.number.lstrip(b"\0")) <= card.LONGEST:
            return self._strange(Refusal.DAMAGED, shown)
        held = self._vault.credentials.card(shown.number)
        return self._strange(Refusal.UNKNOWN, shown) if held is None else self._of(held, latest, now)

    def _of(self, held: Credential, latest: datetime, now: datetime) -> _Judged:
        refusal = held.refusal(latest)
        if refusal is Refusal.REVOKED and self._vault.credentials.live(held.holder.id, held.kind):
            refusal = Refusal.REPLACED
        elif refusal is Refusal.EXPIRED and held.refusal(now) is None:
            refusal = Refusal.CLOCK_SET_BACK
        return _Judged(refusal or held.holder, f"{held.kind}/{held.holder.id}/{held.issue}")

    def _strange(self, refusal: Refusal, shown: Shown) -> _Judged:
        """Remembered by a keyed hash alone, until the process ends."""
        code = (
            shown.text.encode(errors="replace") if isinstance(shown, QrShown) else shown.number.lstrip(b"\0")
        )
        hashed = hashlib.blake2b(code, key=self._strangers_key, digest_size=16).hexdigest()
        return _Judged(refusal, f"strange/{hashed}", strange=True)

    def _time_was(self, now: datetime) -> datetime:
        """The latest moment known to have been: a clock set back makes nothing valid again."""
        latest = self._latest or self._vault.credentials.newest_moment() or now
        self._latest = max(latest, now)
        return self._latest

    def _still_held(self, shown: Shown, at: float) -> bool:
        """Whether this very code was shown to this reader a moment ago."""
        self._held = {known: seen for known, seen in self._held.items() if at - seen <= HELD_SECONDS}
        again = shown in self._held
        self._held[shown] = at
        return again


def _is_wrong(answer: Answer) -> bool:
    """A code that does not even claim to be a pass is no try: a poster must not lock the reader.

    Nor is it anybody's fault that the vault cannot be read or the clock is wrong.
    """
    blameless = {Refusal.NOT_A_PASS, Refusal.VAULT_UNAVAILABLE, Refusal.CLOCK_SET_BACK}
    return isinstance(answer, Refusal) and answer not in blameless
