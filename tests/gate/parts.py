"""A gate from real parts: vault, outbox, audit, engine and turnstile; only the camera is the test's."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic, sleep
from zoneinfo import ZoneInfo

import cv2
import numpy as np
import pytest

from edge.audit import AuditTrail
from edge.credentials.check import CredentialCheck
from edge.decide import Limits
from edge.domain.events import Direction
from edge.domain.ids import Slug
from edge.errors import CameraError, ModelError
from edge.match.calibration import load_calibration
from edge.match.live import LiveGallery
from edge.policy import passback
from edge.policy.schedule import Schedule
from edge.recognise import Recogniser
from edge.vault.keys import FileKey
from edge.vault.vault import Vault
from edge.vision.engine import Engine, load_engine
from edge.vision.engine_choice import DEFAULTS, EngineName
from edge.vision.frame import Frame, Image
from edge.vision.pad.check import Look
from edge.vision.pad.pad import Pad
from edge.vision.pad.verdict import Finding
from sync.outbox import Outbox
from tests.builders import KEY, child, child_id, consent, guardian, put_member
from tests.demo.school import CALIBRATION
from turnstile.admission import Admission
from turnstile.announcer import Announcer, Place
from turnstile.attempt import Attempt, Patience
from turnstile.control import ControlServer
from turnstile.credential_desk import CredentialDesk
from turnstile.drivers.settings import SimulatedSettings
from turnstile.drivers.simulated import SimulatedTurnstile
from turnstile.feed.server import FeedServer
from turnstile.gate import Gate, Timing
from turnstile.gate_states import State
from turnstile.greeting import greeter
from turnstile.journal import Journal
from turnstile.lane import Lane
from turnstile.mode import Mode
from turnstile.pin_desk import PinDesk
from turnstile.presence import Presence
from turnstile.readers.simulated import SimulatedReader
from turnstile.rules import Rules
from turnstile.scorebook import Scorebook
from turnstile.service import GateService
from turnstile.settings import DisplaySettings
from turnstile.staff_desk import StaffDesk
from turnstile.trendbook import Trendbook
from turnstile.watch import Watch

PUPILS = Path(__file__).resolve().parents[1] / "pupils"
_STARTED = DEFAULTS[EngineName.SFACE]
# Rendered faces are more alike than people are.
RENDERED = replace(_STARTED, tails=(*_STARTED.tails, load_calibration(CALIBRATION, "sface-2021dec").tail))
ZONE = ZoneInfo("Asia/Almaty")
STAFF = "T-1"
PIN = "482915"
TIMING = Timing(release_seconds=1.0, passage_seconds=1.0)


class Trusting:
    """A check that takes everything for live: for tests with still pictures, which are about other things."""

    name = "trusting"

    def begin(self) -> "Trusting":
        return self

    def add(self, look: Look) -> None:
        """Nothing to remember."""

    def finding(self) -> Finding:
        return Finding(None, 1.0)


TRUSTING = Pad((Trusting(),))


class HandHeldCamera:
    """Shows what the test holds in front of it."""

    dropped = 0

    def __init__(self) -> None:
        self.shows: Image | CameraError | None = None
        self.age = 0.0

    def newest(self, timeout: float) -> Frame | None:
        """The picture, as if just taken; like any camera it is waited for."""
        if isinstance(self.shows, CameraError):
            raise self.shows
        sleep(min(timeout, 0.005))
        if self.shows is None:
            return None
        return Frame(self.shows, monotonic() - self.age)

    def close(self) -> None:
        """Nothing to let go of."""


@dataclass
class World:
    """Everything a test touches."""

    camera: HandHeldCamera
    service: GateService
    lane: Lane
    turnstile: SimulatedTurnstile
    vault: Vault
    outbox: Outbox
    audit: Path
    control: Path
    scorebook: Scorebook
    presence: Presence
    reader: SimulatedReader
    feed: Path

    def serve(self, rounds: int) -> None:
        """Some rounds of the gate's loop."""
        for _ in range(rounds):
            self.service.step()

    def serve_until(self, state: State, rounds: int = 400) -> None:
        """Rounds until the gate is in a state."""
        for _ in range(rounds):
            self.service.step()
            if self.lane.state is state:
                return
        pytest.fail(f"the gate stayed {self.lane.state}")

    def reasons(self) -> list[str]:
        """Reasons of all decisions so far, from the audit trail."""
        lines = self.audit.read_text("utf-8").splitlines()
        return [line.split('"reason":"')[1].split('"')[0] for line in lines if '"reason"' in line]


def picture(pupil: str, name: str = "gate_1") -> Image:
    """A rendered pupil."""
    image = cv2.imread(str(PUPILS / pupil / f"{name}.jpg"))
    assert image is not None
    return image.astype(np.uint8, copy=False)


def walk(pupil: str) -> list[Image]:
    """The frames of a rendered pupil who walks up, a tenth of a second apart."""
    return [picture(pupil, f"approach/{number:02d}") for number in range(12)]


def engine_or_skip() -> Engine:
    """The default engine, or a reason to skip."""
    try:
        return load_engine(EngineName.SFACE)
    except ModelError as error:
        pytest.skip(f"{error} (make models)")


def enrol(vault: Vault, engine: Engine, pupils: Sequence[str]) -> None:
    """Roster, consent and three templates for each pupil; p01 is child 1."""
    now = datetime.now(UTC)
    for pupil in pupils:
        number = int(pupil[1:])
        vault.roster.put(child(number), [guardian(number)])
        vault.consents.add(consent(number, given_at=now, expires_at=now + timedelta(days=300)))
        vectors = []
        for shot in ("enrol_1", "enrol_2", "enrol_3"):
            image = picture(pupil, shot)
            vectors.append(engine.embedder.views(image, engine.detector.detect(image)[0]).reference)
        vault.templates.add(child_id(number), f"c-{number}", engine.embedder.name, vectors, now)


def rules(presence: Presence) -> Rules:
    """Anti-passback for whoever came in within the last hour: the tests' people come once."""
    rule = passback.Passback(passback.Mode.TIMED, timedelta(hours=1))
    return Rules(Schedule({}), rule, ZONE, lambda _: "5A", presence)


@contextmanager
def built_world(
    folder: Path,
    key: FileKey,
    engine: Engine,
    pupils: Sequence[str],
    pad: Pad = TRUSTING,
    *,
    mode: Mode = Mode.IDENTIFY,
    first_name: bool = False,
) -> Iterator[World]:
    """A serving gate with these pupils enrolled."""
    with Vault.create(folder / "gate-vault.db", key, KEY) as vault, Outbox(folder / "outbox.db") as outbox:
        enrol(vault, engine, pupils)
        put_member(vault, pin=PIN)
        audit = AuditTrail(folder / "audit.jsonl", vault.audit_key)
        control = ControlServer(folder / "control")
        turnstile = SimulatedTurnstile(SimulatedSettings(driver="simulated", walk_seconds=0.05))
        embedder, camera = engine.embedder, HandHeldCamera()
        gallery = LiveGallery(vault, embedder.name, embedder.dimension, embedder.metric)
        presence = Presence(folder / "presence.db")
        journal = Journal(outbox, audit, Slug("school-7"), Slug("north"), lambda: True, presence=presence)
        trends = Trendbook(vault, embedder.name)
        scorebook = Scorebook(folder / "scores.json", embedder.name, trends)
        lane = Lane(Gate(TIMING), turnstile, turnstile, journal, Direction.IN)
        recogniser = Recogniser(engine, gallery, RENDERED, pad, Limits(min_face=60))
        reader = SimulatedReader(Slug("front"))
        admission = Admission(lane, journal, rules(presence))
        feed = FeedServer(folder / "feed")
        announcer = Announcer(
            Place(Slug("north"), Direction.IN, faces=mode is Mode.IDENTIFY, readers=True),
            lane,
            outbox,
            feed=feed,
            greet=greeter(DisplaySettings(first_name=first_name, given_name_word=1), vault),
        )
        desk = StaffDesk(
            gate=Slug("north"),
            zone=ZONE,
            lane=lane,
            admission=admission,
            journal=journal,
            announcer=announcer,
            vault=vault,
            pins=PinDesk(vault, journal),
            presence=presence,
            scorebook=scorebook,
        )
        service = GateService(
            watch=Watch(camera, recogniser),
            recogniser=recogniser,
            attempt=Attempt(Patience(refuse_frames=4)),
            lane=lane,
            journal=journal,
            control=control,
            desk=desk,
            admission=admission,
            credentials=CredentialDesk(
                readers=(reader,),
                check=CredentialCheck(vault, Slug("school-7")),
                admission=admission,
                journal=journal,
                announcer=announcer,
                recogniser=recogniser,
                direction=Direction.IN,
                mode=mode,
            ),
            announcer=announcer,
            direction=Direction.IN,
            scorebook=scorebook,
        )
        try:
            yield World(
                camera,
                service,
                lane,
                turnstile,
                vault,
                outbox,
                folder / "audit.jsonl",
                folder / "control",
                scorebook,
                presence,
                reader,
                folder / "feed",
            )
        finally:
            feed.close()
            presence.close()
            control.close()
            turnstile.close()
            audit.close()
