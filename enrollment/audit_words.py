"""What a record of the audit trail says to a parent, in Kazakh, Russian and English."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from edge.audit import Value
from edge.domain.ids import ChildId
from enrollment.settings import Language

_SENTENCES: Final[Mapping[str, tuple[str, str, str]]] = {
    "consent_recorded": ("келісім жазылды", "записано согласие", "a consent was recorded"),
    "enrolled": (
        "бет үлгілері сақталды: {templates}",
        "сохранены шаблоны лица: {templates}",
        "face templates were stored: {templates}",
    ),
    "enrolment_refused": (
        "бет тіркелмеді ({reason})",
        "лицо не зарегистрировано ({reason})",
        "the face was not enrolled ({reason})",
    ),
    "withdrawn": (
        "келісім қайтарылды, бет үлгілері жойылды: {templates}",
        "согласие отозвано, шаблоны лица уничтожены: {templates}",
        "consent was withdrawn, face templates destroyed: {templates}",
    ),
    "erased": (
        "бала туралы барлық деректер жойылды",
        "все данные о ребёнке уничтожены",
        "everything held about the child was destroyed",
    ),
    "objected": (
        "қарсылық жазылды, бет үлгілері жойылды: {templates}",
        "записано возражение, шаблоны лица уничтожены: {templates}",
        "an objection was recorded, face templates destroyed: {templates}",
    ),
    "left": (
        "мектептен кеткені белгіленді",
        "отмечен уход из школы",
        "was marked as having left the school",
    ),
    "retention": (
        "сақтау мерзімі бойынша жойылды: {templates} бет үлгісі ({reason})",
        "по сроку хранения уничтожено: шаблонов лица {templates} ({reason})",
        "destroyed at the end of its term: {templates} face templates ({reason})",
    ),
    "disclosed": (
        "деректер мемлекеттік органға берілді ({ground}), тізілімдегі нөмірі {disclosure}",
        "данные переданы государственному органу ({ground}), номер в реестре {disclosure}",
        "data were handed to a state body ({ground}), number {disclosure} in the register",
    ),
    "consent_ran_out": (
        "келісім мерзімі бітті, бет үлгілері жойылды: {templates}",
        "срок согласия истёк, шаблоны лица уничтожены: {templates}",
        "the consent ran out, face templates destroyed: {templates}",
    ),
    "pass_issued": ("QR рұқсаттама берілді", "выдан QR-пропуск", "a QR pass was issued"),
    "card_added": ("карта берілді", "выдана карта", "a card was given"),
    "credential_revoked": (
        "карта не рұқсаттама тоқтатылды",
        "карта или пропуск отозваны",
        "a card or pass was ended",
    ),
    "card_looked_up": (
        "карта кімдікі екенін қарады: {by}",
        "кто смотрел, чья это карта: {by}",
        "somebody looked up whose card this is: {by}",
    ),
    "look_alikes": (
        "басқа балаға ұқсас деп белгіленді",
        "отмечено сходство с другим ребёнком",
        "was marked as looking like another child",
    ),
    "looked": (
        "жазбаны қараған: {by} ({command})",
        "запись просматривал(а): {by} ({command})",
        "the record was looked at by {by} ({command})",
    ),
    "request_seen": (
        "өтінішті қараған: {by}",
        "обращение просматривал(а): {by}",
        "a request was looked at by {by}",
    ),
    "record_read": (
        "барлық деректердің көшірмесін жасаған: {by}",
        "копию всех данных сделал(а): {by}",
        "a copy of everything held was made by {by}",
    ),
    "decision": (
        "қақпа шешімі: {outcome} ({reason})",
        "решение турникета: {outcome} ({reason})",
        "the gate decided: {outcome} ({reason})",
    ),
}
_OTHER: Final = ("басқа жазба: {what}", "другая запись: {what}", "another record: {what}")
_LANGUAGES: Final = (Language.KAZAKH, Language.RUSSIAN, Language.ENGLISH)


def about(record: Mapping[str, Value], child: ChildId) -> bool:
    """Whether a record is about this child; a look at the whole roster is."""
    return child.value in {record.get("child"), record.get("other"), record.get("staff")} or bool(
        record["what"] == "looked" and record.get("everybody")
    )


def sentence(record: Mapping[str, Value], language: Language, zone: ZoneInfo) -> str:
    """One line: when, and what. Another child in it is never named."""
    form = _SENTENCES.get(str(record["what"]), _OTHER)[_LANGUAGES.index(language)]
    at = datetime.fromisoformat(str(record["at"])).astimezone(zone)
    return f"{at:%d.%m.%Y %H:%M}  {form.format_map(_Said(record))}"


class _Said(dict[str, Value]):
    """A record of an older version may lack a word."""

    def __missing__(self, key: str) -> str:
        return "?"
