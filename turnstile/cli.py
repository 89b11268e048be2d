"""`qaqpa-gate`: run a gate, ask a running one, manage its models."""

import signal
import sys
from threading import Event

import structlog
import typer
from rich.console import Console

from edge.config import load
from edge.errors import ConfigError, QaqpaError
from turnstile import models_cli, readers_cli, simulate_cli, simulate_reader_cli, staff_cli
from turnstile.assembly import assembled
from turnstile.bench_lane_cli import bench_lane
from turnstile.calibrate_cli import calibrate
from turnstile.display_cli import display
from turnstile.doctor_cli import doctor
from turnstile.evaluate_cli import evaluate_command
from turnstile.hardening import forbid_memory_dumps
from turnstile.logs import configure_logs
from turnstile.monitor_cli import monitor
from turnstile.pad_cli import evaluate_pad
from turnstile.replay_cli import simulate
from turnstile.settings import GateSettings
from turnstile.staff_cli import DEFAULT_CONFIG, Config

app = typer.Typer(
    help="The gate: camera, recognition and turnstile of one lane.\n\n"
    "First time: 'qaqpa-gate models install', then 'qaqpa-gate run --config gate.toml'.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,  # a traceback with local variables would show what must not be shown
)
app.add_typer(models_cli.app, name="models", help="Install, check and list the model weights.")
app.add_typer(
    simulate_cli.app, name="simulate-board", help="A relay board in software, for trying things out."
)
app.add_typer(readers_cli.app, name="reader", help="Keys and trials of card readers.")
app.add_typer(
    simulate_reader_cli.app, name="simulate-reader", help="A card reader in software, for trying things out."
)


@app.command()
def run(config: Config = DEFAULT_CONFIG) -> None:
    """Serve the lane until stopped (Ctrl-C or SIGTERM); then the turnstile is locked for entry."""
    configure_logs()
    forbid_memory_dumps()
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    settings = load(config, GateSettings)
    with assembled(settings) as service:
        structlog.get_logger().info("ready", gate=str(settings.gate))
        service.run(stop)


app.command()(calibrate)
app.command("evaluate")(evaluate_command)
app.command("evaluate-pad")(evaluate_pad)
app.command("bench-lane")(bench_lane)
app.command()(simulate)
app.command()(doctor)
app.command()(display)
app.command()(monitor)


for command in staff_cli.COMMANDS:
    app.command()(command)


def main() -> None:
    """Entry point: one line for a known error, exit code 2 for bad configuration and 1 for the rest."""
    try:
        app()
    except QaqpaError as error:
        Console(stderr=True).print(
            f"[red]{error.args[0]}.[/] {error.remedy}", highlight=False, soft_wrap=True
        )
        sys.exit(2 if isinstance(error, ConfigError) else 1)
