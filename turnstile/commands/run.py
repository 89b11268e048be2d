"""`qaqpa-gate run`: the gate's process."""

import signal
from threading import Event

import structlog

from edge.config import load
from turnstile.assembly import assembled
from turnstile.commands.staff import DEFAULT_CONFIG, Config
from turnstile.hardening import forbid_memory_dumps
from turnstile.logs import configure_logs
from turnstile.settings import GateSettings


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
