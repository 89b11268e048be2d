"""Sending one message to one address through Apprise: SMS, Telegram, e-mail and whatever else it knows."""

from functools import cache

import apprise

from sync.hub.messages import Text


def warm_up() -> None:
    """Apprise loads its hundred services at the first use, for a second: not while a parent waits."""
    is_address("json://localhost")


def is_address(url: str) -> bool:
    """Whether Apprise can send to this URL. Nothing is sent."""
    return apprise.Apprise.instantiate(url, asset=_asset()) is not None


def send(url: str, text: Text) -> bool:
    """Whether the service took the message; blocks for some seconds at worst."""
    sender = apprise.Apprise(asset=_asset())
    sender.add(url)
    try:
        return bool(sender.notify(title=text.title, body=text.body, body_format=apprise.NotifyFormat.TEXT))
    except Exception:  # noqa: BLE001 # a hundred services behind one call: any failure is "not delivered"
        return False


@cache
def _asset() -> apprise.AppriseAsset:
    return apprise.AppriseAsset(
        app_id="Qaqpa", app_desc="Qaqpa", app_url="", async_mode=False, secure_logging=True
    )
