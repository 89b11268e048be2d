"""Codes that name nobody here, by the reader that read them: a bus card is a slip, thirty are guessing."""

from typing import Final

from edge.credentials.lockout import Lockout, LockoutRule

TIMES: Final = 6
"""So many times as many different codes lock a reader as wrong tries lock one credential."""


class Strangers:
    """Different codes of the last `forget_s` seconds; as many as the ceiling lock the reader.

    Each person whose credential is right begins the count anew, but only once in that time: whoever guesses
    cannot go on by showing a card of their own in between. Times are seconds of one monotonic clock.
    """

    def __init__(self, rule: LockoutRule) -> None:
        self._ceiling = TIMES * rule.tries
        self._window = rule.forget_s
        self._lockout = Lockout(rule.model_copy(update={"tries": 1}))
        self._shown: dict[str, dict[str, float]] = {}
        self._vouched: dict[str, float] = {}

    def locked(self, reader: str, at: float) -> bool:
        """Whether nothing counts at this reader now."""
        return self._lockout.locked(reader, at)

    def wrong(self, reader: str, code: str, at: float) -> None:
        """Somebody showed a code that names nobody; the same one again is still one."""
        shown = self._fresh(self._shown.get(reader, {}), at) | {code: at}
        if len(shown) >= self._ceiling:
            self._lockout.wrong(reader, at)
            shown = {}
        self._shown[reader] = shown

    def right(self, reader: str, holder: str, at: float) -> None:
        """Somebody showed a credential that is right."""
        self._vouched = self._fresh(self._vouched, at)
        voucher = f"{reader}/{holder}"
        if voucher in self._vouched:
            return
        self._vouched[voucher] = at
        self._shown.pop(reader, None)
        self._lockout.right(reader)

    def _fresh(self, seen: dict[str, float], at: float) -> dict[str, float]:
        return {key: when for key, when in seen.items() if at - when <= self._window}
