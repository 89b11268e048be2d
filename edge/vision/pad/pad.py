"""The one rule that combines all checks: every one must agree that the face is live.

A check that is missing, broken or has seen nothing denies: presentation attack detection that does not work
means "card, please", never "pass".
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from edge.vision.pad.check import Check, Look, Observation
from edge.vision.pad.verdict import Finding, PadReason, PadVerdict

Answer = TypeVar("Answer")
_BROKEN = Finding(PadReason.CHECK_BROKEN, float("nan"))


@dataclass(frozen=True, slots=True)
class Pad:
    """The checks of a gate; an empty tuple denies everybody. Belongs to one thread."""

    checks: tuple[Check, ...]

    def begin(self) -> "PadTrack":
        """Follow a new person. Never raises: a check that cannot begin denies."""
        return PadTrack([(check.name, _guarded(check.begin, None)) for check in self.checks])

    def judge(self, looks: Sequence[Look]) -> PadVerdict:
        """The verdict on one person's frames, oldest first."""
        track = self.begin()
        for look in looks:
            track.add(look)
        return track.verdict()


class PadTrack:
    """All checks on one person; a check that raised once denies this person for good."""

    def __init__(self, observations: Sequence[tuple[str, Observation | None]]) -> None:
        self._names = [name for name, _ in observations]
        self._observations = [observation for _, observation in observations]

    def add(self, look: Look) -> None:
        """Hand the next frame to every check. Never raises."""
        for index, observation in enumerate(self._observations):
            if observation is not None and not _guarded(partial(_added, observation, look), False):
                self._observations[index] = None

    def verdict(self) -> PadVerdict:
        """What all checks say about the frames so far. Never raises."""
        if not self._observations:
            return PadVerdict(live=False, reasons=(PadReason.NO_CHECK,))
        against = [finding.reason for _, finding in self.findings() if finding.reason is not None]
        return PadVerdict(live=not against, reasons=tuple(dict.fromkeys(against)))

    def findings(self) -> tuple[tuple[str, Finding], ...]:
        """Each check's name and finding, for evaluation and for the technician."""
        return tuple(
            (name, _BROKEN if observation is None else _guarded(observation.finding, _BROKEN))
            for name, observation in zip(self._names, self._observations, strict=True)
        )


def _added(observation: Observation, look: Look) -> bool:
    observation.add(look)
    return True


def _guarded(call: Callable[[], Answer], otherwise: Answer) -> Answer:
    try:
        return call()
    except Exception:  # noqa: BLE001 - whatever breaks inside a check, the answer is "not live"
        return otherwise
