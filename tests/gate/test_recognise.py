"""The stages together on walks of rendered pupils: who is recognised, what is done once, what forgotten."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.decide import Limits
from edge.domain.decisions import Decision, Outcome, Reason
from edge.match.live import LiveGallery
from edge.recognise import Recogniser
from edge.vault.keys import FileKey
from edge.vault.vault import Vault
from edge.vision.embed import Views
from edge.vision.engine import Engine
from edge.vision.face import Face, Vector
from edge.vision.frame import Frame, Image
from edge.vision.pad.pad import Pad
from edge.vision.pad.surroundings import Surroundings
from edge.vision.quality.component import Hint
from edge.vision.zone import Zone
from tests.builders import KEY, child_id
from tests.gate.parts import RENDERED, TRUSTING, Trusting, engine_or_skip, enrol, picture, walk

ENROLLED = ("p02", "p05", "p12")
PERIOD = 0.1


class Counting:
    """The real embedder, which also says how often it was asked."""

    def __init__(self, engine: Engine) -> None:
        self._embedder = engine.embedder
        self.name, self.dimension, self.metric = (
            self._embedder.name,
            self._embedder.dimension,
            self._embedder.metric,
        )
        self.calls = 0

    def embed(self, image: Image, face: Face) -> Vector:
        self.calls += 1
        return self._embedder.embed(image, face)

    def views(self, image: Image, face: Face) -> Views:
        return self._embedder.views(image, face)


@pytest.fixture(scope="module")
def engine() -> Engine:
    return engine_or_skip()


@contextmanager
def recogniser(
    folder: Path, key: FileKey, engine: Engine, pad: Pad = TRUSTING, limits: Limits | None = None
) -> Iterator[tuple[Recogniser, Vault, Counting]]:
    counting = Counting(engine)
    with Vault.create(folder / "seen.db", key, KEY) as vault:
        enrol(vault, engine, ENROLLED)
        gallery = LiveGallery(vault, counting.name, counting.dimension, counting.metric)
        chosen = limits or Limits()
        yield Recogniser(replace(engine, embedder=counting), gallery, RENDERED, pad, chosen), vault, counting


def shown(eyes: Recogniser, pictures: Sequence[Image], begin: float = 0.0) -> list[Decision]:
    """The decisions on pictures that come every tenth of a second and are decided on at once."""
    frames = [Frame(image, begin + PERIOD * number) for number, image in enumerate(pictures)]
    return [eyes.decide(frame, frame.captured, datetime.now(UTC)) for frame in frames]


def test_a_pupil_who_walks_up_is_recognised_before_the_walk_ends(
    tmp_path: Path, key: FileKey, engine: Engine
) -> None:
    with recogniser(tmp_path, key, engine, Pad((Surroundings(),))) as (eyes, _, _):
        for number in (2, 5, 12):
            decisions = shown(eyes, walk(f"p{number:02d}"), begin=10.0 * number)
            assert decisions[0].reason is Reason.COME_CLOSER
            assert decisions[-1] == Decision(Outcome.GRANT, Reason.RECOGNISED, child_id(number))
            assert not any(decision.outcome is Outcome.REFUSE for decision in decisions)


def test_a_print_carried_as_the_pupil_walked_opens_nothing(
    tmp_path: Path, key: FileKey, engine: Engine
) -> None:
    """The very last frame, held up: the whole picture moves, and the room does not stand still behind it."""
    last = walk("p05")[-1]
    shifts = [np.array([[1, 0, 6.0 * step], [0, 1, 2.0 * step]], np.float32) for step in range(12)]
    moved = [cv2.warpAffine(last, by, (640, 480), borderMode=cv2.BORDER_REPLICATE) for by in shifts]
    with recogniser(tmp_path, key, engine, Pad((Surroundings(),))) as (eyes, _, _):
        decisions = shown(eyes, [image.astype(np.uint8) for image in moved])
        assert not any(decision.outcome is Outcome.GRANT for decision in decisions)
        assert decisions[-1] == Decision(Outcome.REFUSE, Reason.NOT_LIVE)


def test_one_frame_is_never_enough(tmp_path: Path, key: FileKey, engine: Engine) -> None:
    with recogniser(tmp_path, key, engine) as (eyes, _, _):
        first, second = shown(eyes, [picture("p05"), picture("p05")])
        assert first == Decision(Outcome.WAIT, Reason.LOOK_AGAIN)
        assert second.outcome is Outcome.GRANT


def test_of_someone_who_stands_still_only_a_few_frames_are_embedded(
    tmp_path: Path, key: FileKey, engine: Engine
) -> None:
    with recogniser(tmp_path, key, engine) as (eyes, _, counting):
        shown(eyes, [picture("p05")] * 8)
        assert counting.calls == 3
        shown(eyes, [picture("p05")] * 12, begin=0.8)
        assert counting.calls <= 8


def test_nobody_is_embedded_without_presentation_attack_detection(
    tmp_path: Path, key: FileKey, engine: Engine
) -> None:
    with recogniser(tmp_path, key, engine, Pad(())) as (eyes, _, counting):
        decisions = shown(eyes, walk("p05"))
        assert decisions[-1] == Decision(Outcome.REFUSE, Reason.PAD_UNAVAILABLE)
        assert counting.calls == 0


def test_a_check_that_breaks_means_card_and_never_pass(tmp_path: Path, key: FileKey, engine: Engine) -> None:
    class Breaking(Trusting):
        def add(self, look: object) -> None:
            raise RuntimeError("broken")

    with recogniser(tmp_path, key, engine, Pad((Surroundings(), Breaking()))) as (eyes, _, _):
        assert shown(eyes, walk("p05"))[-1] == Decision(Outcome.REFUSE, Reason.PAD_UNAVAILABLE)


def test_whoever_takes_the_place_of_another_is_not_let_in_as_the_other(
    tmp_path: Path, key: FileKey, engine: Engine
) -> None:
    """Another pupil steps in at the same place, under the same id: never again is the first one named."""
    with recogniser(tmp_path, key, engine) as (eyes, _, _):
        before = shown(eyes, [walk("p05")[11]] * 4)
        assert before[-1].child == child_id(5)
        after = shown(eyes, [walk("p12")[11]] * 40, begin=0.4)
        assert len(eyes._people) == 1
        assert {decision.child for decision in after[6:]} <= {None, child_id(12)}
        assert after[-1].child == child_id(12)


def test_after_a_verdict_everything_begins_anew(tmp_path: Path, key: FileKey, engine: Engine) -> None:
    with recogniser(tmp_path, key, engine) as (eyes, _, _):
        shown(eyes, [picture("p05")] * 2)
        eyes.forget()
        (decision,) = shown(eyes, [picture("p05")], begin=1.0)
        assert decision == Decision(Outcome.WAIT, Reason.LOOK_AGAIN)


def test_a_withdrawal_counts_for_frames_seen_before_it(tmp_path: Path, key: FileKey, engine: Engine) -> None:
    with recogniser(tmp_path, key, engine) as (eyes, vault, _):
        assert shown(eyes, [picture("p05")] * 2)[-1].outcome is Outcome.GRANT
        vault.withdraw(child_id(5), datetime.now(UTC))
        (decision,) = shown(eyes, [picture("p05")], begin=0.3)
        assert decision == Decision(Outcome.REFUSE, Reason.NOT_RECOGNISED)


def test_a_face_too_poor_to_embed_waits_with_a_hint(tmp_path: Path, key: FileKey, engine: Engine) -> None:
    dark = (picture("p05").astype(np.float32) * 0.04).astype(np.uint8)
    with recogniser(tmp_path, key, engine, limits=Limits(min_quality=0.9)) as (eyes, _, counting):
        decisions = shown(eyes, [np.maximum(dark, 8)] * 3)
        if engine.detector.detect(np.maximum(dark, 8)):
            assert decisions[-1] == Decision(Outcome.WAIT, Reason.LOOK_AGAIN)
            assert eyes.hint is Hint.TOO_DARK
        assert counting.calls == 0


def test_a_frame_that_is_old_or_was_seen_before_decides_nothing(
    tmp_path: Path, key: FileKey, engine: Engine
) -> None:
    stale = Decision(Outcome.WAIT, Reason.FRAME_STALE)
    with recogniser(tmp_path, key, engine) as (eyes, _, _):
        frame = Frame(picture("p05"), 10.0)
        assert eyes.decide(frame, 10.6, datetime.now(UTC)) == stale
        assert eyes.decide(frame, 10.1, datetime.now(UTC)).reason is Reason.LOOK_AGAIN
        assert eyes.decide(frame, 10.1, datetime.now(UTC)) == stale


def test_who_stands_outside_the_zone_is_neither_embedded_nor_told_to_step_aside(
    tmp_path: Path, key: FileKey, engine: Engine
) -> None:
    """A pupil at the lane beside this one stays unseen, and does not count as a second person here."""
    alone = picture("p05")
    beside = np.hstack([alone, picture("p12")])
    with recogniser(tmp_path, key, engine, limits=Limits(zone=Zone(right=0.5))) as (eyes, _, counting):
        assert shown(eyes, [beside] * 2)[-1] == Decision(Outcome.GRANT, Reason.RECOGNISED, child_id(5))
    (tmp_path / "other").mkdir()
    with recogniser(tmp_path / "other", key, engine, limits=Limits(zone=Zone(left=0.9))) as (
        eyes,
        _,
        counting,
    ):
        assert shown(eyes, [alone] * 3)[-1] == Decision(Outcome.WAIT, Reason.NO_FACE)
        assert counting.calls == 0


def test_who_looks_aside_is_not_embedded(tmp_path: Path, key: FileKey, engine: Engine) -> None:
    """Somebody who passes by, looking elsewhere, does not mean the gate."""
    aside = picture("p13", "turn/00")
    with recogniser(tmp_path, key, engine) as (eyes, _, counting):
        decisions = shown(eyes, [aside] * 3)
        assert counting.calls == 0
        assert {decision.outcome for decision in decisions} == {Outcome.WAIT}
