"""Five wrong tries lock what they were made with; every further lock is twice as long, up to a ceiling."""

from dataclasses import dataclass

from pydantic import Field

from edge.config import Settings


class LockoutRule(Settings):
    """`tries` wrong ones lock for `first_s` seconds, then twice that, at most `longest_s`.

    `forget_s`: seconds without a wrong try, counted from the end of a lock, after which all begins anew.
    """

    tries: int = Field(default=5, ge=1, le=100)
    first_s: float = Field(default=30, gt=0, le=600)
    longest_s: float = Field(default=900, gt=0, le=86_400)
    forget_s: float = Field(default=300, gt=0, le=86_400)

    def lasts(self, locks: int) -> float:
        """Seconds of the n-th lock in a row."""
        return min(self.first_s * 2.0 ** min(locks - 1, 64), self.longest_s)


@dataclass(slots=True)
class _Record:
    wrong: int = 0
    locks: int = 0
    until: float = float("-inf")
    last: float = float("-inf")


class Lockout:
    """Counts wrong tries by whatever key the caller names; times are seconds of one monotonic clock."""

    def __init__(self, rule: LockoutRule) -> None:
        self._rule = rule
        self._records: dict[str, _Record] = {}

    def locked(self, key: str, at: float) -> bool:
        """Whether nothing counts for this key now, not even a right try."""
        record = self._records.get(key)
        return record is not None and at < record.until

    def wrong(self, key: str, at: float) -> None:
        """Count one wrong try; one made during a lock changes nothing."""
        if self.locked(key, at):
            return
        self._forget(at)
        record = self._records.setdefault(key, _Record())
        record.wrong += 1
        record.last = at
        if record.wrong >= self._rule.tries:
            record.wrong = 0
            record.locks += 1
            record.until = record.last = at + self._rule.lasts(record.locks)

    def right(self, key: str) -> None:
        """A right try: earlier wrong ones were slips."""
        self._records.pop(key, None)

    def _forget(self, at: float) -> None:
        self._records = {
            key: record for key, record in self._records.items() if at - record.last <= self._rule.forget_s
        }
