"""What an authority has issued, a file for each certificate, and what it has revoked: the revocation list."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from fcntl import LOCK_EX, flock
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from edge.errors import ConfigError
from sync.files import create
from sync.hub import revocation
from sync.identity import Request, read_certificate


@dataclass(frozen=True, slots=True)
class Entry:
    """A certificate that was issued, and when it was revoked."""

    certificate: x509.Certificate
    revoked: datetime | None

    @property
    def name(self) -> str:
        """Its common name."""
        return str(next(iter(self.certificate.subject)).value)

    def lives(self, now: datetime) -> bool:
        """Neither revoked nor expired."""
        return self.revoked is None and now < self.certificate.not_valid_after_utc

    def answers(self, request: Request) -> bool:
        """Whether it was issued to this device for this very key."""
        certificate = self.certificate
        if certificate.subject.rfc4514_string() != f"CN={request.identity}":
            return False
        return certificate.public_key() == request.key


class Register:
    """The files `issued/*.crt` and `ca.crl` in the authority's folder; `lock` keeps two writers apart."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._issued = folder / "issued"
        self.crl = folder / "ca.crl"

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold it from looking to writing. Raises ConfigError."""
        if os.geteuid() != self._folder.stat().st_uid:
            # The enrolment service could not read what another account, even root, writes for itself.
            raise ConfigError(
                f"{self._folder} is another account's", "Use the account that owns the authority"
            )
        try:
            with (self._folder / "lock").open("w") as file:
                flock(file, LOCK_EX)
                yield
        except PermissionError as error:
            raise ConfigError(
                f"cannot write to {self._folder}", "Use the account that owns the authority"
            ) from error

    def add(self, certificate: x509.Certificate) -> None:
        """Whoever calls holds the lock. Raises ConfigError."""
        self._issued.mkdir(mode=0o700, exist_ok=True)
        path = self._issued / f"{certificate.serial_number:x}.crt"
        create(path, certificate.public_bytes(Encoding.PEM), 0o600)

    def entries(self) -> list[Entry]:
        """All, the oldest first. Raises ConfigError."""
        revoked = self.revoked()
        found = (read_certificate(path) for path in self._issued.glob("*.crt"))
        entries = [Entry(each, revoked.get(each.serial_number)) for each in found]
        return sorted(entries, key=lambda each: each.certificate.not_valid_before_utc)

    def find(self, serial: int) -> Entry | None:
        """By serial number; None if it was never issued here."""
        path = self._issued / f"{serial:x}.crt"
        return Entry(read_certificate(path), self.revoked().get(serial)) if path.is_file() else None

    def revoked(self) -> dict[int, datetime]:
        """Serial numbers and when they were revoked. Raises ConfigError for a list that cannot be read."""
        if not self.crl.exists():
            return {}
        return {each.serial_number: each.revocation_date_utc for each in revocation.read(self.crl)}
