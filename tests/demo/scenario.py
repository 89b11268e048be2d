"""The demo's script as typed steps."""

from pathlib import Path
from typing import Literal

from edge.config import Settings, load
from edge.domain.decisions import Reason
from turnstile.control import ManualReason


class Step(Settings):
    """One thing that happens; `expect` is the reason of every arrival's decision."""

    say: str
    arrive: tuple[str, ...] = ()
    expect: Reason | None = None
    release: str | None = None
    reason: ManualReason | None = None
    withdraw: str | None = None
    broker: Literal["kill", "start"] | None = None


class Scenario(Settings):
    """Everything the demo plays."""

    title: str
    school: str
    gate: str
    roster: tuple[str, ...]
    without_consent: tuple[str, ...]
    step: tuple[Step, ...]

    @property
    def consenting(self) -> tuple[str, ...]:
        """Pupils that are enrolled before the first step."""
        return tuple(pupil for pupil in self.roster if pupil not in self.without_consent)


def load_scenario(path: Path) -> Scenario:
    """Read a script. Raises ConfigError."""
    return load(path, Scenario)
