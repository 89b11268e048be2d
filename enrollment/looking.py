"""Who looked at whose record: a line in the audit trail for every command that shows one."""

import os
import pwd
from collections.abc import Iterable
from datetime import datetime

from edge.audit import AuditTrail
from edge.domain.ids import ChildId


def who() -> str:
    """Whoever gave the command: the user of this device, also behind sudo. Staff have no log-in here."""
    asked = os.environ.get("SUDO_USER") if os.getuid() == 0 else None
    try:
        return asked or pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"uid {os.getuid()}"


def note_look(audit: AuditTrail, now: datetime, command: str, children: Iterable[ChildId] | None) -> None:
    """One line a child whose data the command shows; one line for the whole roster (None)."""
    if children is None:
        audit.record(now, "looked", command=command, by=who(), everybody=True)
    else:
        for child in children:
            audit.record(now, "looked", command=command, by=who(), child=child.value)
    audit.sync()
