"""Where the device key (KEK) comes from. The provider is named in the configuration, never guessed."""

import secrets
from pathlib import Path
from typing import Annotated, Literal, Protocol

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from pydantic import Field

from edge.config import AbsolutePath, Settings
from edge.errors import ConfigError
from edge.vault.seal import KEY_BYTES

SALT_BYTES = 16


class KeyProvider(Protocol):
    """Gives the 32-byte KEK of a vault; `salt` is the vault's own."""

    def kek(self, salt: bytes) -> bytes:
        """Return the key. Raises ConfigError where its source cannot be read."""
        ...


class PassphraseKey(Settings):
    """Argon2id over a passphrase that a person, or systemd's credentials, puts into `passphrase_file`.

    64 MiB, 3 passes, 4 lanes: the second recommended setting of RFC 9106.
    """

    provider: Literal["passphrase"]
    passphrase_file: AbsolutePath

    def kek(self, salt: bytes) -> bytes:
        """Derive the key; about a third of a second."""
        passphrase = _read(self.passphrase_file, "passphrase_file").strip()
        if not passphrase:
            raise ConfigError(f"{self.passphrase_file} is empty", "Write the vault's passphrase into it")
        return Argon2id(salt=salt, length=KEY_BYTES, iterations=3, lanes=4, memory_cost=64 * 1024).derive(
            passphrase
        )


class FileKey(Settings):
    """Development only: a key in a file beside the data does not stop a thief."""

    provider: Literal["file"]
    key_file: AbsolutePath

    def kek(self, salt: bytes) -> bytes:
        """Read the key as it is; the salt is not needed."""
        key = _read(self.key_file, "key_file")
        if len(key) != KEY_BYTES:
            raise ConfigError(f"{self.key_file} is not {KEY_BYTES} bytes", "Make one with: qaqpa-kiosk init")
        return key


KeySettings = Annotated[PassphraseKey | FileKey, Field(discriminator="provider")]


def write_new_key(path: Path) -> None:
    """Create a random key file, readable by its owner only. Raises FileExistsError."""
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(secrets.token_bytes(KEY_BYTES))


def _read(path: Path, key: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"cannot read {key} {path}: {error.strerror}", "Check the path and its rights"
        ) from None
