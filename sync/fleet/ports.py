"""Ports and open files, of which a machine has only so many."""

import resource
import socket
from contextlib import ExitStack

from edge.errors import ConfigError

_SPARE = 200


def free_ports(count: int) -> list[int]:
    """Different ports that were free a moment ago, on the loopback address."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]


def allow_open_files(connections: int) -> None:
    """Raise this process' limit, which those that it starts inherit. Raises ConfigError."""
    needed = connections + _SPARE
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= needed or soft == resource.RLIM_INFINITY:
        return
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, max(hard, needed)))
    except (ValueError, OSError) as error:
        raise ConfigError(
            f"{connections} connections need {needed} open files, and this process may have {hard}",
            f"Ask for fewer --gates, or allow more and start again: ulimit -Hn {needed}",
        ) from error
