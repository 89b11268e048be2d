"""`qaqpa-hub`: the hub's command line."""

import sys

from edge.command_line import command_line
from sync import logs
from sync.process import guarded

ABOUT = "Receives attendance and tells the parents."
COMMANDS = {
    "run": "sync.hub.serve_cli:run",
    "ingest": "sync.hub.serve_cli:ingest",
    "notify": "sync.hub.serve_cli:notify",
    "web": "sync.hub.serve_cli:web",
    "attendance": "sync.hub.attendance_cli:attendance",
    "simulate-fleet": "sync.fleet.cli:simulate_fleet",
    "status": "sync.hub.watch_cli:status",
    "gaps": "sync.hub.watch_cli:show_gaps",
    "tail": "sync.hub.watch_cli:tail",
    "quarantine": "sync.hub.quarantine_cli:quarantine",
    "export": "sync.hub.export_cli:export",
    "report": "sync.hub.export_cli:report",
    "audit": "sync.hub.export_cli:audit",
    "directory": "sync.hub.directory_cli:app",
    "ca": "sync.hub.ca_cli:app",
    "broker": "sync.hub.broker_cli:app",
    "db": "sync.hub.db_cli:app",
    "webhook": "sync.hub.webhook_cli:app",
    "retention": "sync.hub.retention_cli:retention",
}


def main() -> None:
    """Entry point."""
    logs.configure()
    guarded(command_line(ABOUT, COMMANDS, sys.argv[1:]))
