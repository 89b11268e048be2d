"""One process a gate: a second would take its socket, write into its audit trail and end its open grants."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from edge.errors import ConfigError
from edge.file_lock import holder, taken


@contextmanager
def only_process(outbox: Path) -> Iterator[None]:
    """Be the gate of this outbox; the kernel ends it with the process, however that ends.

    The file beside the outbox stays when the gate ends, and means nothing then.

    Raises ConfigError while another process is that gate.
    """
    path = outbox.with_name(f"{outbox.name}.gate")
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise ConfigError(f"cannot write to {path.parent}: {error.strerror}", "Check its owner") from error
    try:
        if not taken(handle):
            raise ConfigError(
                f"this gate is running already: {holder(handle)} holds {path}",
                "Ask it with qaqpa-gate status, or stop it first (systemctl stop qaqpa-gate)",
            )
        yield
    finally:
        os.close(handle)
