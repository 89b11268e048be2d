"""The notices about a breach: to the authorised body and to guardians, in Kazakh, Russian and English."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from edge.domain.consent import DataCategory
from enrollment.settings import Language

_LANGUAGES: Final = (Language.KAZAKH, Language.RUSSIAN, Language.ENGLISH)
_DATA: Final[Mapping[DataCategory, tuple[str, str, str]]] = {
    DataCategory.NAME: ("аты-жөні", "имя", "name"),
    DataCategory.IIN: ("ЖСН", "ИИН", "IIN"),
    DataCategory.BIRTH_DATE: ("туған күні", "дата рождения", "date of birth"),
    DataCategory.STUDENT_NUMBER: ("мектептегі нөмірі", "номер в школе", "number at the school"),
    DataCategory.CONTACTS: ("байланыс деректері", "контактные данные", "contacts"),
    DataCategory.FACE_TEMPLATE: (
        "бет үлгісі (шифрланған)",
        "шаблон лица (зашифрованный)",
        "face template (encrypted)",
    ),
    DataCategory.ATTENDANCE_EVENTS: (
        "келу-кету жазбалары",
        "записи о приходе и уходе",
        "records of arrivals and departures",
    ),
}
_AUTHORITY: Final = (
    """Дербес деректер қауіпсіздігінің бұзылуы туралы хабарлама
{number}

Уәкілетті органға (94-V заңы, 25-бап).

Оператор: {operator}, БСН {bin}.
Бұзушылық анықталды: {found}. Хабарлау мерзімі: {by} дейін.

Не болды: {what}

Қандай деректерге қатысты: {data}.
Қанша адамға қатысты: {concerned}.

Қабылданған шаралар: {measures}

Дербес деректерді өңдеуді ұйымдастыруға жауапты тұлғаның байланысы: {contact}

Күні: ________________    Қолы: ________________
""",
    """Уведомление о нарушении безопасности персональных данных
{number}

В уполномоченный орган (закон 94-V, статья 25).

Оператор: {operator}, БИН {bin}.
Нарушение обнаружено: {found}. Срок уведомления: до {by}.

Что произошло: {what}

Каких данных касается: {data}.
Скольких людей касается: {concerned}.

Принятые меры: {measures}

Контакты ответственного за организацию обработки персональных данных: {contact}

Дата: ________________    Подпись: ________________
""",
    """Notice of a breach of personal data
{number}

To the authorised body (law 94-V, article 25).

Operator: {operator}, BIN {bin}.
The breach was found: {found}. To be notified by: {by}.

What happened: {what}

Data concerned: {data}.
People concerned: {concerned}.

Measures taken: {measures}

Contact of the person responsible for personal data: {contact}

Date: ________________    Signature: ________________
""",
)
_GUARDIANS: Final = (
    """Балаңыздың дербес деректері туралы
{number}

Құрметті ата-ана, заңды өкіл!

{found} балаңыздың дербес деректеріне қатысты қауіпсіздіктің бұзылғаны анықталды.

Не болды: {what}

Қандай деректерге қатысты: {data}.

Біз қолданған шаралар: {measures}

Сіз не істей аласыз: келісімді кез келген уақытта қайтарып ала аласыз, сонда бет үлгілері жойылады, \
ал балаңыз мектепке картамен кіреді. Балаңыз туралы не сақталатынын сұрауға құқығыңыз бар.

Сұрақтар бойынша: {contact}

{operator}
""",
    """О персональных данных вашего ребёнка
{number}

Уважаемый родитель, законный представитель!

{found} обнаружено нарушение безопасности, которое касается персональных данных вашего ребёнка.

Что произошло: {what}

Каких данных касается: {data}.

Что мы сделали: {measures}

Что можете сделать вы: отозвать согласие в любое время, тогда шаблоны лица уничтожаются, а ребёнок проходит \
в школу по карте. Вы вправе спросить, что хранится о вашем ребёнке.

По вопросам: {contact}

{operator}
""",
    """About the personal data of your child
{number}

Dear parent or guardian,

on {found} a breach was found that concerns the personal data of your child.

What happened: {what}

Data concerned: {data}.

What we have done: {measures}

What you can do: withdraw your consent at any time; then the face templates are destroyed, and your child \
comes to school by card. You may ask what is held about your child.

Questions to: {contact}

{operator}
""",
)
_NONE: Final = ("көрсетілмеген", "не указаны", "none named")


@dataclass(frozen=True, slots=True)
class Facts:
    """What both notices say; `found` and `by` in the school's zone."""

    number: str
    operator: str
    bin: str
    found: datetime
    by: datetime
    what: str
    data: frozenset[DataCategory]
    concerned: int
    measures: str
    contact: str


def to_authority(facts: Facts, language: Language) -> str:
    """The notice to the authorised body."""
    return _filled(_AUTHORITY, facts, language)


def to_guardians(facts: Facts, language: Language) -> str:
    """The notice to a guardian; it names no child, so that one text serves all."""
    return _filled(_GUARDIANS, facts, language)


def _filled(texts: tuple[str, str, str], facts: Facts, language: Language) -> str:
    place = _LANGUAGES.index(language)
    return texts[place].format(
        number=facts.number,
        operator=facts.operator,
        bin=facts.bin,
        found=f"{facts.found:%d.%m.%Y %H:%M}",
        by=f"{facts.by:%d.%m.%Y %H:%M}",
        what=facts.what,
        data=", ".join(_DATA[each][place] for each in DataCategory if each in facts.data),
        concerned=facts.concerned,
        measures=facts.measures or _NONE[place],
        contact=facts.contact,
    )
