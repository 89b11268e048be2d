"""`qaqpa-gate doctor`: tries every part of a gate in turn, and says what to do about each failure.

For a gate that is not running: cameras, boards and readers belong to one process at a time.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from zoneinfo import ZoneInfo

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from edge import device_clock
from edge.config import load
from edge.errors import CameraError, QaqpaError, TurnstileError, VaultError
from edge.policy.rights import Clock, State, pressing, state
from edge.vault.vault import Vault
from edge.vision.camera import is_black
from edge.vision.cameras.factory import open_camera
from edge.vision.engine import load_engine
from edge.vision.pad.load import load_pad
from sync.outbox import Outbox
from turnstile.control import StatusRequest, ask
from turnstile.drivers.factory import open_turnstile
from turnstile.gate_messages import FireAlarm
from turnstile.inputs.factory import open_inputs
from turnstile.readers.factory import open_reader
from turnstile.readers.settings import ReaderSettings
from turnstile.settings import GateSettings
from turnstile.staff_cli import DEFAULT_CONFIG, Config

FRAME_SECONDS = 5.0
INPUT_SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class Finding:
    """One part: whether it works, what was seen, and what to do if it does not."""

    part: str
    works: bool
    told: str
    remedy: str = ""


def doctor(config: Config = DEFAULT_CONFIG) -> None:
    """Try models, vault, PINs, camera, turnstile, inputs, readers, outbox and clock. No turnstile is opened.

    Exits with 1 if anything does not work. Stop the gate first: its parts belong to one process.
    """
    settings = load(config, GateSettings)
    _require_stopped(settings)
    findings = list(examine(settings))
    table = Table("", "part", "seen", "what to do", title=f"{settings.school}/{settings.gate}")
    for finding in findings:
        mark = "[green]✓[/]" if finding.works else "[red bold]✗[/]"
        table.add_row(mark, finding.part, escape(finding.told), escape(finding.remedy))
    Console(highlight=False).print(table)
    if not all(finding.works for finding in findings):
        raise typer.Exit(1)


def examine(settings: GateSettings) -> Iterator[Finding]:
    """Every part in turn; one that fails does not keep the others from being tried."""
    yield _tried("models", lambda: _models(settings))
    yield _tried("attack detection", lambda: _pad(settings))
    yield _tried("vault", lambda: _vault(settings))
    yield from _requests(settings)
    yield _tried("staff", lambda: _staff(settings))
    yield _tried("outbox", lambda: _outbox(settings))
    yield _tried("camera", lambda: _camera(settings))
    yield _tried("turnstile", lambda: _turnstile(settings))
    for reader in settings.readers:
        yield _tried(f"reader {reader.name}", partial(_reader, reader))
    yield _clock()


def _tried(part: str, check: Callable[[], str]) -> Finding:
    try:
        return Finding(part, True, check())
    except QaqpaError as error:
        return Finding(part, False, str(error.args[0]), error.remedy)


def _models(settings: GateSettings) -> str:
    load_engine(settings.engine)
    return f"{settings.engine.value} loads"


def _pad(settings: GateSettings) -> str:
    left_out = settings.pad.unsafe_leave_out
    load_pad(depth=settings.pad.depth, unsafe_leave_out=left_out)
    if left_out:
        return f"unsafe, for a demonstration: without {', '.join(sorted(left_out))}"
    return "all checks load"


def _vault(settings: GateSettings) -> str:
    now = datetime.now(UTC)
    with Vault.open(settings.vault.path, settings.vault.key, now=now) as vault:
        return f"opens; {len(vault.roster.all())} on the roster"


def _staff(settings: GateSettings) -> str:
    with Vault.open(settings.vault.path, settings.vault.key, now=datetime.now(UTC)) as vault:
        count = len(vault.pins.holders())
    if not count:
        raise VaultError(
            "nobody has a PIN, so nobody can be let in by hand", "Set one with: qaqpa-kiosk staff pin NUMBER"
        )
    return f"{count} with a PIN"


def _requests(settings: GateSettings) -> Iterator[Finding]:
    """What people asked about their data; a vault that does not open was told about already."""
    now, clock = datetime.now(UTC), Clock(ZoneInfo(settings.zone))
    try:
        with Vault.open(settings.vault.path, settings.vault.key, now=now) as vault:
            waiting = vault.requests.still_open()
    except QaqpaError:
        return
    line = pressing(waiting, now, clock)
    in_order = all(state(request, now, clock) is not State.OVERDUE for request in waiting)
    remedy = "Answer at the kiosk; see there: qaqpa-kiosk rights list" if line else ""
    yield Finding("requests", in_order, line or f"{len(waiting)} open, none of them urgent", remedy)


def _outbox(settings: GateSettings) -> str:
    with Outbox(settings.outbox) as outbox:
        backlog = outbox.backlog()
    if backlog.oldest is None:
        return "empty"
    return f"{backlog.count} events wait, the oldest since {backlog.oldest:%Y-%m-%d %H:%M} UTC"


def _camera(settings: GateSettings) -> str:
    camera = open_camera(settings.camera)
    try:
        frame = camera.newest(FRAME_SECONDS)
    finally:
        camera.close()
    if frame is None:
        raise CameraError(f"no picture within {FRAME_SECONDS:.0f} s", "Check its cable and its settings")
    if is_black(frame.image):
        raise CameraError("the picture is black", "Take the cap off the lens, or switch a light on")
    height, width = frame.image.shape[:2]
    return f"{width} x {height}"


def _turnstile(settings: GateSettings) -> str:
    with _opened(settings) as signals:
        if FireAlarm() in signals:
            raise TurnstileError(
                "the fire input is on", "Look at the fire panel, then at the wire: it is normally closed"
            )
    return f"{settings.turnstile.driver} answers or needs no answer; its inputs are quiet"


@contextmanager
def _opened(settings: GateSettings) -> Iterator[list[object]]:
    turnstile = open_turnstile(settings.turnstile)
    try:
        inputs = open_inputs(settings.inputs, turnstile)
        try:
            turnstile.lock()
            time.sleep(INPUT_SECONDS)
            yield list(inputs.poll())
        finally:
            inputs.close()
    finally:
        turnstile.close()


def _reader(settings: ReaderSettings) -> str:
    reader = open_reader(settings)
    try:
        if reader.problem is not None:
            raise reader.problem
        return "ready"
    finally:
        reader.close()


def _clock() -> Finding:
    told = datetime.now(UTC).isoformat(timespec="seconds")
    if device_clock.synchronised():
        return Finding("clock", True, f"synchronised: {told}")
    remedy = "Connect a time service (timedatectl); events say until then that the time is not certain"
    return Finding("clock", False, f"not synchronised: {told}", remedy)


def _require_stopped(settings: GateSettings) -> None:
    try:
        ask(settings.control, StatusRequest())
    except TurnstileError:
        return
    raise TurnstileError("this gate is running", "Ask it with: qaqpa-gate status. Or stop it first")
