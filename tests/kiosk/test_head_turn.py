"""Enrolment with the challenge: the child who turns is enrolled, a picture and a wrong turn are not."""

import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.audit import verify
from edge.match.score import score_of
from edge.vision.engine_choice import DEFAULTS, EngineName
from edge.vision.face import Metric, Vector
from edge.vision.frame import Image
from edge.vision.pad.challenge import LONGEST, Side
from enrollment.head_turn import ChallengeFailed, vectors_of_turning_head
from tests.gate.parts import PUPILS, engine_or_skip, picture
from tests.kiosk.actor import Actor
from tests.kiosk.test_kiosk import ROSTER, Kiosk
from tests.pad.heads import View
from tests.pad.turned import held, turn_of

TURN = PUPILS / "p13" / "turn"
THRESHOLD = DEFAULTS[EngineName.SFACE].point(1).threshold


@pytest.fixture
def kiosk(tmp_path: Path) -> Kiosk:
    made = Kiosk(tmp_path)
    made.ok("init")
    made.ok("enroll", "roster", made.roster(ROSTER))
    made.ok(*made.consent())
    return made


def show(kiosk: Kiosk, folder: Path) -> None:
    """Put somebody before the camera who reads the screen."""
    command = json.dumps([sys.executable, "-m", "tests.kiosk.actor", str(kiosk.screen), str(folder)])
    before = kiosk.config.read_text().partition("[camera]")[0]
    kiosk.config.write_text(f'{before}[camera]\nsource = "command"\ncommand = {command}\n')


def patiently(kiosk: Kiosk) -> str:
    """What the command says, started again as staff would while a busy machine loses the face."""
    for _ in range(5):
        _, out, err = kiosk.run("enroll", "face", "S-1", "--camera", "--challenge")
        told = " ".join((out + err).split())
        if "out of sight" not in told and "in time" not in told:
            return told
    pytest.fail(told)


def test_a_child_who_turns_the_head_as_the_screen_says_is_enrolled(kiosk: Kiosk) -> None:
    engine_or_skip()
    show(kiosk, TURN)
    out = patiently(kiosk)
    assert "turn your head to your" in out
    assert "now look at the camera again" in out
    assert "Enrolled with 3 templates" in out
    trail = (kiosk.folder / "audit.jsonl").read_text()
    assert '"what":"enrolled"' in trail
    assert '"head_turned":true' in trail


def test_behind_a_mirroring_camera_nobody_is_enrolled_and_staff_learn_why(
    kiosk: Kiosk, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """The same pictures mirrored: as told to the left, the head turns to the right."""
    engine_or_skip()
    folder = tmp_path_factory.mktemp("mirrored")
    for path in TURN.glob("*.jpg"):
        cv2.imwrite(str(folder / path.name), cv2.flip(picture("p13", f"turn/{path.stem}"), 1))
    shutil.copy(TURN / "truth.json", folder)
    show(kiosk, folder)
    told = patiently(kiosk)
    assert "the head was turned to the other side" in told
    assert "the camera mirrors" in told
    trail = (kiosk.folder / "audit.jsonl").read_text()
    assert '"what":"enrolment_refused"' in trail
    assert '"reason":"challenge_wrong_side"' in trail
    with kiosk.vault() as vault:
        verify(kiosk.folder / "audit.jsonl", vault.audit_key)
        assert all(vault.templates.count(child) == 0 for child in vault.roster.all())


def test_pictures_cannot_be_challenged(kiosk: Kiosk) -> None:
    complaint = kiosk.complaint(
        "enroll", "face", "S-1", "--picture", PUPILS / "p13" / "enrol_1.jpg", "--challenge"
    )
    assert "Use --challenge with --camera" in complaint


def taken(actor: Actor, sides: tuple[Side, ...] = (Side.RIGHT, Side.LEFT)) -> list[Vector]:
    engine = engine_or_skip()
    return vectors_of_turning_head(
        engine, actor, 3, sides=sides, threshold=THRESHOLD, tell=actor.hear, clock=actor.clock
    )


def failure(pictures: Mapping[float, Image]) -> ChallengeFailed:
    with pytest.raises(ChallengeFailed) as caught:
        taken(Actor(pictures))
    return caught.value


def test_the_templates_are_the_straight_looks_of_the_one_who_turned() -> None:
    engine = engine_or_skip()
    vectors = taken(Actor(turn_of(TURN)))
    image = picture("p13", "enrol_1")
    straight = engine.embedder.embed(image, engine.detector.detect(image)[0])
    assert len(vectors) == 3
    assert min(score_of(straight, vector, Metric.COSINE) for vector in vectors) > 0.8


def test_a_print_turned_as_told_enrols_nothing() -> None:
    engine, image = engine_or_skip(), picture("p01", "enrol_1")
    box = engine.detector.detect(image)[0].box
    prints = {float(yaw): held(image, box, View(yaw), None) for yaw in range(-50, 51, 10)}
    failed = failure(prints)
    assert failed.reason == "challenge_too_slow"
    assert "was not seen to turn in time" in str(failed)


def test_a_print_held_up_while_straight_and_taken_away_to_turn_enrols_nothing() -> None:
    """The geometry is that of a head, but the face that is straight is another one's."""
    engine, pictures = engine_or_skip(), turn_of(TURN)
    nearest = min(pictures, key=abs)
    other = picture("p02", "enrol_1")
    start, end = (engine.detector.detect(image)[0].landmarks for image in (other, pictures[nearest]))
    matrix, _ = cv2.estimateAffinePartial2D(start, end, method=cv2.LMEDS)
    held_up = cv2.warpAffine(other, matrix, (640, 480), borderMode=cv2.BORDER_REPLICATE)
    failed = failure(pictures | {nearest: np.asarray(held_up, np.uint8)})
    assert failed.reason == "challenge_other_face"


def test_in_the_dark_the_child_is_told_so_and_is_not_asked_to_turn() -> None:
    dark = {yaw: np.asarray(image * 0.1, np.uint8) for yaw, image in turn_of(TURN).items()}
    actor = Actor(dark, period=0.4)  # not so slow that the face counts as lost
    with pytest.raises(ChallengeFailed, match="in time"):
        taken(actor)
    assert "look at the camera: too dark" in actor.told
    assert not any("turn" in text for text in actor.told)


def test_with_nobody_there_it_ends_by_itself() -> None:
    empty = np.full((480, 640, 3), 150, np.uint8)
    actor = Actor({0.0: empty}, period=1.0)
    with pytest.raises(ChallengeFailed, match="in time"):
        taken(actor)
    assert actor.at == pytest.approx(100 + LONGEST, abs=1.1)
