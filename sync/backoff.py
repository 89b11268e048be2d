"""Waiting times that grow, with jitter, so that a whole school does not come back in one instant."""

from collections.abc import Callable
from random import SystemRandom
from threading import Event

import structlog

from edge.errors import PeerExpired, QaqpaError

_JITTER = 0.25
_uniform = SystemRandom().uniform

log = structlog.get_logger()


class Backoff:
    """`next()` doubles from `first` to `longest` seconds, each within a quarter of its value."""

    def __init__(
        self, first: float, longest: float, uniform: Callable[[float, float], float] = _uniform
    ) -> None:
        self._first = first
        self._longest = longest
        self._uniform = uniform
        self._step = first

    def next(self) -> float:
        """Seconds to wait now."""
        step, self._step = self._step, min(self._step * 2, self._longest)
        return step * self._uniform(1 - _JITTER, 1 + _JITTER)

    def reset(self) -> None:
        """It works again: start from the first step."""
        self._step = self._first


def keep_trying(work: Callable[[], None], stop: Event, backoff: Backoff) -> None:
    """Do `work` again and again until `stop`; wait after errors that waiting may cure, raise the others."""
    while not stop.is_set():
        try:
            work()
        except QaqpaError as error:
            if not error.retryable:
                raise
            pause = backoff.next()
            tell = log.error if isinstance(error, PeerExpired) else log.warning
            tell("offline", problem=str(error), retry_in=round(pause, 1))
            stop.wait(pause)
