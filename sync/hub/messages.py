"""The sentence a guardian reads, in Kazakh, Russian or English.

The title carries the date and the body the time, so that every notice has both (order 456 of 2022).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from edge.domain.events import Direction
from sync.hub.notices import Notice

_CLOCKS_AGREE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class _Words:
    entered: str
    left: str
    late: str
    no_time: str


_WORDS = {
    "kk": _Words("{name}: {time} кірді", "{name}: {time} шықты", "кешіккен хабар", "уақыты белгісіз"),
    "ru": _Words(
        "{name}: вход, {time}", "{name}: выход, {time}", "сообщение с опозданием", "время неизвестно"
    ),
    "en": _Words("{name}: entered {time}", "{name}: left {time}", "late notice", "time unknown"),
}
LANGUAGES = tuple(_WORDS)


@dataclass(frozen=True, slots=True)
class Text:
    """What is sent."""

    title: str
    body: str
    late: bool


def compose(notice: Notice, zone: ZoneInfo, now: datetime, late_after: timedelta) -> Text:
    """The message as it reads at `now`. A gate whose clock may be wrong gives no time, unless ours agrees."""
    words = _WORDS[notice.language]
    trusted = notice.clock_synchronised or abs(notice.received - notice.occurred) <= _CLOCKS_AGREE
    moment = (notice.occurred if trusted else notice.received).astimezone(zone)
    late = now - moment > late_after
    pattern = words.entered if notice.direction is Direction.IN else words.left
    body = pattern.format(
        name=notice.display_name, time=f"{moment:%H:%M}" if trusted else f"({words.no_time})"
    )
    return Text(f"{moment:%d.%m.%Y}", f"{body} ({words.late})" if late else body, late)
