"""The six digits that a guardian sends back to agree: good for ten minutes and three tries."""

import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from secrets import randbelow

from edge.errors import ConfigError

DIGITS = 6
LIFETIME = timedelta(minutes=10)
TRIES = 3


@dataclass(slots=True)
class OneTimeCode:
    """One code; it is kept in memory only and dies with the command."""

    made_at: datetime
    digits: str = field(default_factory=lambda: f"{randbelow(10**DIGITS):0{DIGITS}}", repr=False)
    tries: int = field(default=0, init=False)

    def accepts(self, typed: str, now: datetime) -> bool:
        """Whether this is the code. Raises ConfigError once it is too old, or was mistyped too often."""
        self.tries += 1
        if not timedelta() <= now - self.made_at < LIFETIME:
            raise ConfigError(
                "the code is older than ten minutes", "Record the consent again, with a new code"
            )
        if hmac.compare_digest("".join(typed.split()).encode(), self.digits.encode()):
            return True
        if self.tries >= TRIES:
            raise ConfigError("three wrong codes", "Record the consent again, with a new code")
        return False
