"""Runs the display's page until it is stopped."""

from pathlib import Path

import uvicorn

from edge.errors import ConfigError
from turnstile.display.app import LOOPBACK, create_app

_CONNECTIONS = 32
_STOP_SECONDS = 3


def serve(feed: Path, port: int) -> None:
    """Serve on loopback until Ctrl-C or SIGTERM. Raises ConfigError where the port is taken."""
    server = make_server(feed, port)
    server.run()
    if not server.started:
        raise ConfigError(f"cannot serve on port {port} of this device", "Choose another --port")


def make_server(feed: Path, port: int) -> uvicorn.Server:
    """Not running yet."""

    def stopping() -> bool:
        return server.should_exit

    server = uvicorn.Server(
        uvicorn.Config(
            create_app(feed, stopping),
            host=LOOPBACK,
            port=port,
            log_level="warning",
            access_log=False,
            server_header=False,
            limit_concurrency=_CONNECTIONS,
            timeout_graceful_shutdown=_STOP_SECONDS,
        )
    )
    return server
