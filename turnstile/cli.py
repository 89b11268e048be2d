"""`qaqpa-gate`: run a gate, ask a running one, manage its models."""

from edge.command_line import run

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
    """Entry point."""
    run(ABOUT, COMMANDS)
