"""The sentence a guardian reads, in Kazakh, Russian or English.

The title carries the date and the body the time, so that every notice has both (order 456 of 2022).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from edge.domain.events import Direction
from sync.hub.notices import Notice


@dataclass(frozen=True, slots=True)
class _Words:
    entered: str
    left: str
    late: str
    uncertain: str


_WORDS = {
    "kk": _Words("{name}: {time} кірді", "{name}: {time} шықты", "кешіккен хабар", "уақыты нақты емес"),
    "ru": _Words("{name}: вход, {time}", "{name}: выход, {time}", "сообщение с опозданием", "время неточно"),
    "en": _Words("{name}: entered {time}", "{name}: left {time}", "late notice", "time not certain"),
}
LANGUAGES = tuple(_WORDS)


@dataclass(frozen=True, slots=True)
class Text:
    """What is sent."""

    title: str
    body: str
    late: bool


def compose(notice: Notice, zone: ZoneInfo, now: datetime, late_after: timedelta) -> Text:
    """The message as it reads at `now`. A time that is not certain is not told, and the message says so."""
    words = _WORDS[notice.language]
    moment = notice.moment.astimezone(zone)
    late = now - moment > late_after
    pattern = words.entered if notice.direction is Direction.IN else words.left
    body = pattern.format(
        name=notice.display_name, time=f"{moment:%H:%M}" if notice.time_certain else f"({words.uncertain})"
    )
    return Text(f"{moment:%d.%m.%Y}", f"{body} ({words.late})" if late else body, late)
