"""PINs of staff: which may be set, and how one is kept and checked."""

import os
from datetime import date
from itertools import pairwise

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

SHORTEST = 6
LONGEST = 12
_HASH_BYTES = 32
_SALT_BYTES = 16
_BORN = ("%d%m%y", "%y%m%d", "%m%d%y", "%d%m%Y", "%Y%m%d", "%m%d%Y")


def require_good(pin: str, born: date | None) -> None:
    """Raise ValueError, without the PIN in it, for one that is malformed or among the first to be guessed."""
    if not (pin.isascii() and pin.isdigit() and SHORTEST <= len(pin) <= LONGEST):
        raise ValueError(f"a PIN is {SHORTEST} to {LONGEST} digits")
    if _repeats(pin) or _runs(pin):
        raise ValueError("this PIN is one of the first that anybody tries")
    if born is not None and any(born.strftime(form) in pin for form in _BORN):
        raise ValueError("this PIN is a date of birth")


def hash_pin(pin: str) -> str:
    """Argon2id, 19 MiB, 2 passes, 1 lane, as a PHC string with its own salt.

    A million PINs are few for whoever has the hash, whatever it costs: what protects them is the vault that
    seals it. So it costs little, and one lane leaves a gate's other cores alone.
    """
    kdf = Argon2id(
        salt=os.urandom(_SALT_BYTES), length=_HASH_BYTES, iterations=2, lanes=1, memory_cost=19 * 1024
    )
    return kdf.derive_phc_encoded(pin.encode())


def matches(pin: str, hashed: str) -> bool:
    """Whether this is the PIN; tens of milliseconds, in which other threads go on."""
    try:
        Argon2id.verify_phc_encoded(pin.encode("utf-8", "surrogatepass"), hashed)
    except InvalidKey:
        return False
    return True


def _repeats(pin: str) -> bool:
    """111111, 121212, 123123: a block of up to half the length, over and over."""
    return any(pin == (pin[:size] * len(pin))[: len(pin)] for size in range(1, len(pin) // 2 + 1))


def _runs(pin: str) -> bool:
    """123456, 987654, 789012: each digit one more, or one less, than the one before it."""
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    return steps in ({1}, {9})
