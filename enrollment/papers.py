"""What a consent stands on: the signed paper or the record of the messages, and the text that was shown."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from edge.errors import ConfigError

_SCANS = (
    (0, b"%PDF-"),
    (0, b"\xff\xd8\xff"),
    (0, b"\x89PNG\r\n\x1a\n"),
    (0, b"II*\x00"),
    (0, b"MM\x00*"),
    (4, b"ftyphei"),
    (4, b"ftypmif1"),
    (8, b"WEBP"),
)
"""How scans and photographs begin, and from which byte: PDF, JPEG, PNG, TIFF, HEIF, WebP."""


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

    Raises ConfigError: one cannot be read, the evidence is no scan, or both are the same: a signature would
    be kept for good.
    """
    proof, text = _scan(evidence) if record is None else record, _read(wording)
    if proof == text:
        raise ConfigError(
            "the wording is the very file of the evidence",
            "Give the text as everybody sees it: it is kept for good, and must hold no name or signature",
        )
    return Papers(hashlib.sha256(proof).hexdigest(), text)


def _scan(path: Path) -> bytes:
    """A file that a court could look at. Raises ConfigError for an empty one, and for no known kind."""
    content = _read(path)
    if not content:
        raise ConfigError(
            f"evidence: {path.name} is empty", "Scan the signed paper again, and name that file"
        )
    if not any(content[at:].startswith(magic) for at, magic in _SCANS):
        raise ConfigError(
            f"evidence: {path.name} is neither a PDF nor a picture",
            "Scan the signed paper, or photograph it: PDF, JPEG, PNG, TIFF, HEIC or WebP",
        )
    return content


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
