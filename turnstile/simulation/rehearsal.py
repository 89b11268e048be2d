"""Runs one lane of the real gate before a simulated queue: all but camera and turnstile is the product."""

import time
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID
from zoneinfo import ZoneInfo

from threadpoolctl import threadpool_limits

from edge.audit import AuditTrail
from edge.credentials.check import CredentialCheck
from edge.decide import Limits
from edge.domain.decisions import Decision
from edge.domain.events import Direction, Kind, Method
from edge.domain.ids import Slug
from edge.errors import ModelError
from edge.match.live import LiveGallery
from edge.recognise import Recogniser
from edge.vision.engine import load_engine
from edge.vision.engine_choice import EngineName
from edge.vision.pad.check import CheckName
from edge.vision.pad.load import load_pad
from edge.vision.pad.pad import Pad
from sync.outbox import Outbox
from turnstile.admission import Admission
from turnstile.announcer import Announcer, Place
from turnstile.assembly import strictness
from turnstile.attempt import Attempt, Patience
from turnstile.control import ControlServer
from turnstile.credential_desk import CredentialDesk
from turnstile.drivers.settings import SimulatedSettings
from turnstile.drivers.simulated import SimulatedTurnstile
from turnstile.gate import Gate, Timing
from turnstile.journal import Journal
from turnstile.lane import Lane
from turnstile.mode import Mode
from turnstile.pin_desk import PinDesk
from turnstile.service import GateService
from turnstile.simulation.queue import Arrival, QueueCamera, Visit
from turnstile.simulation.school import school_of
from turnstile.simulation.walks import Walker, read_walkers
from turnstile.staff_desk import StaffDesk
from turnstile.watch import Watch

CALIBRATION = "calibration.json"
"""In a folder of walks: how alike its people are, where that is more than real people are."""
_FPIR = 0.01
_GATE = Slug("lane")
_STRANGER_EVERY = 8
_GIVES_UP_SECONDS = 8.0


@dataclass(frozen=True, slots=True)
class Plan:
    """`people` arrive `per_minute` before a camera of `fps`, and need `passage` seconds in the turnstile."""

    walks: Path
    people: int
    per_minute: float
    fps: float
    passage: float
    engine: EngineName


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """What one lane did. `cpu`: processor seconds; `shown`: frames filmed; `given`: frames decided on."""

    visits: tuple[Visit, ...]
    seconds: float
    cpu: float
    shown: int
    given: int
    passed: int
    enrolled: int
    networks: bool


class _Listening(Journal):
    """Tells the camera of every verdict, as it is written down."""

    camera: QueueCamera
    passed = 0

    def grant(self, decision: Decision, direction: Direction, method: Method) -> UUID:
        event_id = super().grant(decision, direction, method)
        self.camera.verdict(decision.reason, time.monotonic())
        return event_id

    def refuse(self, decision: Decision, direction: Direction, method: Method) -> None:
        super().refuse(decision, direction, method)
        self.camera.verdict(decision.reason, time.monotonic())

    def settle(self, event_id: UUID, kind: Kind) -> None:
        super().settle(event_id, kind)
        self.passed += kind is Kind.PASSED


def rehearse(plan: Plan) -> Rehearsed:
    """Play the whole queue in real time. Raises ConfigError for a folder without walks, ModelError."""
    walkers = read_walkers(plan.walks)
    enrolled = [walker for number, walker in enumerate(walkers, 1) if number % _STRANGER_EVERY]
    pad, networks = _checks()
    with ExitStack() as parts:
        parts.enter_context(threadpool_limits(1, user_api="blas"))
        folder = Path(parts.enter_context(TemporaryDirectory(prefix="qaqpa-lane-")))
        engine = load_engine(plan.engine)
        vault = parts.enter_context(school_of(enrolled, folder, engine, datetime.now(UTC)))
        embedder = engine.embedder
        gallery = LiveGallery(vault, embedder.name, embedder.dimension, embedder.metric)
        gallery.refresh(datetime.now(UTC))
        audit = AuditTrail(folder / "audit.jsonl", vault.audit_key)
        parts.callback(audit.close)
        outbox = parts.enter_context(Outbox(folder / "outbox.db"))
        control = ControlServer(folder / "control")
        parts.callback(control.close)
        journal = _Listening(outbox, audit, Slug("rehearsal"), _GATE, lambda: True)
        turnstile = SimulatedTurnstile(SimulatedSettings(driver="simulated", walk_seconds=plan.passage))
        lane = Lane(Gate(Timing()), turnstile, turnstile, journal, Direction.IN)
        calibration = plan.walks / CALIBRATION
        asked = strictness(plan.engine, embedder.name, _FPIR, calibration if calibration.is_file() else None)
        recogniser = Recogniser(engine, gallery, asked, pad, Limits())
        admission = Admission(lane, journal)
        place = Place(_GATE, Direction.IN, faces=True, readers=False)
        announcer = Announcer(place, lane, outbox)
        desk = StaffDesk(
            gate=_GATE,
            zone=ZoneInfo("UTC"),
            lane=lane,
            admission=admission,
            journal=journal,
            announcer=announcer,
            vault=vault,
            pins=PinDesk(vault, journal),
        )
        camera = QueueCamera(_arrivals(plan, walkers, enrolled), plan.fps, _GIVES_UP_SECONDS)
        journal.camera = camera
        service = GateService(
            watch=Watch(camera, recogniser),
            recogniser=recogniser,
            attempt=Attempt(Patience()),
            lane=lane,
            journal=journal,
            control=control,
            desk=desk,
            admission=admission,
            credentials=CredentialDesk(
                readers=(),
                check=CredentialCheck(vault, Slug("rehearsal")),
                admission=admission,
                journal=journal,
                announcer=announcer,
                recogniser=recogniser,
                direction=Direction.IN,
                mode=Mode.IDENTIFY,
            ),
            announcer=announcer,
            direction=Direction.IN,
        )
        began, cpu = time.monotonic(), time.process_time()
        while not (camera.over and lane.may_grant(Direction.IN)):
            service.step()
        return Rehearsed(
            tuple(camera.visits),
            time.monotonic() - began,
            time.process_time() - cpu,
            camera.shown,
            camera.given,
            journal.passed,
            len(enrolled),
            networks,
        )


def _arrivals(plan: Plan, walkers: tuple[Walker, ...], enrolled: list[Walker]) -> list[Arrival]:
    known = {walker.name for walker in enrolled}
    turns = [walkers[number % len(walkers)] for number in range(plan.people)]
    gap = 60 / plan.per_minute
    return [Arrival(walker, walker.name in known, number * gap) for number, walker in enumerate(turns)]


def _checks() -> tuple[Pad, bool]:
    """Every check, or all but the networks where they are not installed: nothing real is opened here."""
    try:
        return load_pad(), True
    except ModelError:
        return load_pad(unsafe_leave_out={CheckName.MINIFASNET}), False
