"""Who of the staff asks: a PIN is checked in a thread of its own, so that the gate goes on meanwhile."""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from secrets import token_hex

from edge.credentials.lockout import Lockout, LockoutRule
from edge.credentials.pin import hash_pin, matches
from edge.domain.ids import ChildId, pseudonym
from edge.domain.people import Role
from edge.vault.vault import Vault
from turnstile.control import Answer, Asked, SignedRequest
from turnstile.journal import Journal

_DESK = "desk"
_BUSY: Answer = {"error": "another PIN is being checked. Wait a moment and try again"}
_LOCKED: Answer = {"error": "too many wrong PINs. Wait half a minute, longer each time it happens"}
_WRONG: Answer = {
    "error": "this is no number of staff with its PIN. Set one with: qaqpa-kiosk staff pin NUMBER"
}


@dataclass(frozen=True, slots=True)
class _Check:
    asked: Asked
    request: SignedRequest
    member: ChildId | None
    right: Future[bool]


@dataclass(frozen=True, slots=True)
class Signed:
    """A request whose number and PIN were right, and whose they are."""

    asked: Asked
    request: SignedRequest
    member: ChildId


class PinDesk:
    """Belongs to the gate's loop; takes one check at a time, as the control socket does.

    A wrong PIN counts against the member, and against the desk, which bears twice as many: whoever tries one
    PIN on every number is locked out too. `at` is the monotonic clock in seconds.
    """

    def __init__(self, vault: Vault, journal: Journal, rule: LockoutRule | None = None) -> None:
        rule = rule or LockoutRule()
        self._vault = vault
        self._journal = journal
        self._of_members = Lockout(rule)
        self._of_desk = Lockout(rule.model_copy(update={"tries": 2 * rule.tries}))
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="pin")
        self._nobodys = hash_pin(token_hex())
        self._check: _Check | None = None

    def begin(self, asked: Asked, request: SignedRequest, at: float) -> Answer | None:
        """Start to check who signed; an answer at once where that cannot be. Raises VaultError."""
        if self._check is not None:
            return _BUSY
        member = self._member(request.staff)
        if self._locked(member, at):
            self._journal.note("pin_locked", staff=_id(member))
            return _LOCKED
        # Who has no PIN costs as much time as who has one: the answer tells nothing about a number.
        hashed = (self._vault.pins.hash_of(member) if member else None) or self._nobodys
        self._check = _Check(asked, request, member, self._worker.submit(matches, request.pin, hashed))
        return None

    def finished(self, at: float) -> Signed | None:
        """A request that was signed rightly, once; a wrong one is answered, counted and written down."""
        check = self._check
        if check is None or not check.right.done():
            return None
        self._check = None
        if check.member is not None and check.right.result():
            self._of_members.right(check.member.value)
            return Signed(check.asked, check.request, check.member)
        self._of_desk.wrong(_DESK, at)
        if check.member is not None:
            self._of_members.wrong(check.member.value, at)
        self._journal.note("pin_wrong", staff=_id(check.member))
        check.asked.answer(_WRONG)
        return None

    def _locked(self, member: ChildId | None, at: float) -> bool:
        of_member = member is not None and self._of_members.locked(member.value, at)
        return of_member or self._of_desk.locked(_DESK, at)

    def _member(self, number: str) -> ChildId | None:
        self._vault.follow_key()
        try:
            entry = self._vault.roster.child(pseudonym(self._vault.pseudonym_key, number))
        except ValueError:
            return None
        return entry.id if entry is not None and entry.role is Role.STAFF else None


def _id(member: ChildId | None) -> str | None:
    return None if member is None else member.value
