"""Small drawings for children and for the sign at the gate, in a square of 100 by 100."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from reportlab.graphics.shapes import Circle, Drawing, Group, Line, Path, Polygon, Rect, Shape, String
from reportlab.lib.colors import Color, HexColor, white

_INK: Final = HexColor("#1f3b57")
_SKIN: Final = HexColor("#f4d8b8")
_SKY: Final = HexColor("#cfe3f4")
_STOP: Final = HexColor("#b3261e")
_GOOD: Final = HexColor("#1b6e3c")
_LINE: Final = 3


def picture(name: str, side: float, font: str) -> Drawing:
    """The drawing of this name, `side` points wide and high. Raises KeyError for one that is not there."""
    drawing = Drawing(side, side)
    group = Group(*PICTURES[name](font))
    group.scale(side / 100, side / 100)
    drawing.add(group)
    return drawing


def _rect(box: tuple[float, float, float, float], fill: Color = white, radius: float = 4) -> Rect:
    """`box`: left, bottom, width, height."""
    rect = Rect(*box, rx=radius, ry=radius)
    rect.fillColor, rect.strokeColor, rect.strokeWidth = fill, _INK, _LINE
    return rect


def _patch(box: tuple[float, float, float, float], fill: Color) -> Rect:
    """Without a line around it."""
    rect = Rect(*box)
    rect.fillColor, rect.strokeColor = fill, None
    return rect


def _circle(x: float, y: float, radius: float, fill: Color = white) -> Circle:
    return Circle(x, y, radius, fillColor=fill, strokeColor=_INK, strokeWidth=_LINE)


def _line(
    start: tuple[float, float], end: tuple[float, float], colour: Color = _INK, width: float = _LINE
) -> Line:
    return Line(*start, *end, strokeColor=colour, strokeWidth=width, strokeLineCap=1)


def _mouth(x: float, y: float, width: float, bend: float) -> Path:
    """A smile where `bend` is below zero."""
    mouth = Path(strokeColor=_INK, strokeWidth=_LINE, fillColor=None, strokeLineCap=1)
    mouth.moveTo(x - width, y)
    mouth.curveTo(x - width / 2, y + bend, x + width / 2, y + bend, x + width, y)
    return mouth


def _face(x: float, y: float, radius: float, bend: float = -8) -> list[Shape]:
    eye = radius * 0.38
    return [
        _circle(x, y, radius, _SKIN),
        Circle(x - eye, y + eye * 0.5, radius * 0.1, fillColor=_INK, strokeColor=_INK),
        Circle(x + eye, y + eye * 0.5, radius * 0.1, fillColor=_INK, strokeColor=_INK),
        _mouth(x, y - radius * 0.35, radius * 0.42, bend * radius / 25),
    ]


def _camera(_: str) -> list[Shape]:
    return [
        _rect((8, 20, 84, 52), _SKY, 8),
        _rect((30, 72, 24, 10), _SKY, 3),
        _circle(50, 46, 20),
        _circle(50, 46, 10, _INK),
        _circle(80, 62, 3, _GOOD),
    ]


def _numbers(font: str) -> list[Shape]:
    digits = [
        String(56, y, text, fontName=font, fontSize=15, fillColor=_INK)
        for y, text in ((66, "0,31"), (46, "−1,7"), (26, "0,08"))
    ]
    return [*_face(25, 50, 22), _arrow(49, 50), *digits]


def _arrow(x: float, y: float) -> Polygon:
    return Polygon([x, y + 6, x + 6, y, x, y - 6], fillColor=_INK, strokeColor=_INK)


def _no_photograph(_: str) -> list[Shape]:
    return [
        _rect((16, 16, 68, 68)),
        _rect((24, 24, 52, 52), _SKY, 2),
        *_face(50, 48, 18),
        _line((12, 12), (88, 88), _STOP, 7),
        _line((12, 88), (88, 12), _STOP, 7),
    ]


def _card(_: str) -> list[Shape]:
    code = [
        _patch((54 + 8 * x, 36 + 8 * y, 7, 7), _INK)
        for x in range(4)
        for y in range(4)
        if (x * 3 + y * 5 + x * y) % 3 != 1
    ]
    return [_rect((8, 22, 84, 56), _SKY, 8), *_face(30, 52, 14), *code]


def _bubble(x: float, y: float, width: float, height: float, tip: float) -> list[Shape]:
    return [
        _rect((x, y, width, height), white, 10),
        Polygon(
            [tip - 5, y + 1, tip + 7, y + 1, tip - 4, y - 12],
            fillColor=white,
            strokeColor=_INK,
            strokeWidth=_LINE,
        ),
        _patch((tip - 4, y, 10, 4), white),
    ]


def _say_no(_: str) -> list[Shape]:
    return [
        *_face(30, 26, 22, bend=0),
        *_bubble(38, 56, 54, 36, 50),
        _line((56, 64), (74, 84), _STOP, 6),
        _line((56, 84), (74, 64), _STOP, 6),
    ]


def _ask(font: str) -> list[Shape]:
    return [
        *_face(26, 22, 18),
        *_face(74, 28, 22),
        *_bubble(24, 60, 44, 34, 38),
        String(46, 67, "?", fontName=font, fontSize=26, fillColor=_INK, textAnchor="middle"),
    ]


def _turn(_: str) -> list[Shape]:
    """A head, and an arrow around it."""
    arc = Path(strokeColor=_GOOD, strokeWidth=6, fillColor=None, strokeLineCap=1)
    arc.moveTo(18, 22)
    arc.curveTo(34, 4, 66, 4, 80, 20)
    tip = Polygon([88, 30, 88, 10, 70, 22], fillColor=_GOOD, strokeColor=_GOOD)
    return [*_face(50, 60, 30), arc, tip]


def _gone(_: str) -> list[Shape]:
    """A bin with a lid."""
    return [
        Polygon([24, 66, 76, 66, 70, 10, 30, 10], fillColor=_SKY, strokeColor=_INK, strokeWidth=_LINE),
        _rect((16, 68, 68, 10), _SKY, 3),
        _rect((40, 78, 20, 8), _SKY, 3),
        *(_line((x, 20), (x, 56)) for x in (40, 50, 60)),
    ]


def _telephone(_: str) -> list[Shape]:
    return [
        _rect((28, 8, 44, 84), _SKY, 8),
        _rect((34, 22, 32, 58), white, 2),
        _circle(50, 15, 3),
        _line((41, 50), (48, 42), _GOOD, 5),
        _line((48, 42), (60, 60), _GOOD, 5),
    ]


PICTURES: Mapping[str, Callable[[str], list[Shape]]] = MappingProxyType(
    {
        "camera": _camera,
        "numbers": _numbers,
        "no_photograph": _no_photograph,
        "card": _card,
        "say_no": _say_no,
        "ask": _ask,
        "turn": _turn,
        "gone": _gone,
        "telephone": _telephone,
    }
)
"""What can be drawn."""
