from dataclasses import dataclass

import numpy as np
import pytest

from edge.vision.face import Face
from edge.vision.pad.check import Look, Observation
from edge.vision.pad.pad import Pad
from edge.vision.pad.verdict import EXPLANATIONS, Finding, PadReason, PadVerdict

LOOK = Look(np.zeros((9, 9, 3), np.uint8), Face((1, 1, 4, 4), np.zeros((5, 2), np.float32), 1.0), 0.0)


@dataclass
class Says:
    """A check that always answers the same, or raises where it is told to."""

    reason: PadReason | None = None
    breaks: str = ""
    name: str = "says"

    def begin(self) -> Observation:
        self._raise("begin")
        return self

    def add(self, look: Look) -> None:
        self._raise("add")

    def finding(self) -> Finding:
        self._raise("finding")
        return Finding(self.reason, 1.0)

    def _raise(self, step: str) -> None:
        if self.breaks == step:
            raise RuntimeError(step)


def test_a_gate_without_any_check_lets_nobody_pass_by_face() -> None:
    assert Pad(()).judge([LOOK]) == PadVerdict(live=False, reasons=(PadReason.NO_CHECK,))


def test_a_face_passes_when_every_check_agrees() -> None:
    assert Pad((Says(), Says())).judge([LOOK]).live


@pytest.mark.parametrize("step", ["begin", "add", "finding"])
def test_a_check_that_breaks_denies_whatever_the_others_say(step: str) -> None:
    verdict = Pad((Says(), Says(breaks=step))).judge([LOOK])
    assert verdict == PadVerdict(live=False, reasons=(PadReason.CHECK_BROKEN,))


def test_a_check_that_broke_on_one_frame_stays_broken_for_this_person() -> None:
    fragile = Says(breaks="add")
    track = Pad((fragile,)).begin()
    track.add(LOOK)
    fragile.breaks = ""
    track.add(LOOK)
    assert track.verdict().reasons == (PadReason.CHECK_BROKEN,)


def test_one_objection_is_enough_and_every_reason_is_told_once() -> None:
    picture, scene = Says(PadReason.LOOKS_LIKE_A_PICTURE), Says(PadReason.SCENE_MOVES_ALONG)
    verdict = Pad((Says(), picture, scene, picture)).judge([LOOK])
    assert verdict.reasons == (PadReason.LOOKS_LIKE_A_PICTURE, PadReason.SCENE_MOVES_ALONG)
    assert len(verdict.explanations) == 2


def test_every_reason_has_words_for_the_person_at_the_gate() -> None:
    assert set(EXPLANATIONS) == set(PadReason)


@pytest.mark.parametrize(("live", "reasons"), [(True, (PadReason.NO_CHECK,)), (False, ())])
def test_a_verdict_cannot_contradict_itself(live: bool, reasons: tuple[PadReason, ...]) -> None:
    with pytest.raises(ValueError, match="if and only if"):
        PadVerdict(live, reasons)
