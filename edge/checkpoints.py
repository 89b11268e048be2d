"""Signed checkpoints of an audit trail, in a small file beside it, by which an end cut off is found.

A checkpoint says how many records the trail had and which chain value the last one carried; the device signs
it (Ed25519). It stands in the file and, as a record, in the trail: taking lines from one shows in the other.
"""

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from edge.audit import AuditTrail, Head, Value, records, require_end, tampered
from edge.device_identity import device_id
from edge.errors import Tampered

RECORD = "checkpoint"
"""What a checkpoint's record in the trail is called."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Where the trail ended at a moment, as a device signed it."""

    records: int
    chain: str
    at: str
    device: str
    signature: str

    def verify(self, key: Ed25519PublicKey) -> bool:
        """Whether this device signed it."""
        try:
            key.verify(bytes.fromhex(self.signature), _signed(self.records, self.chain, self.at, self.device))
        except (ValueError, InvalidSignature):
            return False
        return True


@dataclass(frozen=True, slots=True)
class Inspected:
    """What an inspector notes elsewhere: where the trail ends, and its checkpoints."""

    head: Head
    checkpoints: int
    last: Checkpoint | None


class Checkpoints:
    """Appends to the file beside one trail."""

    def __init__(self, trail: Path, key: Ed25519PrivateKey) -> None:
        self.path = beside(trail)
        self._key = key

    def add(self, head: Head, at: datetime) -> Checkpoint:
        """Sign where the trail ends, which is on the disk already, and put it on the disk. Raises OSError."""
        name = device_id(self._key.public_key())
        moment = at.isoformat(timespec="milliseconds")
        signature = self._key.sign(_signed(head.records, head.chain, moment, name)).hex()
        made = Checkpoint(head.records, head.chain, moment, name, signature)
        line = json.dumps(_fields(made), separators=(",", ":")) + "\n"
        fresh = not self.path.exists()
        file = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            _drop_torn_tail(file)
            os.write(file, line.encode())
            os.fsync(file)
        finally:
            os.close(file)
        if fresh:
            _sync_folder(self.path.parent)
        return made


def open_trail(
    path: Path,
    chain_key: bytes,
    signer: Ed25519PrivateKey,
    *,
    known: Head | None = None,
    keep: Callable[[Head], None] | None = None,
) -> AuditTrail:
    """A trail with signed checkpoints; `known` and `keep` as it takes them. Raises Tampered."""
    return AuditTrail(path, chain_key, Checkpoints(path, signer), known=known, keep=keep)


def beside(trail: Path) -> Path:
    """The file of checkpoints that belongs to a trail."""
    return trail.with_name(trail.name + ".checkpoints")


def inspect(
    trail: Path, checkpoints: Path, chain_key: bytes, key: Ed25519PublicKey, known: Head | None = None
) -> Inspected:
    """Check a trail against its checkpoints, and against the end that the vault knows.

    Raises Tampered for an edit, a deletion, another order and an end cut off, and says where. Another process
    may write meanwhile: checkpoints from before the trail is read must fit it, those it names be there after.
    `chain_key`: the vault's key of the chain. `key`: the device's public key.
    """
    held = list(_read(checkpoints, key))
    head, chains, noted = Head(0, ""), dict[int, str](), list[dict[str, Value]]()
    for record, head in records(trail, chain_key):
        chains[head.records] = head.chain
        if record["what"] == RECORD:
            noted.append(record)
    for number, each in enumerate(held, 1):
        if each.records > head.records:
            raise Tampered(
                f"lines were cut off the audit trail: it ends at line {head.records}, and line"
                f" {each.records} was there on {each.at[:10]} (checkpoint {number})",
                "Keep both files and tell the data officer",
            )
        if chains.get(each.records) != each.chain:
            raise tampered(each.records)
    require_end(known, chains.get(known.records) if known else None)
    _require_all_noted(noted, list(_read(checkpoints, key)))
    return Inspected(head, len(held), held[-1] if held else None)


def _require_all_noted(noted: list[dict[str, Value]], held: list[Checkpoint]) -> None:
    signatures = {each.signature for each in held}
    for record in noted:
        if record["signature"] not in signatures:
            raise Tampered(
                f"a checkpoint is missing: line {record['n']} of the audit trail names it",
                "Keep both files and tell the data officer",
            )


def _read(path: Path, key: Ed25519PublicKey) -> Iterator[Checkpoint]:
    """Every checkpoint, verified and in order. Half a last line is of a power cut: nobody relied on it."""
    lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
    before = 0
    for number, line in enumerate(lines, 1):
        try:
            found = Checkpoint(**json.loads(line))
        except (ValueError, TypeError):
            raise _bad_checkpoint(number) from None
        if not found.verify(key) or found.records < before:
            raise _bad_checkpoint(number)
        before = found.records
        yield found


def _bad_checkpoint(number: int) -> Tampered:
    return Tampered(
        f"checkpoint {number} was not signed by this device, or stands in another order",
        "Keep both files, check that the key is this device's, and tell the data officer",
    )


def _fields(made: Checkpoint) -> dict[str, str | int]:
    return {
        "records": made.records,
        "chain": made.chain,
        "at": made.at,
        "device": made.device,
        "signature": made.signature,
    }


def _signed(number: int, chain: str, at: str, device: str) -> bytes:
    return f"qaqpa-checkpoint-v1\n{number}\n{chain}\n{at}\n{device}".encode()


def _drop_torn_tail(file: int) -> None:
    content = os.pread(file, os.fstat(file).st_size, 0)
    os.ftruncate(file, content.rfind(b"\n") + 1)


def _sync_folder(folder: Path) -> None:
    file = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(file)
    finally:
        os.close(file)
