"""Every error a person can meet: what happened, what to do, and whether trying again can help.

Messages never carry personal data, so that they may be logged and shown at the gate.
"""


class QaqpaError(Exception):
    """Base of all errors; `remedy` tells a person what to do next."""

    retryable = False

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.args[0]}. {self.remedy}"


class ConfigError(QaqpaError):
    """The configuration file is missing, malformed, or names something unknown."""


class ModelError(QaqpaError):
    """A model file is missing, or its hash is not the pinned one; it is never loaded."""


class CameraError(QaqpaError):
    """The camera gives no usable frame; it may come back."""

    retryable = True


class ImageError(QaqpaError):
    """A picture cannot be decoded, or holds no single usable face."""


class VaultError(QaqpaError):
    """Base of what can go wrong with stored templates and consents."""


class WrongKey(VaultError):
    """The key or passphrase does not open this vault (the data itself is intact)."""


class Tampered(VaultError):
    """A sealed record fails authentication under the right key: it was changed, swapped or damaged."""


class VaultBusy(VaultError):
    """Another process holds the vault's write lock for too long."""

    retryable = True


class VaultDamaged(VaultError):
    """The vault file is not a readable database."""


class ConsentRequired(VaultError):
    """No live consent covers what was asked; nothing was written."""


class OutboxError(QaqpaError):
    """An event could not be made durable; the gate must stay shut for it."""

    retryable = True


class TurnstileError(QaqpaError):
    """The turnstile controller cannot be reached; it may come back."""

    retryable = True


class ReaderError(QaqpaError):
    """A card reader cannot be reached, or is not the one it should be; it may come back."""

    retryable = True


class SyncTerminal(QaqpaError):
    """The broker refuses this device for good: a person must act (certificate, rights)."""


class SyncRetryable(QaqpaError):
    """The broker or the hub is away for now."""

    retryable = True


class PeerExpired(SyncRetryable):
    """The other side's certificate has run out: a person renews it there, and then it goes on by itself."""
