"""How long what is kept, and whether the clock that says so can be believed. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import Field

from edge.config import Settings
from edge.domain.consent import LONGEST_TERM
from edge.domain.events import Uptime
from edge.domain.retention import Due
from edge.policy.capture import longest_days
from edge.policy.strictest import InForceRules

LONGEST_RECORD = 1096
"""Days that a record of what ended is kept as proof: three years, the general term of a claim at court
(Civil Code of the Republic of Kazakhstan, article 178)."""
LONGEST_SILENCE = timedelta(days=31)
"""A device that kept its terms no longer ago than this may go on by itself."""
_SET_BY = timedelta(hours=1)
_SET_BACK = timedelta(days=1)
_ALWAYS_FEW = 3
"""So many children are never a whole school."""


class RetentionSettings(Settings):
    """Terms in days; a school can shorten them, and never lengthen them beyond the product's own.

    `unused_days`: a template that let nobody in. `records_days`: what ended, as proof. `credentials_days`:
    ended passes and cards. `share_percent`: of more children than this nothing is erased unasked.
    """

    unused_days: int = Field(default=LONGEST_TERM.days, ge=30, le=LONGEST_TERM.days)
    records_days: int = Field(default=LONGEST_RECORD, ge=30, le=LONGEST_RECORD)
    credentials_days: int = Field(default=90, ge=1, le=LONGEST_TERM.days)
    share_percent: int = Field(default=10, ge=1, le=25)


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms in force; `source` is the clause that decides about consents and templates."""

    consent: timedelta
    unused: timedelta
    records: timedelta
    credentials: timedelta
    source: str


@dataclass(frozen=True, slots=True)
class ClockMark:
    """A moment at which terms were kept, by the time of day and by the clock that nobody sets."""

    at: datetime
    uptime: Uptime


def terms(rules: InForceRules, settings: RetentionSettings) -> Terms:
    """The policies' term for consents and templates, and the school's for the rest; the shorter counts."""
    days = min(longest_days(rules) or LONGEST_TERM.days, LONGEST_TERM.days)
    found = rules.get("retention")
    return Terms(
        timedelta(days=days),
        timedelta(days=min(days, settings.unused_days)),
        timedelta(days=settings.records_days),
        timedelta(days=settings.credentials_days),
        ", ".join(found.sources) if found is not None else "product",
    )


def jumped(now: datetime, last: datetime | None) -> bool:
    """Whether more time seems to have passed than the device may take on trust."""
    return last is not None and now - last > LONGEST_SILENCE


def clock_doubts(
    now: datetime, uptime: Uptime, mark: ClockMark | None, newest: datetime | None, *, synchronised: bool
) -> list[str]:
    """What speaks against believing `now`. `newest`: the latest moment that the vault knows of."""
    doubts = [] if synchronised else ["no time service has set the clock"]
    last = mark.at if mark is not None else newest
    if last is not None and now < last - _SET_BACK:
        doubts.append("the clock is behind what was already recorded")
    if mark is not None and mark.uptime.boot == uptime.boot:
        measured = timedelta(seconds=uptime.seconds - mark.uptime.seconds)
        if abs(now - mark.at - measured) > _SET_BY:
            doubts.append("somebody set the clock since the last run")
    if jumped(now, last):
        doubts.append(f"more than {LONGEST_SILENCE.days} days seem to have passed since the last run")
    return doubts


def share_doubts(due: Due, percent: int) -> list[str]:
    """What speaks against erasing so much at once."""
    parts = (
        (len(due.left), due.roster, "of those on the roster left"),
        (len(due.templates), due.enrolled, "of those enrolled would lose their templates"),
    )
    return [
        f"{few} of {all_} {what}, more than {percent} percent"
        for few, all_, what in parts
        if few > _ALWAYS_FEW and few * 100 > all_ * percent
    ]
