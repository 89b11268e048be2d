"""`qaqpa-kiosk`: the commands of the enrolment desk."""

import sys

from rich.console import Console
from rich.markup import escape

from edge.command_line import command_line
from edge.errors import ConfigError, ImageError, QaqpaError

ABOUT = "Enrol people who agreed, or whose guardian did, and nobody else; passes and cards for everybody."
COMMANDS = {
    "init": "enrollment.vault_cli:init",
    "hub-key": "enrollment.vault_cli:hub_key",
    "rekey": "enrollment.vault_cli:rekey",
    "renew-templates": "enrollment.vault_cli:renew_templates",
    "receipt": "enrollment.receipt_cli:receipt",
    "device-key": "enrollment.receipt_cli:device_key",
    "verify-receipt": "enrollment.receipt_cli:verify_receipt_",
    "enroll": "enrollment.enroll_cli:enroll",
    "pass": "enrollment.pass_cli:pass_",
    "card": "enrollment.card_cli:card",
    "staff": "enrollment.staff_cli:staff",
    "policy": "enrollment.policy_cli:policy",
    "papers": "enrollment.papers_cli:papers",
    "audit": "enrollment.audit_cli:audit",
    "rights": "enrollment.rights_cli:rights",
    "guardian": "enrollment.guardian_cli:guardian",
    "retention": "enrollment.retention_cli:retention",
    "disclose": "enrollment.disclose_cli:disclose",
    "breach": "enrollment.breach_cli:breach",
}


def main() -> None:
    """Entry point: one line for a known error, exit code 2 for bad input and 1 for the rest."""
    try:
        command_line(ABOUT, COMMANDS, sys.argv[1:])()
    except QaqpaError as error:
        Console(stderr=True).print(
            f"[red]{escape(error.args[0])}.[/] {escape(error.remedy)}", highlight=False, soft_wrap=True
        )
        sys.exit(2 if isinstance(error, ConfigError | ImageError) else 1)
