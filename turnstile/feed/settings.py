"""Where viewers find the feed of a gate."""

from pathlib import Path

from edge.errors import ConfigError
from turnstile.settings import GateSettings


def feed_of(settings: GateSettings) -> Path:
    """Raises ConfigError for a gate that tells nobody."""
    if settings.feed is None:
        raise ConfigError(
            "this gate tells no viewer what it shows",
            'Add feed = "/run/qaqpa/gate.feed" to its configuration and start it again',
        )
    return settings.feed
