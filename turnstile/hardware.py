"""What a lane meets the world with: camera, turnstile, inputs, readers, lamps; opened and closed together."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from edge.vision.camera import Camera
from edge.vision.cameras.factory import open_camera
from turnstile.drivers.factory import open_turnstile
from turnstile.gate import Inputs, Turnstile
from turnstile.inputs.factory import open_inputs
from turnstile.readers.factory import open_readers
from turnstile.readers.ports import Reader
from turnstile.settings import GateSettings
from turnstile.signals.factory import open_signals
from turnstile.signals.ports import Signals


@dataclass(frozen=True, slots=True)
class Hardware:
    """The devices of one lane; `signals` is None where there are neither lamps nor a buzzer."""

    camera: Camera
    turnstile: Turnstile
    inputs: Inputs
    readers: Sequence[Reader]
    signals: Signals | None = None


@contextmanager
def named_hardware(settings: GateSettings) -> Iterator[Hardware]:
    """What the configuration names. One that is named but missing stops the start, and says why."""
    with ExitStack() as devices:
        camera = open_camera(settings.camera)
        devices.callback(camera.close)
        turnstile = open_turnstile(settings.turnstile)
        devices.callback(turnstile.close)
        inputs = open_inputs(settings.inputs, turnstile)
        devices.callback(inputs.close)
        readers = open_readers(settings.readers)
        for reader in readers:
            devices.callback(reader.close)
        signals = open_signals(settings.signals)
        if signals is not None:
            devices.callback(signals.close)
        yield Hardware(camera, turnstile, inputs, readers, signals)
