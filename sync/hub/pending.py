"""Requests that wait for a person: a file each, named by its code, for an hour."""

from datetime import datetime, timedelta
from enum import Enum, auto
from pathlib import Path

from edge.errors import ConfigError
from sync.files import replace
from sync.identity import Request, RequestError, read_request

TERM = timedelta(hours=1)
MOST = 20
_WAITING = ".csr"
_REJECTED = ".rejected"


class Verdict(Enum):
    """What became of a request."""

    WAITING = auto()
    REJECTED = auto()
    TOO_MANY = auto()


class Pending:
    """The folder `pending` of an authority."""

    def __init__(self, authority: Path) -> None:
        self._folder = authority / "pending"

    def add(self, request: Request, pem: bytes, now: datetime) -> Verdict:
        """Keep a request that passed `read_request`; asked again, it only answers. Raises ConfigError."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        self._forget(now)
        path = self._folder / request.code
        if path.with_suffix(_REJECTED).exists():
            return Verdict.REJECTED
        if not path.with_suffix(_WAITING).exists():
            if len(list(self._folder.iterdir())) >= MOST:
                return Verdict.TOO_MANY
            replace(path.with_suffix(_WAITING), pem, 0o600)
        return Verdict.WAITING

    def waiting(self, now: datetime) -> list[tuple[Request, datetime]]:
        """Each with the time it came, the oldest first."""
        self._forget(now)
        files = sorted(self._folder.glob(f"*{_WAITING}"), key=_age)
        return [(read_request(path.read_bytes()), _age(path)) for path in files]

    def find(self, code: str, now: datetime) -> Request:
        """Raises ConfigError where none waits under this code."""
        self._forget(now)
        path = self._path(code)
        try:
            request = read_request(path.read_bytes())
        except (OSError, RequestError) as error:
            raise _unknown() from error
        if request.code != code:
            raise _unknown()
        return request

    def done(self, code: str) -> None:
        """It was approved."""
        self._path(code).unlink(missing_ok=True)

    def reject(self, code: str, now: datetime) -> None:
        """The device is told no for the rest of the hour. Raises ConfigError where none waits."""
        self.find(code, now)
        self._path(code).rename(self._path(code).with_suffix(_REJECTED))

    def _path(self, code: str) -> Path:
        return self._folder / f"{code}{_WAITING}"

    def _forget(self, now: datetime) -> None:
        for path in self._folder.glob("*"):
            # A clock that was put back must not keep a request for ever.
            if abs(now - _age(path)) > TERM:
                path.unlink(missing_ok=True)


def _age(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime).astimezone()


def _unknown() -> ConfigError:
    return ConfigError(
        "no request waits under this code",
        "Read it again from the device's screen; after an hour the device must ask again",
    )
