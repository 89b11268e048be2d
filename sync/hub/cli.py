"""`qaqpa-hub`: the hub's command line."""

import sys

from edge.command_line import command_line
from sync import logs
from sync.process import guarded

ABOUT = "Receives attendance and tells the parents."
COMMANDS = {
    "run": "sync.hub.commands.serve:run",
    "ingest": "sync.hub.commands.serve:ingest",
    "notify": "sync.hub.commands.serve:notify",
    "web": "sync.hub.commands.serve:web",
    "attendance": "sync.hub.commands.attendance:attendance",
    "simulate-fleet": "sync.fleet.cli:simulate_fleet",
    "status": "sync.hub.commands.watch:status",
    "gaps": "sync.hub.commands.watch:show_gaps",
    "tail": "sync.hub.commands.watch:tail",
    "quarantine": "sync.hub.commands.quarantine:quarantine",
    "export": "sync.hub.commands.export:export",
    "report": "sync.hub.commands.export:report",
    "audit": "sync.hub.commands.export:audit",
    "directory": "sync.hub.commands.directory:app",
    "ca": "sync.hub.commands.ca:app",
    "broker": "sync.hub.commands.broker:app",
    "db": "sync.hub.commands.db:app",
    "webhook": "sync.hub.commands.webhook:app",
    "retention": "sync.hub.commands.retention:retention",
}


def main() -> None:
    """Entry point."""
    logs.configure()
    guarded(command_line(ABOUT, COMMANDS, sys.argv[1:]))
