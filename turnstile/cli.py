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
    "run": "turnstile.commands.run:run",
    "calibrate": "turnstile.commands.calibrate:calibrate",
    "evaluate": "turnstile.commands.evaluate:evaluate_command",
    "evaluate-pad": "turnstile.commands.evaluate_pad:evaluate_pad",
    "bench-lane": "turnstile.commands.bench_lane:bench_lane",
    "simulate": "turnstile.commands.simulate:simulate",
    "doctor": "turnstile.commands.doctor:doctor",
    "display": "turnstile.commands.display:display",
    "monitor": "turnstile.commands.monitor:monitor",
    "release": "turnstile.commands.staff:release",
    "status": "turnstile.commands.staff:status",
    "reset": "turnstile.commands.staff:reset",
    "hold": "turnstile.commands.staff:hold",
    "close": "turnstile.commands.staff:close",
    "reopen": "turnstile.commands.staff:reopen",
    "evacuate": "turnstile.commands.staff:evacuate",
    "inside": "turnstile.commands.staff:inside",
    "forgive": "turnstile.commands.staff:forgive",
    "models": "turnstile.commands.models:app",
    "simulate-board": "turnstile.commands.simulate_board:app",
    "reader": "turnstile.commands.reader:app",
    "simulate-reader": "turnstile.commands.simulate_reader:app",
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
