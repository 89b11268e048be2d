"""Base45 (RFC 9285): bytes as the letters that a QR code stores at 5.5 bits each."""

_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_VALUES = {letter: value for value, letter in enumerate(_LETTERS)}


def encode(plain: bytes) -> str:
    """Three letters for two bytes, two for a last one."""
    parts = []
    for start in range(0, len(plain), 2):
        pair = plain[start : start + 2]
        value = int.from_bytes(pair, "big")
        for _ in range(len(pair) + 1):
            value, letter = divmod(value, 45)
            parts.append(_LETTERS[letter])
    return "".join(parts)


def decode(text: str) -> bytes:
    """The inverse of `encode`; every text has one reading at most. Raises ValueError for any other."""
    plain = bytearray()
    for start in range(0, len(text), 3):
        letters = text[start : start + 3]
        if len(letters) == 1 or any(letter not in _VALUES for letter in letters):
            raise ValueError("not base45")
        value = sum(_VALUES[letter] * 45**place for place, letter in enumerate(letters))
        size = len(letters) - 1
        if value >= 1 << 8 * size:
            raise ValueError("not base45")
        plain += value.to_bytes(size, "big")
    return bytes(plain)
