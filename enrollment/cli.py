"""`qaqpa-kiosk`: the commands of the enrolment desk."""

from edge.command_line import run
from edge.errors import ConfigError, ImageError

ABOUT = "Enrol people who agreed, or whose guardian did, and nobody else; passes and cards for everybody."
COMMANDS = {
    "init": "enrollment.commands.vault:init",
    "hub-key": "enrollment.commands.vault:hub_key",
    "rekey": "enrollment.commands.vault:rekey",
    "renew-templates": "enrollment.commands.vault:renew_templates",
    "receipt": "enrollment.commands.receipt:receipt",
    "device-key": "enrollment.commands.receipt:device_key",
    "verify-receipt": "enrollment.commands.receipt:verify_receipt_",
    "enroll": "enrollment.commands.enroll:enroll",
    "pass": "enrollment.commands.passes:pass_",
    "card": "enrollment.commands.card:card",
    "staff": "enrollment.commands.staff:staff",
    "policy": "enrollment.commands.policy:policy",
    "papers": "enrollment.commands.papers:papers",
    "audit": "enrollment.commands.audit:audit",
    "rights": "enrollment.commands.rights:rights",
    "guardian": "enrollment.commands.guardian:guardian",
    "retention": "enrollment.commands.retention:retention",
    "disclose": "enrollment.commands.disclose:disclose",
    "breach": "enrollment.commands.breach:breach",
}


def main() -> None:
    """Entry point."""
    run(ABOUT, COMMANDS, (ConfigError, ImageError))
