"""Tries every part of a gate that is not running, and says what to do about each that does not work."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

from edge import audit, device_clock
from edge.config import Settings
from edge.errors import CameraError, QaqpaError, TurnstileError, VaultError
from edge.policy.rights import Clock, State, pressing, state
from edge.vault.vault import Vault
from edge.vision.camera import is_black
from edge.vision.cameras.factory import open_camera
from edge.vision.engine import load_engine
from edge.vision.pad.load import load_pad
from sync.outbox import Outbox
from turnstile.drivers.factory import open_turnstile
from turnstile.gate_messages import FireAlarm, ReadyLost, Signal, Tampered
from turnstile.inputs.factory import open_inputs
from turnstile.interlock import Interlock
from turnstile.local_socket import listen_at
from turnstile.presence import Presence
from turnstile.readers.factory import open_reader
from turnstile.readers.settings import ReaderSettings
from turnstile.settings import GateSettings
from turnstile.signals.factory import open_signals

FRAME_SECONDS = 5.0
INPUT_SECONDS = 0.5
_NUMBERED = re.compile(r"/dev/tty(USB|ACM)\d+")
_POLL_SECONDS = 0.01
_ON = {
    FireAlarm: ("the fire input is on", "Look at the fire panel, then at the wire: it is normally closed"),
    Tampered: ("the tamper contact is open", "Close the turnstile's housing, then look at the wire"),
    ReadyLost: (
        "the turnstile says that it is not ready",
        "Look at its power and its arms, then at the wire and at ready_closed",
    ),
}
"""What no input may say at a turnstile that stands ready."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One part: whether it works, what was seen, and what to do if it does not."""

    part: str
    works: bool
    told: str
    remedy: str = ""


def examine(settings: GateSettings) -> Iterator[Finding]:
    """Every part in turn; one that fails does not keep the others from being tried."""
    yield _tried("models", lambda: _models(settings))
    yield _tried("attack detection", lambda: _pad(settings))
    yield _tried("vault", lambda: _vault(settings))
    yield from _requests(settings)
    yield _tried("staff", lambda: _staff(settings))
    yield _tried("outbox", lambda: _outbox(settings))
    yield _tried("audit trail", lambda: _audit(settings))
    yield from _shared(settings)
    yield _tried("camera", lambda: _camera(settings))
    yield _tried("turnstile", lambda: _turnstile(settings))
    yield _tried("inputs", lambda: _inputs(settings))
    yield _tried("lamps and buzzer", lambda: _signals(settings))
    for reader in settings.readers:
        yield _tried(f"reader {reader.name}", partial(_reader, reader))
    yield _clock()


def _shared(settings: GateSettings) -> Iterator[Finding]:
    """The files and sockets by which the gate meets other lanes, staff and the display."""
    if settings.presence:
        yield _tried("who is inside", partial(_presence, settings.presence))
    if settings.interlock:
        yield _tried("interlock", partial(_interlock, settings.interlock))
    yield _tried("staff's socket", partial(_socket, settings.control, "control"))
    if settings.feed:
        yield _tried("display's socket", partial(_socket, settings.feed, "feed"))


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
    with closing(open_turnstile(settings.turnstile)) as turnstile:
        turnstile.lock()
    return f"{settings.turnstile.driver} answers or needs no answer{_fleeting(settings.turnstile)}"


def _fleeting(settings: Settings) -> str:
    port = getattr(settings, "port", None)
    if port is None or not _NUMBERED.fullmatch(str(port)):
        return ""
    return f"; {port} may be another device after a replug: name it as in ls -l /dev/serial/by-id"


def _inputs(settings: GateSettings) -> str:
    """Contacts are debounced, so a round or two says nothing yet."""
    heard: dict[type[Signal], None] = {}
    with (
        closing(open_turnstile(settings.turnstile)) as turnstile,
        closing(open_inputs(settings.inputs, turnstile)) as inputs,
    ):
        end = time.monotonic() + INPUT_SECONDS
        while time.monotonic() < end:
            turnstile.step()
            heard |= dict.fromkeys(map(type, inputs.poll()))
            time.sleep(_POLL_SECONDS)
    wrong = [_ON[kind] for kind in _ON if kind in heard]
    if wrong:
        told, remedies = zip(*wrong, strict=True)
        raise TurnstileError("; ".join(told), "; ".join(remedies))
    return "quiet"


def _signals(settings: GateSettings) -> str:
    signals = open_signals(settings.signals)
    if signals is None:
        return "neither lamps nor a buzzer"
    signals.close()
    return "ready"


def _audit(settings: GateSettings) -> str:
    with Vault.open(settings.vault.path, settings.vault.key, now=datetime.now(UTC)) as vault:
        known = vault.trail_ends.known(settings.audit)
        return f"whole: {audit.verify(settings.audit, vault.audit_key, known).records} lines"


def _presence(path: Path) -> str:
    if not path.exists():
        return "begins with the gate"
    with Presence(path):
        return "opens"


def _interlock(path: Path) -> str:
    Interlock(path).close()
    return "opens"


def _socket(path: Path, key: str) -> str:
    listen_at(path, key).close()
    path.unlink()
    return "can be made"


def _reader(settings: ReaderSettings) -> str:
    reader = open_reader(settings)
    try:
        if reader.problem is not None:
            raise reader.problem
        return f"ready{_fleeting(settings)}"
    finally:
        reader.close()


def _clock() -> Finding:
    told = datetime.now(UTC).isoformat(timespec="seconds")
    if device_clock.synchronised():
        return Finding("clock", True, f"synchronised: {told}")
    remedy = "Connect a time service (timedatectl); events say until then that the time is not certain"
    return Finding("clock", False, f"not synchronised: {told}", remedy)
