"""What a consent stands on: the signed paper or the record of the messages, and the text that was shown."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from edge.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Papers:
    """`evidence_sha256` in hex; the text is kept whole, so that years later one can show it."""

    evidence_sha256: str
    text: bytes

    @property
    def wording_sha256(self) -> str:
        """Hash of the text, in hex."""
        return hashlib.sha256(self.text).hexdigest()


def read_papers(evidence: Path, wording: Path, record: bytes | None = None) -> Papers:
    """`record` is what was seen of a consent that is not on paper: it stands for the file.

    Raises ConfigError: one cannot be read, or both are the same: a signature would be kept for good.
    """
    proof, text = _read(evidence) if record is None else record, _read(wording)
    if proof == text:
        raise ConfigError(
            "the wording is the very file of the evidence",
            "Give the text as everybody sees it: it is kept for good, and must hold no name or signature",
        )
    return Papers(hashlib.sha256(proof).hexdigest(), text)


def sha256_of(path: Path) -> str:
    """Of a file's content, in hex. Raises ConfigError."""
    return hashlib.sha256(_read(path)).hexdigest()


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"cannot read {path}: {error.strerror}", "Name the scan and the wording as files"
        ) from None
