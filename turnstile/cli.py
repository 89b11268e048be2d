"""`qaqpa-gate`: run a gate, ask a running one, manage its models."""

import sys

from rich.console import Console

from edge.command_line import command_line
from edge.errors import ConfigError, QaqpaError

ABOUT = (
    "The gate: camera, recognition and turnstile of one lane.\n\n"
    "First time: 'qaqpa-gate models install', then 'qaqpa-gate run --config gate.toml'."
)
COMMANDS = {
    "run": "turnstile.run_cli:run",
    "calibrate": "turnstile.calibrate_cli:calibrate",
    "evaluate": "turnstile.evaluate_cli:evaluate_command",
    "evaluate-pad": "turnstile.pad_cli:evaluate_pad",
    "bench-lane": "turnstile.bench_lane_cli:bench_lane",
    "simulate": "turnstile.replay_cli:simulate",
    "doctor": "turnstile.doctor_cli:doctor",
    "display": "turnstile.display_cli:display",
    "monitor": "turnstile.monitor_cli:monitor",
    "release": "turnstile.staff_cli:release",
    "status": "turnstile.staff_cli:status",
    "reset": "turnstile.staff_cli:reset",
    "hold": "turnstile.staff_cli:hold",
    "close": "turnstile.staff_cli:close",
    "reopen": "turnstile.staff_cli:reopen",
    "evacuate": "turnstile.staff_cli:evacuate",
    "inside": "turnstile.staff_cli:inside",
    "forgive": "turnstile.staff_cli:forgive",
    "models": "turnstile.models_cli:app",
    "simulate-board": "turnstile.simulate_cli:app",
    "reader": "turnstile.readers_cli:app",
    "simulate-reader": "turnstile.simulate_reader_cli:app",
}


def main() -> None:
    """Entry point: one line for a known error, exit code 2 for bad configuration and 1 for the rest."""
    try:
        command_line(ABOUT, COMMANDS, sys.argv[1:])()
    except QaqpaError as error:
        Console(stderr=True).print(
            f"[red]{error.args[0]}.[/] {error.remedy}", highlight=False, soft_wrap=True
        )
        sys.exit(2 if isinstance(error, ConfigError) else 1)
