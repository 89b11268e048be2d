"""The tamper-evident trail: one JSON line a record, each carrying an HMAC over itself and the one before.

Only pseudonyms, closed-list words and counts are written. Changing, removing or reordering a line breaks the
chain; lines cut off its end are missed by whoever knows where it ended: the vault (`edge.vault.trail_ends`)
and the signed checkpoints (`edge.checkpoints`).
"""

import hmac
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Protocol

from edge import file_lock
from edge.errors import QaqpaError, Tampered

Value = str | int | bool | None
WAIT_SECONDS = 10.0
"""For whoever else writes to the trail: a command at the kiosk, which takes a few seconds."""
_START = "0" * 64


@dataclass(frozen=True, slots=True)
class Head:
    """Where a trail ends: number of records and the last chain value."""

    records: int
    chain: str


class Signs(Protocol):
    """Signs checkpoints and keeps them apart from the trail; `edge.checkpoints.Checkpoints` does."""

    def add(self, head: Head, at: datetime) -> "Signed":
        """Keep a signed checkpoint durably. Raises OSError."""
        ...


class Signed(Protocol):
    """What of a checkpoint stands in the trail."""

    @property
    def device(self) -> str:
        """Who signed."""
        ...

    @property
    def signature(self) -> str:
        """Hexadecimal."""
        ...


class AuditTrail:
    """Appends to one file, verified when opened. Raises Tampered, or QaqpaError for a full disk.

    Nobody else writes to it until it is closed: raises QaqpaError where another process does, and goes on.
    With `checkpoints` the first record of a day is preceded by a signed checkpoint of all before it. `known`:
    where it ended by what is known elsewhere; lines after that are taken in, for power may fail between the
    two. `keep` writes the end down there, each time that what was recorded is on the disk.
    """

    def __init__(
        self,
        path: Path,
        key: bytes,
        checkpoints: Signs | None = None,
        *,
        known: Head | None = None,
        keep: Callable[[Head], None] | None = None,
    ) -> None:
        self._key = key
        self._checkpoints = checkpoints
        self._keep = keep
        self._kept = known
        self._head = Head(0, _START)
        self._noted = 0
        self._day: date | None = None
        if not path.exists():
            require_end(known, None)  # before a file is made in its place
        self._file = _held(path)
        try:
            self._take_over(path, known)
        except BaseException:
            os.close(self._file)
            raise

    def _take_over(self, path: Path, known: Head | None) -> None:
        """Verify what is there, and go on from its end."""
        torn = _cut_torn_tail(path)
        last = None
        for record, head in _records_to_end(path, self._key, known):
            last, self._head = str(record["at"]), head
            self._noted = head.records if record["what"] == "checkpoint" else self._noted
        self._day = _day(datetime.fromisoformat(last)) if last else None
        if torn:
            self.record(datetime.now().astimezone(), "torn_tail", bytes=torn)

    def record(self, at: datetime, what: str, **details: Value) -> None:
        """Append one record and hand it to the operating system; `sync` makes it survive a power cut."""
        day, problem = _day(at), None
        if self._day is not None and self._day != day:
            try:
                self.checkpoint(at)
            except QaqpaError as error:
                problem = error
        self._day = day
        self._append(at, what, **details)
        if problem is not None:
            raise problem

    def checkpoint(self, at: datetime) -> None:
        """Sign where the trail ends, unless nothing was recorded since the last time. Raises QaqpaError.

        The trail is on the disk first: a power cut must not look like lines that were cut off.
        """
        if self._checkpoints is None or self._noted == self._head.records:
            return
        self.sync()
        try:
            made = self._checkpoints.add(self._head, at)
        except OSError as error:
            raise _no_room(error) from error
        self._append(at, "checkpoint", device=made.device, signature=made.signature)
        self._noted = self._head.records

    def _append(self, at: datetime, what: str, **details: Value) -> None:
        number = self._head.records + 1
        body = {"n": number, "at": at.isoformat(timespec="milliseconds"), "what": what, **details}
        chain = _chain(self._key, self._head.chain, body)
        line = json.dumps({**body, "chain": chain}, ensure_ascii=False, separators=(",", ":")) + "\n"
        self._write(line.encode())
        self._head = Head(number, chain)

    def sync(self) -> None:
        """Force what was recorded to the disk, and then write its end down elsewhere. Raises QaqpaError."""
        try:
            os.fsync(self._file)
        except OSError as error:
            raise _no_room(error) from error
        if self._keep is not None and self._kept != self._head:
            self._keep(self._head)
            self._kept = self._head

    @property
    def head(self) -> Head:
        """The end of the trail now."""
        return self._head

    def close(self, at: datetime | None = None) -> None:
        """Force to disk and close; with a time, after a checkpoint."""
        try:
            if at is not None:
                self.checkpoint(at)
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


def verify(path: Path, key: bytes, known: Head | None = None) -> Head:
    """Check the whole chain of a file, and that it holds the end that is known elsewhere.

    An absent file is an empty trail. Raises Tampered naming the line.
    """
    last = Head(0, _START)
    for _, head in _records_to_end(path, key, known):
        last = head
    return last


def records(path: Path, key: bytes) -> Iterator[tuple[dict[str, Value], Head]]:
    """Every record in order, verified, with the head after it. Raises Tampered naming the line.

    Half a last line is not read: it is being written, or of a power cut, and nobody relied on it yet.
    """
    head = Head(0, _START)
    for number, record in enumerate(_records(path), 1):
        chain = record.pop("chain", None)
        expected = _chain(key, head.chain, record)
        if (
            record.get("n") != number
            or not isinstance(chain, str)
            or not hmac.compare_digest(chain, expected)
        ):
            raise tampered(number)
        head = Head(number, expected)
        yield record, head


def _records_to_end(path: Path, key: bytes, known: Head | None) -> Iterator[tuple[dict[str, Value], Head]]:
    """`records`, of a trail that must not end before where it is known to have ended."""
    chain = None
    for record, head in records(path, key):
        chain = head.chain if known and known.records == head.records else chain
        yield record, head
    require_end(known, chain)


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()


def _records(path: Path) -> Iterator[dict[str, Value]]:
    if not path.exists():
        return
    with path.open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, 1):
            if not line.endswith("\n"):
                return
            try:
                record = json.loads(line)
            except json.JSONDecodeError:
                raise tampered(number) from None
            if not isinstance(record, dict):
                raise tampered(number)
            yield record


def _chain(key: bytes, previous: str, body: dict[str, Value]) -> str:
    canonical = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hmac.digest(key, f"{previous}\n{canonical}".encode("utf-8", "surrogatepass"), "sha256").hex()


def _held(path: Path) -> int:
    """The file, open for appending and locked until it is closed. Raises QaqpaError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    if file_lock.taken(file, WAIT_SECONDS):
        return file
    who = file_lock.holder(file)
    os.close(file)
    raise QaqpaError(
        f"{who} is writing to the audit trail {path}",
        "Wait until that command has ended and try again; a gate and the kiosk need a trail each",
    )


def _cut_torn_tail(path: Path) -> int:
    """A power cut can leave half a last line; it was never acted on, so it goes. Returns its bytes."""
    content = path.read_bytes()
    whole = content.rfind(b"\n") + 1
    if whole != len(content):
        os.truncate(path, whole)
    return len(content) - whole


def require_end(known: Head | None, chain: str | None) -> None:
    """Raise Tampered if a trail does not hold the end that is known; `chain`: of its line of that number."""
    if known is not None and known.records and chain != known.chain:
        raise Tampered(
            f"lines were cut off the audit trail: line {known.records}, which the vault knows, is not there",
            "Tell the data officer; move the trail and its checkpoints to a safe place; then begin another:"
            " qaqpa-kiosk audit begin-anew",
        )


def tampered(number: int) -> Tampered:
    """The error for a line that is not what was written."""
    return Tampered(
        f"the audit trail does not verify at line {number}", "Keep the file and tell the data officer"
    )


def _no_room(error: OSError) -> QaqpaError:
    return QaqpaError(
        f"the audit trail cannot be written: {error.strerror or error}", "Free space on its disk"
    )
