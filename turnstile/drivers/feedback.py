"""Whether a board does what it was told, as far as it says so. Pure; time is an argument.

No board has to answer. But one that answered rightly once must go on, and must not twice in a row say
something else than it was told: once may be noise, or an answer that a new command overtook.
"""

from collections.abc import Mapping

from edge.errors import TurnstileError

CHECK_SECONDS = 2.0
SETTLE_SECONDS = 0.1
ANSWER_SECONDS = 0.5
DOUBTS = 2


class Feedback:
    """Says when to ask a board how its relays stand, and judges what it says. Raises TurnstileError."""

    def __init__(self, board: str) -> None:
        self._board = board
        self._question: dict[int, bool] | None = None
        self._deadline = 0.0
        self._next = 0.0
        self._doubts = 0
        self._answered = False

    @property
    def answered(self) -> bool:
        """Whether this board ever gave a right answer."""
        return self._answered

    @property
    def waiting(self) -> bool:
        """Whether a question is open."""
        return self._question is not None

    def told(self, now: float) -> None:
        """The board got a command: what it says to an earlier question no longer counts."""
        self._question = None
        self._next = now + SETTLE_SECONDS

    def due(self, now: float) -> bool:
        """Whether it should be asked now."""
        return self._question is None and now >= self._next

    def asked(self, wanted: Mapping[int, bool], now: float) -> None:
        """It was asked how these channels stand."""
        self._question = dict(wanted)
        self._deadline = now + ANSWER_SECONDS
        self._next = now + CHECK_SECONDS

    def heard(self, states: Mapping[int, bool], now: float) -> None:
        """It said how channels stand, perhaps in several parts."""
        if self._question is None:
            return
        for channel, on in states.items():
            wanted = self._question.get(channel, on)
            if wanted is not on and self._answered:
                self._doubt(f"says that relay {channel} is {_word(on)}, it was told {_word(wanted)}", now)
                return
            if wanted is on:
                self._question.pop(channel, None)
        if not self._question:
            self._question = None
            self._doubts = 0
            self._answered = True

    def pass_time(self, now: float) -> None:
        """A question may have waited too long."""
        if self._question is None or now < self._deadline:
            return
        self._question = None
        if self._answered:
            self._doubt("no longer answers", now)

    def _doubt(self, problem: str, now: float) -> None:
        self._question = None
        self._next = now
        self._doubts += 1
        if self._doubts >= DOUBTS:
            self._doubts = 0
            raise TurnstileError(f"{self._board} {problem}", "Check its power and cable; else replace it")


def _word(on: bool) -> str:
    return "on" if on else "off"
