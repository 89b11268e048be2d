"""Builds the running gate from its configuration. A part that is named but missing stops the start."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias
from zoneinfo import ZoneInfo

import structlog
from threadpoolctl import threadpool_limits

from edge import device_clock
from edge.credentials.check import CredentialCheck
from edge.decide import Limits
from edge.domain.ids import ChildId
from edge.errors import ModelError
from edge.match.calibration import load_calibration
from edge.match.live import LiveGallery
from edge.match.threshold import Strictness
from edge.recognise import Recogniser
from edge.vault.vault import Vault
from edge.vision.engine import load_engine
from edge.vision.engine_choice import DEFAULTS, EngineName
from edge.vision.pad.load import load_pad
from edge.vision.pad.pad import Pad
from sync.outbox import Outbox
from turnstile.admission import Admission
from turnstile.announcer import Announcer, Place
from turnstile.attempt import Attempt
from turnstile.clock import SYSTEM, Clock
from turnstile.control import ControlServer
from turnstile.credential_desk import CredentialDesk
from turnstile.feed.server import FeedServer
from turnstile.gate import Gate
from turnstile.greeting import greeter
from turnstile.hardware import Hardware, named_hardware
from turnstile.interlock import Interlock
from turnstile.journal import Journal
from turnstile.lane import Lane
from turnstile.mode import Mode
from turnstile.only_process import only_process
from turnstile.pin_desk import PinDesk
from turnstile.presence import Presence
from turnstile.rules import Rules
from turnstile.scorebook import Scorebook
from turnstile.service import GateService
from turnstile.settings import GateSettings
from turnstile.staff_desk import StaffDesk
from turnstile.trail_end import TrailEnd
from turnstile.trendbook import Trendbook
from turnstile.watch import Watch

log = structlog.get_logger()
OpenHardware: TypeAlias = Callable[[GateSettings], AbstractContextManager[Hardware]]


@contextmanager
def assembled(
    settings: GateSettings, clock: Clock = SYSTEM, open_hardware: OpenHardware = named_hardware
) -> Iterator[GateService]:
    """A gate ready to serve; everything it opened is closed afterwards, the devices first.

    A replay brings a clock and devices of its own; all else is the same.
    """
    with ExitStack() as parts:
        parts.enter_context(only_process(settings.outbox))
        # One probe against one matrix is over before a second thread has woken up.
        parts.enter_context(threadpool_limits(1, user_api="blas"))
        vault = parts.enter_context(Vault.open(settings.vault.path, settings.vault.key, now=clock.now()))
        trail_end = TrailEnd(vault, settings.audit, clock)
        parts.callback(trail_end.save)
        audit = vault.open_trail(settings.audit, trail_end.note)
        parts.callback(lambda: audit.close(clock.now()))
        outbox = parts.enter_context(Outbox(settings.outbox))
        outbox.settle_leftovers()
        engine = load_engine(settings.engine)
        faces = settings.faces
        asked = strictness(settings.engine, engine.embedder.name, faces.fpir, faces.calibration)
        gallery = LiveGallery(vault, engine.embedder.name, engine.embedder.dimension, engine.embedder.metric)
        gallery.refresh(clock.now())
        parts.callback(gallery.clear)
        control = ControlServer(settings.control)
        parts.callback(control.close)
        trends = Trendbook(vault, engine.embedder.name, clock)
        scorebook = Scorebook(settings.scores, engine.embedder.name, trends, clock)
        parts.callback(scorebook.save)
        presence = parts.enter_context(Presence(settings.presence)) if settings.presence else None
        if presence is not None:
            presence.catch_up(row.event for row in outbox.walk())
        interlock = Interlock(settings.interlock) if settings.interlock else None
        if interlock is not None:
            parts.callback(interlock.close)
        journal = Journal(
            outbox,
            audit,
            settings.school,
            settings.gate,
            device_clock.synchronised,
            presence=presence,
            trail_end=trail_end,
            clock=clock,
        )
        devices = parts.enter_context(open_hardware(settings))
        gate = Gate(settings.timing)
        lane = Lane(
            gate,
            devices.turnstile,
            devices.inputs,
            journal,
            settings.direction,
            interlock=interlock,
            clock=clock,
        )
        admission = Admission(lane, journal, _rules(settings, vault, presence), interlock, clock=clock)
        feed = FeedServer(settings.feed) if settings.feed else None
        if feed is not None:
            parts.callback(feed.close)
        announcer = Announcer(
            _place(settings),
            lane,
            outbox,
            feed=feed,
            signals=devices.signals,
            greet=greeter(settings.display, vault),
            clock=clock,
        )
        desk = StaffDesk(
            gate=settings.gate,
            zone=ZoneInfo(settings.zone),
            lane=lane,
            admission=admission,
            journal=journal,
            announcer=announcer,
            vault=vault,
            pins=PinDesk(vault, journal, settings.lockout),
            presence=presence,
            scorebook=scorebook,
            clock=clock,
        )
        desk.as_before()
        recogniser = Recogniser(engine, gallery, asked, _pad(settings), _limits(settings))
        yield GateService(
            watch=Watch(devices.camera, recogniser, clock),
            recogniser=recogniser,
            attempt=Attempt(settings.patience),
            lane=lane,
            journal=journal,
            control=control,
            desk=desk,
            admission=admission,
            credentials=CredentialDesk(
                readers=devices.readers,
                check=CredentialCheck(vault, settings.school, settings.lockout),
                admission=admission,
                journal=journal,
                announcer=announcer,
                recogniser=recogniser,
                direction=settings.direction,
                mode=settings.mode,
                clock=clock,
            ),
            announcer=announcer,
            direction=settings.direction,
            scorebook=scorebook,
            clock=clock,
        )


def _place(settings: GateSettings) -> Place:
    faces, readers = settings.mode is Mode.IDENTIFY, bool(settings.readers)
    return Place(settings.gate, settings.direction, faces=faces, readers=readers)


def _rules(settings: GateSettings, vault: Vault, presence: Presence | None) -> Rules:
    def group_of(child: ChildId) -> str | None:
        entry = vault.roster.child(child)
        return None if entry is None else entry.group

    rules = settings.rules
    return Rules(rules.schedule(), rules.passback_rule(), ZoneInfo(settings.zone), group_of, presence)


def strictness(engine: EngineName, embedder: str, fpir: float, calibration: Path | None) -> Strictness:
    """What the gate asks of a face: the engine's own tails, and the gate's if a person accepted one.

    Raises ConfigError for a calibration that is damaged or of another engine.
    """
    own = (load_calibration(calibration, embedder).tail,) if calibration else ()
    return replace(DEFAULTS[engine], fpir=fpir, tails=(*DEFAULTS[engine].tails, *own))


def _limits(settings: GateSettings) -> Limits:
    faces = settings.faces
    return Limits(max_age=faces.max_age, min_face=faces.min_face, agree=faces.agree, zone=faces.zone)


def _pad(settings: GateSettings) -> Pad:
    """The checks, or none, which denies everybody: a gate without them still serves cards and staff."""
    left_out = settings.pad.unsafe_leave_out
    if left_out:
        log.warning("unsafe_demo", checks_left_out=sorted(left_out))
    try:
        return load_pad(depth=settings.pad.depth, unsafe_leave_out=left_out)
    except ModelError as error:
        log.error("pad", problem=str(error))
        return Pad(())
