"""Runs the display's page until it is stopped."""

import socket
from pathlib import Path

import uvicorn

from edge.errors import ConfigError
from turnstile.display.app import LOOPBACK, create_app

_CONNECTIONS = 32
_STOP_SECONDS = 3


def listen_on(port: int) -> socket.socket:
    """Take a port of this device, 0 for any that is free. Raises ConfigError."""
    try:
        return socket.create_server((LOOPBACK, port))
    except OSError as error:
        raise ConfigError(
            f"cannot serve on port {port} of this device: {error.strerror}", "Choose another --port"
        ) from error


def make_server(feed: Path) -> uvicorn.Server:
    """Not running yet; `run(sockets=[listen_on(port)])` serves until Ctrl-C or SIGTERM."""

    def stopping() -> bool:
        return server.should_exit

    server = uvicorn.Server(
        uvicorn.Config(
            create_app(feed, stopping),
            log_level="warning",
            access_log=False,
            server_header=False,
            limit_concurrency=_CONNECTIONS,
            timeout_graceful_shutdown=_STOP_SECONDS,
        )
    )
    return server
