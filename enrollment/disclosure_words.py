"""What is handed over about somebody, as data and as words in Kazakh, Russian and English."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from edge.domain.disclosure import Disclosure, Handed
from edge.domain.people import Child
from edge.vault.credentials import Credential
from edge.vault.vault import Vault
from enrollment.documents.words import words_of
from enrollment.record_words import ORDER, said
from enrollment.settings import Language

Plain: TypeAlias = Mapping[str, object]
_LABELS: Final[Mapping[str, tuple[str, str, str]]] = {
    "title": ("Дербес деректерді беру", "Передача персональных данных", "Disclosure of personal data"),
    "id": ("Тізілімдегі нөмір", "Номер в реестре", "Number in the register"),
    "at": ("Берілген уақыты", "Когда передано", "Handed over at"),
    "operator": ("Оператор", "Оператор", "Operator"),
    "bin": ("БСН", "БИН", "BIN"),
    "ground": ("Негіз", "Основание", "Ground"),
    "clauses": ("Тармақтар", "Пункты", "Clauses"),
    "document": ("Сұрау салу құжаты", "Документ запроса", "Document of the demand"),
    "to": ("Кімге", "Кому", "To"),
    "full_name": ("Аты-жөні", "Имя", "Name"),
    "born": ("Туған күні", "Дата рождения", "Born"),
    "group": ("Сыныбы", "Класс", "Class"),
    "student_number": ("Мектептегі нөмірі", "Номер в школе", "Number at the school"),
    "iin": ("ЖСН", "ИИН", "IIN"),
    "contacts": ("Заңды өкілдері", "Законные представители", "Guardians"),
    "relation": ("Туыстығы", "Кем приходится", "Relation"),
    "phone": ("Телефон", "Телефон", "Phone"),
    "email": ("Электрондық пошта", "Электронная почта", "E-mail"),
    "consents": ("Келісімдер", "Согласия", "Consents"),
    "given_at": ("Берілген", "Дано", "Given"),
    "expires_at": ("Мерзімі", "Срок", "Until"),
    "withdrawn_at": ("Қайтарылған", "Отозвано", "Withdrawn"),
    "purposes": ("Мақсаттар", "Цели", "Purposes"),
    "credentials": ("Рұқсаттамалар мен карталар", "Пропуска и карты", "Passes and cards"),
    "kind": ("Түрі", "Вид", "Kind"),
    "issued_at": ("Шығарылған", "Выдано", "Issued"),
}


def handed_over(vault: Vault, child: Child, handed: frozenset[Handed], zone: ZoneInfo) -> dict[str, object]:
    """The named parts of what is held, with the times of `zone`; of a face there is nothing among them."""
    parts: dict[str, object] = {}
    if Handed.IDENTITY in handed:
        parts |= {
            "full_name": child.full_name,
            "born": child.born.isoformat() if child.born else None,
            "group": child.group,
            "student_number": child.student_number,
        }
    if Handed.IIN in handed:
        parts["iin"] = child.iin
    if Handed.CONTACTS in handed:
        parts["contacts"] = [
            {"full_name": each.full_name, "relation": each.relation, "phone": each.phone, "email": each.email}
            for each in vault.roster.guardians(child.id)
        ]
    if Handed.CONSENTS in handed:
        parts["consents"] = [
            {
                "given_at": _local(each.given_at, zone),
                "expires_at": _local(each.expires_at, zone),
                "withdrawn_at": _local(each.withdrawn_at, zone),
                "purposes": sorted(each.purposes),
            }
            for each in vault.consents.of(child.id)
        ]
    if Handed.CREDENTIALS in handed:
        parts["credentials"] = [_credential(each, zone) for each in vault.credentials.of(child.id)]
    return parts


def heading(
    disclosure: Disclosure, clauses: Sequence[str], operator: str, bin_: str, zone: ZoneInfo
) -> dict[str, object]:
    """What every disclosure begins with."""
    return {
        "id": disclosure.id,
        "at": _local(disclosure.at, zone),
        "operator": operator,
        "bin": bin_,
        "ground": disclosure.ground,
        "clauses": list(clauses),
        "document": disclosure.document,
        "to": disclosure.body,
    }


def in_words(plain: Plain, language: Language) -> str:
    """The same as lines of text."""
    place = ORDER.index(language)
    lines = [_LABELS["title"][place], ""]
    for name, value in plain.items():
        label = _LABELS[name][place]
        if isinstance(value, list) and not (value and isinstance(value[0], str)):
            lines += ["", f"{label}:" if value else f"{label}: —"]
            lines += [f"  • {_entry(entry, language)}" for entry in value]
        else:
            lines.append(f"{label}: {_value(name, value, language)}")
    return "\n".join(lines) + "\n"


def _entry(entry: Plain, language: Language) -> str:
    place = ORDER.index(language)
    return "; ".join(
        f"{_LABELS[name][place]}: {_value(name, value, language)}" for name, value in entry.items()
    )


def _value(name: str, value: object, language: Language) -> str:
    """As people of this language read it; what somebody wrote stays as it is."""
    if not value:
        return "—"
    if name == "clauses" and isinstance(value, list):
        return "; ".join(map(words_of(language).source, value))
    if isinstance(value, list):
        return ", ".join(said(each, language, name) for each in value)
    if name == "at" or name.endswith("_at"):
        return f"{datetime.fromisoformat(str(value)):%d.%m.%Y %H:%M}"
    return said(str(value), language, name) if name in {"ground", "kind"} else str(value)


def _local(moment: datetime | None, zone: ZoneInfo) -> str | None:
    return moment.astimezone(zone).isoformat(timespec="seconds") if moment else None


def _credential(held: Credential, zone: ZoneInfo) -> dict[str, object]:
    return {
        "kind": held.kind.value,
        "issued_at": _local(held.issued, zone),
        "expires_at": _local(held.expires, zone),
        "withdrawn_at": _local(held.revoked, zone),
    }
