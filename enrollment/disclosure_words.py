"""What is handed over about somebody, as data and as words in Kazakh, Russian and English."""

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

from edge.domain.disclosure import Disclosure, Handed
from edge.domain.people import Child
from edge.vault.credentials import Credential
from edge.vault.vault import Vault
from enrollment.settings import Language

Plain: TypeAlias = Mapping[str, object]
_LANGUAGES: Final = (Language.KAZAKH, Language.RUSSIAN, Language.ENGLISH)
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


def handed_over(vault: Vault, child: Child, handed: frozenset[Handed]) -> dict[str, object]:
    """The named parts of what is held; of a face there is nothing among them."""
    parts: dict[str, object] = {}
    if Handed.IDENTITY in handed:
        parts |= {
            "full_name": child.full_name,
            "born": child.born.isoformat(),
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
                "given_at": each.given_at.isoformat(),
                "expires_at": each.expires_at.isoformat(),
                "withdrawn_at": each.withdrawn_at.isoformat() if each.withdrawn_at else None,
                "purposes": ", ".join(sorted(each.purposes)),
            }
            for each in vault.consents.of(child.id)
        ]
    if Handed.CREDENTIALS in handed:
        parts["credentials"] = [_credential(each) for each in vault.credentials.of(child.id)]
    return parts


def heading(disclosure: Disclosure, clauses: Sequence[str], operator: str, bin_: str) -> dict[str, object]:
    """What every disclosure begins with."""
    return {
        "id": disclosure.id,
        "at": disclosure.at.isoformat(timespec="seconds"),
        "operator": operator,
        "bin": bin_,
        "ground": disclosure.ground,
        "clauses": ", ".join(clauses),
        "document": disclosure.document,
        "to": disclosure.body,
    }


def in_words(plain: Plain, language: Language) -> str:
    """The same as lines of text."""
    place = _LANGUAGES.index(language)
    lines = [_LABELS["title"][place], ""]
    for name, value in plain.items():
        label = _LABELS[name][place]
        if isinstance(value, list):
            lines += ["", f"{label}:" if value else f"{label}: —"]
            lines += [f"  • {_entry(entry, place)}" for entry in value]
        else:
            lines.append(f"{label}: {value or '—'}")
    return "\n".join(lines) + "\n"


def _entry(entry: Plain, place: int) -> str:
    return "; ".join(f"{_LABELS[name][place]}: {value or '—'}" for name, value in entry.items())


def _credential(held: Credential) -> dict[str, object]:
    return {
        "kind": held.kind.value,
        "issued_at": held.issued.isoformat(),
        "expires_at": held.expires.isoformat() if held.expires else None,
        "withdrawn_at": held.revoked.isoformat() if held.revoked else None,
    }
