"""A receipt on paper, in Kazakh, Russian and English, with the signed text below."""

import json
from pathlib import Path
from typing import Final

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.lib.utils import simpleSplit
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

from edge.errors import ConfigError
from enrollment.pass_sheet import FONT, load_font
from enrollment.settings import KioskSettings

_MARGIN: Final = 18 * mm
_WIDTH: Final = A4[0] - 2 * _MARGIN
_SIGNED: Final = ' "signature"'
_CHUNK: Final = 72
_TITLE: Final = "Жою туралы қолхат · Расписка об уничтожении · Receipt of destruction"
_REASONS: Final = {
    "withdrawal": ("келісім қайтарылды", "согласие отозвано", "consent withdrawn"),
    "erasure": ("жою сұралды", "запрошено удаление", "erasure asked for"),
    "objection": ("қарсылық білдірілді", "заявлено возражение", "objection raised"),
    "retention": ("сақтау мерзімі бітті", "срок хранения истёк", "kept no longer than allowed"),
    "guardian_removed": (
        "заңды өкіл тізімнен алынды",
        "законный представитель исключён из списка",
        "a guardian was removed",
    ),
}
_KINDS: Final = {
    "child_key": ("баланың кілті", "ключ ребёнка", "the child's key"),
    "child": ("тізімдегі жазба", "запись в списке", "entry on the roster"),
    "template": ("бет үлгілері", "шаблоны лица", "face templates"),
    "trend": ("ұпай барысы", "тренды оценок", "trends of scores"),
    "consent": ("келісімдер", "согласия", "consents"),
    "guardian": ("ата-ана жазбалары", "записи о родителях", "guardians' records"),
    "removal": ("алынған өкілдердің белгілері", "отметки об исключении", "marks of removed guardians"),
    "credential": ("карталар мен рұқсаттамалар", "карты и пропуска", "cards and passes"),
    "objection": ("қарсылықтар", "возражения", "objections"),
    "restriction": ("шектеулер", "ограничения", "restrictions"),
    "look_alike": ("ұқсастық белгілері", "отметки о сходстве", "marks of look-alikes"),
    "request": ("сұраулардың мәтіні", "тексты обращений", "texts of requests"),
    "disclosure": ("деректер беру мәліметтері", "сведения о передачах", "particulars of disclosures"),
    "breach_child": ("бұзушылық тізімдері", "списки нарушений", "lists of breaches"),
    "staff_pin": ("PIN-кодтар", "PIN-коды", "PINs"),
}
_WORDS: Final = (
    "{gone}: құрылғы мыналарды біржола жойды (себебі: {reason}). Бұрынғы көшірмелер енді ашылмайды.",
    "{gone}: устройство безвозвратно уничтожило следующее (причина: {reason}). Прежние копии не откроются.",
    "{gone}: the device destroyed the following for good (reason: {reason}). Earlier copies do not open.",
)
_ENDED: Final = ("тоқтатылған келісімдер", "прекращённые согласия", "consents ended")


def write_receipt_sheet(receipt: bytes, settings: KioskSettings, path: Path) -> None:
    """Write the PDF, readable by its owner only. Raises ConfigError."""
    load_font(settings.passes.font)
    try:
        path.touch(mode=0o600)
        canvas = Canvas(str(path), pagesize=A4)
        canvas.setTitle(settings.operator.name)
        height = A4[1] - 25 * mm
        for size, text in _lines(receipt, settings.operator.name):
            canvas.setFont(FONT, size)
            for line in _wrapped(text, size):
                canvas.drawString(_MARGIN, height, line)
                height -= size * 1.5
        canvas.save()
    except OSError as error:
        raise ConfigError(
            f"cannot write {path}: {error.strerror}", "Write it again with: qaqpa-kiosk receipt"
        ) from None


def _wrapped(text: str, size: float) -> list[str]:
    """As many lines as the text needs; a word without end, such as the signature, is cut where it must be."""
    words = text
    if stringWidth(text, FONT, size) > _WIDTH and text.startswith(_SIGNED):
        words = " ".join(text[place : place + _CHUNK] for place in range(0, len(text), _CHUNK))
    return simpleSplit(words, FONT, size, _WIDTH) or [""]


def _lines(receipt: bytes, operator: str) -> list[tuple[float, str]]:
    """Font size and text of every line, from the top."""
    told = json.loads(receipt)
    lines: list[tuple[float, str]] = [(13, _TITLE), (11, operator), (6, "")]
    for language, words in enumerate(_WORDS):
        gone = str(told["gone_at"]).replace("T", " ").replace("Z", " UTC")
        lines.append((9, words.format(gone=gone, reason=_REASONS[told["reason"]][language])))
        for kind, count in told["destroyed"].items():
            lines.append((9, f"– {_KINDS.get(kind, (kind,) * 3)[language]}: {count}"))
        if told["consents_ended"]:
            lines.append((9, f"– {_ENDED[language]}: {told['consents_ended']}"))
        lines.append((6, ""))
    lines.append((8, "qaqpa-kiosk verify-receipt FILE --key PUBLIC"))
    return lines + [(7, line) for line in receipt.decode().splitlines()]
