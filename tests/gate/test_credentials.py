"""Cards and QR passes at a running gate: as easy as a face, for a child without consent too."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import cv2
import numpy as np
import pytest

from edge.domain.credentials import CredentialKind, Holder, HolderKind
from edge.domain.events import Kind, Method
from edge.domain.ids import Slug
from edge.recognise import Recogniser
from edge.vault.keys import FileKey
from edge.vision.engine import Engine
from edge.vision.frame import Image
from edge.vision.qr import draw_code
from tests.builders import child, child_id, guardian
from tests.gate.parts import World, built_world, engine_or_skip, picture
from turnstile.clock import SystemClock
from turnstile.gate_states import State
from turnstile.mode import Mode
from turnstile.simulation.walks import empty_lane

WITHOUT_CONSENT = 50
CARD = b"\x01\x02\x03\x04"


@pytest.fixture(scope="module")
def engine() -> Engine:
    return engine_or_skip()


def a_world(folder: Path, key: FileKey, engine: Engine, mode: Mode) -> Iterator[World]:
    with built_world(folder, key, engine, ("p01", "p02"), mode=mode) as world:
        world.vault.roster.put(child(WITHOUT_CONSENT), [guardian(WITHOUT_CONSENT)])
        yield world


@pytest.fixture
def world(tmp_path: Path, key: FileKey, engine: Engine) -> Iterator[World]:
    yield from a_world(tmp_path, key, engine, Mode.IDENTIFY)


@pytest.fixture
def strict(tmp_path: Path, key: FileKey, engine: Engine) -> Iterator[World]:
    yield from a_world(tmp_path, key, engine, Mode.VERIFY)


def holder(number: int) -> Holder:
    return Holder(HolderKind.CHILD, child_id(number))


def give_card(world: World, number: int, card: bytes = CARD) -> None:
    world.vault.credentials.add_card(holder(number), card, datetime.now(UTC))


def pass_of(world: World, number: int, school: str = "school-7", days: int = 30) -> str:
    now = datetime.now(UTC).replace(microsecond=0)
    held = world.vault.credentials.issue_pass(holder(number), now + timedelta(days=days), now)
    return world.vault.credentials.pass_text(held, Slug(school))


def held_up(text: str) -> Image:
    """The code on paper before the camera, 200 pixels wide, in the empty lobby."""
    code = cv2.resize(np.where(draw_code(text), 20, 235).astype(np.uint8), (200, 200), interpolation=0)
    frame = empty_lane()
    frame[110:370, 180:440] = 235
    frame[140:340, 210:410] = code[:, :, None]
    return frame


def test_a_child_without_consent_passes_by_card_and_is_not_looked_at(world: World) -> None:
    give_card(world, WITHOUT_CONSENT)
    world.reader.present(CARD)
    world.serve_until(State.PASSED)
    (row,) = world.outbox.pending(10)
    expected = (Kind.PASSED, child_id(WITHOUT_CONSENT), Method.CARD)
    assert (row.event.kind, row.event.child, row.event.method) == expected
    assert world.reasons() == ["credential"]
    assert world.reader.shown == (True,)


def test_a_pass_on_paper_opens_and_is_told_apart_from_a_card(world: World) -> None:
    world.camera.shows = held_up(pass_of(world, WITHOUT_CONSENT))
    world.serve_until(State.PASSED)
    assert world.outbox.pending(10)[0].event.method is Method.QR


def test_a_code_that_is_still_held_up_opens_once(world: World) -> None:
    world.camera.shows = held_up(pass_of(world, WITHOUT_CONSENT))
    world.serve_until(State.PASSED)
    world.serve(20)
    assert world.reasons() == ["credential"]


def test_a_card_shown_while_another_child_passes_gets_its_turn(world: World) -> None:
    give_card(world, WITHOUT_CONSENT)
    world.camera.shows = picture("p01")
    world.serve_until(State.RELEASED)
    world.camera.shows = None
    world.reader.present(CARD)
    while len(world.reasons()) < 2:
        world.service.step()
    assert world.reasons() == ["recognised", "credential"]
    assert world.lane.state is State.RELEASED


def test_an_unknown_card_is_refused_with_its_reason_and_a_red_light(world: World) -> None:
    world.reader.present(b"\x09\x09")
    world.serve(5)
    assert world.lane.state is State.LOCKED
    assert world.reasons() == ["credential_unknown"]
    assert world.reader.shown == (False,)


@pytest.mark.parametrize(
    ("school", "days", "reason"),
    [("school-8", 30, "credential_other_school"), ("school-7", -1, "credential_expired")],
)
def test_a_pass_that_is_not_good_here_and_now_opens_nothing(
    world: World, school: str, days: int, reason: str
) -> None:
    text = pass_of(world, WITHOUT_CONSENT, school, max(days, 1))
    if days < 0:
        later = datetime.now(UTC) + timedelta(days=2)
        with patch.object(SystemClock, "now", return_value=later):
            world.camera.shows = held_up(text)
            world.serve(10)
    else:
        world.camera.shows = held_up(text)
        world.serve(10)
    assert world.lane.state is State.LOCKED
    assert world.reasons() == [reason]


def test_a_revoked_pass_and_a_forged_one_open_nothing(world: World) -> None:
    text = pass_of(world, WITHOUT_CONSENT)
    forged = text[:-1] + ("0" if text[-1] != "0" else "1")
    world.camera.shows = held_up(forged)
    world.serve(50)
    world.vault.credentials.revoke(child_id(WITHOUT_CONSENT), datetime.now(UTC), CredentialKind.QR)
    world.camera.shows = held_up(text)
    world.serve(50)
    assert world.lane.state is State.LOCKED
    assert world.reasons() == ["credential_wrong_signature", "credential_revoked"]


def test_a_poster_with_a_code_is_no_try(world: World) -> None:
    world.camera.shows = held_up("https://example.org/menu")
    world.serve(10)
    assert world.reasons() == []


def test_thirty_cards_of_nobodys_lock_the_reader_and_a_right_one_is_told_so(world: World) -> None:
    give_card(world, WITHOUT_CONSENT)
    for number in range(30):
        world.reader.present(bytes([0x20, number]))
        world.serve(2)
    world.reader.present(CARD)
    world.serve(3)
    assert world.reasons() == ["credential_unknown"] * 30 + ["credential_locked"]
    assert world.lane.state is State.LOCKED


def test_card_and_face_of_the_same_child_open_together(strict: World) -> None:
    give_card(strict, 1)
    strict.camera.shows = picture("p01")
    strict.serve(6)
    assert strict.reasons() == []  # a face alone is not looked at here
    strict.reader.present(CARD)
    strict.serve_until(State.PASSED)
    assert strict.reasons() == ["verified"]
    assert strict.outbox.pending(10)[0].event.method is Method.CARD


def test_a_borrowed_card_opens_nothing_for_another_face(strict: World) -> None:
    give_card(strict, 1)
    strict.camera.shows = picture("p02")
    strict.reader.present(CARD)
    strict.serve(30)
    assert strict.lane.state is State.LOCKED
    assert strict.reasons() == ["not_recognised"]
    assert strict.reader.shown == (False,)


def test_where_card_and_face_are_asked_for_a_child_without_consent_needs_the_card_only(strict: World) -> None:
    give_card(strict, WITHOUT_CONSENT)
    strict.camera.shows = picture("p02")
    with patch.object(Recogniser, "decide", side_effect=AssertionError("looked at a face")):
        strict.reader.present(CARD)
        strict.serve_until(State.PASSED)
    assert strict.reasons() == ["credential"]


def test_a_gate_for_credentials_only_looks_at_no_face(tmp_path: Path, key: FileKey, engine: Engine) -> None:
    for world in a_world(tmp_path, key, engine, Mode.CREDENTIAL_ONLY):
        world.camera.shows = picture("p01")
        with patch.object(Recogniser, "decide", side_effect=AssertionError("looked at a face")):
            world.serve(6)
            world.camera.shows = held_up(pass_of(world, 1))
            world.serve_until(State.PASSED)
        assert world.reasons() == ["credential"]


def test_a_reader_that_goes_away_and_comes_back_still_works(world: World) -> None:
    give_card(world, WITHOUT_CONSENT)
    world.reader.unplug()
    world.serve(3)
    world.reader.replug()
    world.reader.present(CARD)
    world.serve_until(State.PASSED)
