"""`qaqpa-hub run`, `ingest`, `notify` and `web`: the hub's processes."""

from edge.config import load
from sync.hub.commands.options import DEFAULT_CONFIG, Config
from sync.hub.service import Role, serve
from sync.hub.settings import HubSettings
from sync.process import stop_on_signal


def run(config: Config = DEFAULT_CONFIG) -> None:
    """Serve until stopped: ingest, notify and web in one. Ends with 3 where a person must act."""
    serve(load(config, HubSettings), list(Role), stop_on_signal())


def ingest(config: Config = DEFAULT_CONFIG) -> None:
    """Only store and confirm what gates report, until stopped. Run as many as there are cores to spare."""
    serve(load(config, HubSettings), [Role.INGEST], stop_on_signal())


def notify(config: Config = DEFAULT_CONFIG) -> None:
    """Only tell guardians and the webhook, until stopped. With PostgreSQL there may be several."""
    serve(load(config, HubSettings), [Role.NOTIFY, Role.WEBHOOK], stop_on_signal())


def web(config: Config = DEFAULT_CONFIG) -> None:
    """Only the pages, the monitor's numbers and Home Assistant, until stopped."""
    serve(load(config, HubSettings), [Role.WEB, Role.HOME_ASSISTANT], stop_on_signal())
