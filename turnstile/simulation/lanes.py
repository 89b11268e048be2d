"""One lane of a scenario: the product's own gate around simulated devices, on a clock of the replay's."""

import json
import sqlite3
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from edge.domain.decisions import Reason
from edge.domain.events import Direction
from edge.domain.ids import Slug
from turnstile.assembly import assembled
from turnstile.control import Answer, Request, ask
from turnstile.drivers.settings import SimulatedSettings
from turnstile.gate_messages import ExitRequested
from turnstile.gate_states import State
from turnstile.hardware import Hardware
from turnstile.readers.simulated import SimulatedReader
from turnstile.service import GateService
from turnstile.settings import GateSettings
from turnstile.simulation.scenario import Scenario
from turnstile.simulation.stage import StageCamera, WitnessedTurnstile
from turnstile.simulation.virtual import VirtualClock

VAULT, KEY, PRESENCE = "vault.db", "key", "presence.db"
CALIBRATION = "calibration.json"
"""In a folder of walks: how alike its people are, where that is more than real people are."""
GATES = {Direction.IN: "entry", Direction.OUT: "exit"}
_WALK_SECONDS, _SLOW_SECONDS = 1.5, 14.0
_FPIR = 0.01
_YIELD_SECONDS = 0.0005


@dataclass(frozen=True, slots=True)
class Ground:
    """What all lanes of a replay stand on; `left_out` are checks whose networks are not installed."""

    scenario: Scenario
    clock: VirtualClock
    walks: Path
    left_out: Sequence[str]


class ReplayedLane:
    """Devices that stay, and a gate that can be cut off in the middle and started again."""

    def __init__(self, ground: Ground, way: Direction) -> None:
        self.way = way
        self.camera = StageCamera(ground.clock)
        self.reader = SimulatedReader(Slug("reader"), ground.clock.monotonic)
        people = SimulatedSettings(driver="simulated", walk_seconds=_WALK_SECONDS, slow_seconds=_SLOW_SECONDS)
        self.turnstile = WitnessedTurnstile(people, ground.clock)
        self.turnstile.opens = self._opens
        self.opened_without_grant = 0
        self._ground = ground
        self._button = False
        self._gate = ExitStack()
        self._heard = 0
        self._staff = ThreadPoolExecutor(1)

    def start(self, folder: Path) -> None:
        """Assemble the gate on the files of a folder. Raises what a real start would raise."""
        self._settings = _settings(self._ground, self.way, folder)
        service = assembled(self._settings, self._ground.clock, self._devices)
        self._service: GateService = self._gate.enter_context(service)

    def drop(self) -> None:
        """Let go of the gate. What it writes in doing so goes into files that are looked at no more."""
        self._gate.close()

    @property
    def state(self) -> State:
        """Where the gate stands."""
        return self._service.state

    @property
    def audit(self) -> Path:
        """The audit trail as it is on the disk."""
        return self._settings.audit

    @property
    def outbox(self) -> Path:
        """The outbox as it is on the disk."""
        return self._settings.outbox

    def step(self) -> None:
        """One round of the gate's loop."""
        self._service.step()

    def press_exit(self) -> None:
        """Somebody inside presses the button to leave."""
        self._button = True
        self.turnstile.happen(ExitRequested(self._ground.clock.monotonic()))

    def ask(self, request: Request) -> Answer:
        """Ask as staff do, through the gate's socket; no time passes meanwhile."""
        asked = self._staff.submit(ask, self._settings.control, request)
        with self._ground.clock.held():
            while not asked.done():
                self.step()
                time.sleep(_YIELD_SECONDS)
        return asked.result()

    def decision(self) -> Reason | None:
        """The newest decision on the disk since the last call, where there is one."""
        with self.audit.open("rb") as trail:
            trail.seek(self._heard)
            lines = trail.readlines()
        self._heard += sum(map(len, lines))
        decisions = [record for line in lines if (record := json.loads(line))["what"] == "decision"]
        return Reason(decisions[-1]["reason"]) if decisions else None

    def close(self) -> None:
        """Stop."""
        self.drop()
        self._staff.shutdown()

    @contextmanager
    def _devices(self, _: GateSettings) -> Iterator[Hardware]:
        yield Hardware(self.camera, self.turnstile, self.turnstile, (self.reader,))
        self.turnstile.close()

    def _opens(self, direction: Direction) -> None:
        """At the very moment of a release its grant must be on the disk, or a button have asked for it."""
        with closing(sqlite3.connect(self.outbox)) as disk:
            (held,) = disk.execute("SELECT count(*) FROM held WHERE direction = ?", [direction]).fetchone()
        if held != 1 and not (self._button and direction is Direction.OUT):
            self.opened_without_grant += 1
        self._button = False


def _settings(ground: Ground, way: Direction, folder: Path) -> GateSettings:
    """As a technician would write it in `gate.toml`."""
    scenario, gate = ground.scenario, GATES[way]
    calibration = ground.walks / CALIBRATION
    return GateSettings.model_validate(
        {
            "profile": "unsafe_demo" if ground.left_out else "production",
            "school": scenario.school,
            "gate": gate,
            "direction": way,
            "zone": scenario.zone,
            "vault": {"path": folder / VAULT, "key": {"provider": "file", "key_file": folder / KEY}},
            "audit": folder / f"{gate}-audit.jsonl",
            "outbox": folder / f"{gate}-outbox.db",
            "control": folder / f"{gate}.control",
            "presence": folder / PRESENCE,
            "camera": {"source": "file", "path": ground.walks},
            "turnstile": {"driver": "simulated"},
            "inputs": {"source": "simulated"},
            "readers": [{"kind": "simulated", "name": "reader"}],
            "faces": {"fpir": _FPIR, "calibration": calibration if calibration.is_file() else None},
            "pad": {"unsafe_leave_out": ground.left_out},
            **{name: getattr(scenario.gate, name) for name in type(scenario.gate).model_fields},
        }
    )
