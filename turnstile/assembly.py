"""Builds the running gate from its configuration. A part that is named but missing stops the start."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime

from threadpoolctl import threadpool_limits

from edge.audit import AuditTrail
from edge.decide import Limits
from edge.match.live import LiveGallery
from edge.match.score import OperatingPoint
from edge.vault.vault import Vault
from edge.vision.cameras.factory import open_camera
from edge.vision.engine import DEFAULTS, load_engine
from sync.outbox import Outbox
from turnstile.attempt import Attempt
from turnstile.clock import clock_synchronised
from turnstile.control import ControlServer
from turnstile.drivers.factory import open_turnstile
from turnstile.gate import Gate
from turnstile.inputs.factory import open_inputs
from turnstile.journal import Journal
from turnstile.lane import Lane
from turnstile.scorebook import Scorebook
from turnstile.service import GateService
from turnstile.settings import GateSettings
from turnstile.trendbook import Trendbook
from turnstile.watch import Watch


@contextmanager
def assembled(settings: GateSettings) -> Iterator[GateService]:
    """A gate ready to serve; everything it opened is closed afterwards, the turnstile first."""
    with ExitStack() as parts:
        # One probe against one matrix is over before a second thread has woken up.
        parts.enter_context(threadpool_limits(1, user_api="blas"))
        vault = parts.enter_context(
            Vault.open(settings.vault.path, settings.vault.key, now=datetime.now(UTC))
        )
        audit = AuditTrail(settings.audit, vault.audit_key)
        parts.callback(audit.close)
        outbox = parts.enter_context(Outbox(settings.outbox))
        outbox.settle_leftovers()
        engine = load_engine(settings.engine)
        gallery = LiveGallery(vault, engine.embedder.name, engine.embedder.dimension, engine.embedder.metric)
        gallery.refresh(datetime.now(UTC))
        parts.callback(gallery.clear)
        camera = open_camera(settings.camera)
        parts.callback(camera.close)
        control = ControlServer(settings.control)
        parts.callback(control.close)
        turnstile = open_turnstile(settings.turnstile)
        parts.callback(turnstile.close)
        inputs = open_inputs(settings.inputs, turnstile)
        parts.callback(inputs.close)
        trends = Trendbook(vault, engine.embedder.name)
        scorebook = Scorebook(settings.scores, engine.embedder.name, trends)
        parts.callback(scorebook.save)
        journal = Journal(outbox, audit, settings.school, settings.gate, clock_synchronised)
        yield GateService(
            watch=Watch(camera, engine, gallery, _operating_point(settings), _limits(settings)),
            attempt=Attempt(settings.patience),
            lane=Lane(Gate(settings.timing), turnstile, inputs, journal, settings.direction),
            journal=journal,
            control=control,
            vault=vault,
            direction=settings.direction,
            scorebook=scorebook,
        )


def _operating_point(settings: GateSettings) -> OperatingPoint:
    point = DEFAULTS[settings.engine]
    return OperatingPoint(point.threshold + settings.faces.stricter_by, point.margin)


def _limits(settings: GateSettings) -> Limits:
    return Limits(max_age=settings.faces.max_age, min_face=settings.faces.min_face)
