"""The server of the hub's pages; imported only by the process that has them."""

import uvicorn

from sync.hub.app import Live, create_app
from sync.hub.database import Database
from sync.hub.presence import Presence
from sync.hub.settings import HubSettings


def web_server(settings: HubSettings, database: Database, presence: Presence) -> uvicorn.Server:
    """Not running yet; it listens on the sockets that `run` is given."""
    live = Live(
        lambda: presence.online,
        lambda: dict(presence.gates),
        lambda: presence.broker_certificate_ends,
    )
    app = create_app(settings, database, live)
    return uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False))
