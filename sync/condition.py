"""What the publisher leaves beside its outbox for `qaqpa-sync status`, which is another process."""

from datetime import datetime
from pathlib import Path

import msgspec
import structlog

from edge.errors import ConfigError
from sync.files import replace

log = structlog.get_logger()


class Condition(msgspec.Struct, frozen=True):
    """As it was when the publisher last came online, and why it ended for good since then."""

    broker_certificate_ends: datetime | None = None
    stopped: str | None = None
    stopped_at: datetime | None = None


def read(outbox: Path) -> Condition:
    """Of the publisher of this outbox; nothing is known before its first connection. Raises ConfigError."""
    path = _beside(outbox)
    try:
        return msgspec.json.decode(path.read_bytes(), type=Condition)
    except FileNotFoundError:
        return Condition()
    except (OSError, msgspec.MsgspecError) as error:
        raise ConfigError(f"cannot read {path}", "Check its rights, or remove it: it is made anew") from error


def note(outbox: Path, condition: Condition) -> None:
    """Durable when it returns. A failure is told and never stops the publisher."""
    try:
        replace(_beside(outbox), msgspec.json.encode(condition), 0o640)
    except ConfigError as error:
        log.warning("the publisher's condition is not kept", problem=str(error))


def _beside(outbox: Path) -> Path:
    return outbox.with_name(f"{outbox.name}.publisher")
