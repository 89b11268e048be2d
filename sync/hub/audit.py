"""Who took names or student numbers out of the hub: written down before they leave, never whose they were."""

import os
import pwd
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import insert, select

from sync.hub.database import Database
from sync.hub.schema import audit

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Note:
    """One such moment; `account` is the one of this machine that the person was logged in with."""

    at: datetime
    account: str
    action: str


def note(database: Database, action: str, now: datetime) -> None:
    """Into the database and the log. Raises SyncRetryable, and then nothing may leave."""
    account = os.environ.get("SUDO_USER") or _login()
    with database.write() as connection:
        connection.execute(insert(audit), [{"at": now, "account": account[:100], "action": action[:200]}])
    log.warning("names leave the hub", account=account, action=action)


def notes(database: Database) -> list[Note]:
    """All of them, the oldest first. Raises SyncRetryable."""
    query = select(audit.c.at, audit.c.account, audit.c.action).order_by(audit.c.id)
    with database.read() as connection:
        return [Note(*row) for row in connection.execute(query)]


def _login() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())
