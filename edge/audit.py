"""The tamper-evident trail: one JSON line a record, each carrying an HMAC over itself and the one before.

Only pseudonyms, closed-list words and counts are written. Changing, removing or reordering a line breaks the
chain; cutting lines off its end is found by comparing `Head` with one noted elsewhere.
"""

import hmac
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from edge.errors import QaqpaError, Tampered

Value = str | int | bool | None
_START = "0" * 64


@dataclass(frozen=True, slots=True)
class Head:
    """Where a trail ends: number of records and the last chain value."""

    records: int
    chain: str


class AuditTrail:
    """Appends to one file, verified when opened. Raises Tampered, or QaqpaError for a full disk."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._key = key
        path.parent.mkdir(parents=True, exist_ok=True)
        torn = _cut_torn_tail(path)
        self._head = verify(path, key)
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        if torn:
            self.record(datetime.now().astimezone(), "torn_tail", bytes=torn)

    def record(self, at: datetime, what: str, **details: Value) -> None:
        """Append one record and hand it to the operating system; `sync` makes it survive a power cut."""
        number = self._head.records + 1
        body = {"n": number, "at": at.isoformat(timespec="milliseconds"), "what": what, **details}
        chain = _chain(self._key, self._head.chain, body)
        line = json.dumps({**body, "chain": chain}, ensure_ascii=False, separators=(",", ":")) + "\n"
        self._write(line.encode())
        self._head = Head(number, chain)

    def sync(self) -> None:
        """Force what was recorded to the disk. Raises QaqpaError."""
        try:
            os.fsync(self._file)
        except OSError as error:
            raise _no_room(error) from error

    @property
    def head(self) -> Head:
        """The end of the trail now."""
        return self._head

    def close(self) -> None:
        """Force to disk and close."""
        try:
            self.sync()
        finally:
            os.close(self._file)

    def _write(self, line: bytes) -> None:
        start = os.fstat(self._file).st_size
        try:
            written = os.write(self._file, line)
        except OSError as error:
            raise _no_room(error) from error
        if written != len(line):
            os.ftruncate(self._file, start)
            raise _no_room(OSError("short write"))


def verify(path: Path, key: bytes) -> Head:
    """Check the whole chain of a file; an absent file is an empty trail. Raises Tampered naming the line."""
    last = Head(0, _START)
    for _, head in records(path, key):
        last = head
    return last


def records(path: Path, key: bytes) -> Iterator[tuple[dict[str, Value], Head]]:
    """Every record of a file with the head it makes, each verified first; an absent file has none."""
    head = Head(0, _START)
    for number, record in enumerate(_records(path), 1):
        chain = record.pop("chain", None)
        expected = _chain(key, head.chain, record)
        if (
            record.get("n") != number
            or not isinstance(chain, str)
            or not hmac.compare_digest(chain, expected)
        ):
            raise _tampered(number)
        head = Head(number, expected)
        yield record, head


def _records(path: Path) -> Iterator[dict[str, Value]]:
    if not path.exists():
        return
    with path.open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, 1):
            try:
                record = json.loads(line)
            except json.JSONDecodeError:
                raise _tampered(number) from None
            if not isinstance(record, dict):
                raise _tampered(number)
            yield record


def _chain(key: bytes, previous: str, body: dict[str, Value]) -> str:
    canonical = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hmac.digest(key, f"{previous}\n{canonical}".encode("utf-8", "surrogatepass"), "sha256").hex()


def _cut_torn_tail(path: Path) -> int:
    """A power cut can leave half a last line; it was never acted on, so it goes. Returns its bytes."""
    if not path.exists():
        return 0
    content = path.read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole != len(content):
        os.truncate(path, whole)
    return len(content) - whole


def _tampered(number: int) -> Tampered:
    return Tampered(
        f"the audit trail does not verify at line {number}", "Keep the file and tell the data officer"
    )


def _no_room(error: OSError) -> QaqpaError:
    return QaqpaError(
        f"the audit trail cannot be written: {error.strerror or error}", "Free space on its disk"
    )
