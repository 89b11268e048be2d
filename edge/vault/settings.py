"""The vault's section of a configuration file."""

from edge.config import AbsolutePath, Settings
from edge.vault.keys import KeySettings


class VaultSettings(Settings):
    """Where the vault is and what opens it."""

    path: AbsolutePath
    key: KeySettings
