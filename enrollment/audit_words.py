"""What a record of the audit trail says to a parent, in Kazakh, Russian and English."""

from collections.abc import Mapping
from datetime import datetime
from string import Formatter
from typing import Final
from zoneinfo import ZoneInfo

from edge.audit import Value
from edge.domain.ids import ChildId
from enrollment.record_words import ORDER, label, said
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
    "request_opened": (
        "өтініш тіркелді: {right} (тіркеген: {by})",
        "записано обращение: {right} (записал(а): {by})",
        "a request was entered by {by}: {right}",
    ),
    "request_closed": (
        "өтініш жабылды: {outcome} (жапқан: {by})",
        "обращение закрыто: {outcome} (закрыл(а): {by})",
        "a request was closed by {by}: {outcome}",
    ),
    "restricted": ("деректер бұғатталды", "данные заблокированы", "the data were restricted"),
    "restrictions_lifted": ("бұғаттау алынды", "блокирование снято", "the restriction was lifted"),
    "objections_taken_back": (
        "қарсылық кері қайтарып алынды",
        "возражение отозвано",
        "an objection was taken back",
    ),
    "guardian_removed": (
        "заңды өкіл тізімнен алынды ({why}; алған: {by}), тоқтаған келісімдер: {consents},"
        " жойылған бет үлгілері: {templates}",
        "законный представитель исключён из списка ({why}; исключил(а): {by}), прекращено согласий:"
        " {consents}, уничтожено шаблонов лица: {templates}",
        "a guardian was removed by {by} ({why}), consents ended: {consents}, face templates destroyed:"
        " {templates}",
    ),
    "guardian_added": (
        "заңды өкіл тізімге қосылды (қосқан: {by})",
        "законный представитель добавлен в список (добавил(а): {by})",
        "a guardian was added by {by}",
    ),
    "rectified": (
        "деректер түзетілді: {fields}",
        "данные исправлены: {fields}",
        "data were corrected: {fields}",
    ),
    "manual_release": (
        "қызметкер қолмен өткізді ({why})",
        "сотрудник пропустил вручную ({why})",
        "staff let this person through by hand ({why})",
    ),
    "forgiven": (
        "қызметкер тағы бір рет өтуге рұқсат берді",
        "сотрудник разрешил пройти ещё раз",
        "staff allowed another passage",
    ),
    "disclosure_refused": (
        "деректер берілмеді: қызметкердің PIN-коды қате",
        "данные не переданы: неверный PIN сотрудника",
        "nothing was handed over: a staff member's PIN was wrong",
    ),
    "pin_set": ("PIN-код қойылды", "задан PIN", "a PIN was set"),
    "pin_revoked": ("PIN-кодтың күші жойылды", "PIN отменён", "the PIN was taken away"),
    "pin_wrong": ("қате PIN-код терілді", "введён неверный PIN", "a wrong PIN was typed"),
    "pin_locked": (
        "қате PIN-кодтардан кейін теру уақытша жабылды",
        "после неверных PIN ввод временно закрыт",
        "after wrong PINs typing was locked for a while",
    ),
    "reset": ("қызметкер қақпаны қайта қосты", "сотрудник перезапустил турникет", "staff reset the gate"),
    "held_open": (
        "қызметкер қақпаны ашық ұстады",
        "сотрудник держал турникет открытым",
        "staff held the gate open",
    ),
    "closed": ("қақпа жабылды", "турникет закрыт", "the gate was closed"),
    "reopened": ("қақпа қайта ашылды", "турникет снова открыт", "the gate was opened again"),
    "evacuation": (
        "эвакуация: қақпа ашылды",
        "эвакуация: турникет открыт",
        "evacuation: the gate was opened",
    ),
    "inside_listed": (
        "ішінде кім бар екені қаралды: {people}",
        "просмотрен список тех, кто внутри: {people}",
        "the list of who is inside was looked at: {people}",
    ),
    "alarm": ("қақпа дабыл берді", "тревога турникета", "the gate raised an alarm"),
    "roster_imported": (
        "мектептің тізімі енгізілді: {people}",
        "загружен список школы: {people}",
        "the school's roster was imported: {people}",
    ),
    "templates_renewed": (
        "бет үлгілері жаңартылды: {templates}",
        "шаблоны лица обновлены: {templates}",
        "face templates were renewed: {templates}",
    ),
    "edition_adopted": (
        "{policy} саясатының {edition}-редакциясы күшіне енді",
        "вступила в силу редакция {edition} политики {policy}",
        "edition {edition} of the policy {policy} came into force",
    ),
    "passes_printed": (
        "рұқсаттамалар басып шығарылды: {passes}",
        "напечатаны пропуска: {passes}",
        "passes were printed: {passes}",
    ),
    "visitor_pass": ("келушіге рұқсаттама берілді", "выдан пропуск посетителю", "a visitor got a pass"),
    "breach_opened": (
        "дербес деректер қауіпсіздігінің бұзылуы тіркелді, қатысы бар адамдар: {concerned}",
        "записано нарушение безопасности персональных данных, затронуто людей: {concerned}",
        "a breach of personal data was entered, people concerned: {concerned}",
    ),
    "breach_closed": (
        "бұзылу туралы уәкілетті органға хабарланды",
        "о нарушении сообщено уполномоченному органу",
        "the authorised body was told of the breach",
    ),
    "device_revoked": (
        "ұрланған құрылғының кілттері ауыстырылды",
        "ключи украденного устройства заменены",
        "the keys of a stolen device were changed",
    ),
    "retention_run": ("сақтау мерзімдері тексерілді", "проверены сроки хранения", "the terms were checked"),
    "surplus_dropped": (
        "саясаттар рұқсат етпейтін мәліметтер жойылды: {fields}",
        "уничтожены сведения, которых не допускают политики: {fields}",
        "what the policies do not allow was destroyed: {fields}",
    ),
    "retention_refused": (
        "мерзімі бойынша ештеңе жойылмады: сағат не сан күмәнді",
        "по срокам ничего не уничтожено: часы или число вызывают сомнение",
        "nothing was destroyed at its term: the clock or the number is in doubt",
    ),
    "policy_left": (
        "мектеп «{policy}» саясатынан шықты",
        "школа вышла из политики «{policy}»",
        "the school left the policy {policy}",
    ),
    "trail_begun_anew": (
        "журнал жаңадан басталды, оған дейінгі жазбалар саны: {lines_before}",
        "журнал начат заново, записей до этого: {lines_before}",
        "the trail was begun anew, lines before it: {lines_before}",
    ),
    "checkpoint": (
        "журналға құрылғы қол қойды",
        "журнал подписан устройством",
        "the device signed the trail",
    ),
    "torn_tail": (
        "журналдың жазылып бітпеген соңы алынып тасталды",
        "убран недописанный конец журнала",
        "an unfinished end of the trail was removed",
    ),
}
COMMANDS: Final[Mapping[str, tuple[str, str, str]]] = {
    "enroll status": (
        "адамдар мен келісімдер тізімі",
        "список людей и согласий",
        "list of people and consents",
    ),
    "enroll face": (
        "бетті тіркеу: ұқсас беттер",
        "регистрация лица: похожие лица",
        "enrolment: similar faces",
    ),
    "guardian remove": (
        "өкілді тізімнен алу: аттас өкілдер",
        "исключение представителя: люди с тем же именем",
        "removal of a guardian: the same name",
    ),
    "pass list": (
        "карталар мен рұқсаттамалар тізімі",
        "список карт и пропусков",
        "list of cards and passes",
    ),
    "pass sheet": ("рұқсаттамаларды басып шығару", "печать пропусков", "printing of passes"),
    "policy agreed": ("келісім мәтіндері", "тексты согласий", "texts of consents"),
    "receipt": ("жою туралы түбіртек", "квитанция об уничтожении", "receipt of an erasure"),
    "staff list": ("қызметкерлер тізімі", "список сотрудников", "list of staff"),
    "audit of": ("журналдан үзінді", "выписка из журнала", "extract of the trail"),
    "rights list": ("өтініштер тізімі", "список обращений", "list of requests"),
    "disclose list": ("берілген деректер тізілімі", "реестр передач", "register of disclosures"),
    "breach open": (
        "бұзылу туралы хабарлама",
        "уведомление о нарушении",
        "notice of a breach",
    ),
    "retention plan": ("сақтау мерзімі біткендер", "у кого истёк срок хранения", "whose terms are over"),
}
"""What the commands that show a record are for, as parents understand it."""
SHOWN: Final = frozenset(
    {
        name
        for forms in _SENTENCES.values()
        for form in forms
        for _, name, _, _ in Formatter().parse(form)
        if name
    }
)
"""The details of a record that its sentence tells."""
_OTHER: Final = ("басқа жазба: {what}", "другая запись: {what}", "another record: {what}")


def about(record: Mapping[str, Value], child: ChildId) -> bool:
    """Whether a record is about this child; a look at the whole roster is."""
    return child.value in {record.get("child"), record.get("other"), record.get("staff")} or bool(
        record["what"] == "looked" and record.get("everybody")
    )


def sentence(record: Mapping[str, Value], language: Language, zone: ZoneInfo) -> str:
    """One line: when, and what. Another child in it is never named."""
    at = datetime.fromisoformat(str(record["at"])).astimezone(zone)
    return f"{at:%d.%m.%Y %H:%M}  {told(record, language)}"


def told(record: Mapping[str, Value], language: Language) -> str:
    """What a record says, without the time."""
    form = _SENTENCES.get(str(record["what"]), _OTHER)[ORDER.index(language)]
    return form.format_map(_Said({name: _word(name, value, language) for name, value in record.items()}))


def _word(name: str, value: Value, language: Language) -> str:
    """A detail in words; fields and reasons may be several."""
    if name == "command":
        return COMMANDS.get(str(value), (str(value),) * 3)[ORDER.index(language)]
    if name == "fields":
        return ", ".join(label(each.rpartition(".")[2], language) for each in str(value).split(","))
    if name == "by":
        return str(value)
    return ", ".join(said(each, language, name) for each in str(value).split(" "))


class _Said(dict[str, str]):
    """A record of an older version may lack a word."""

    def __missing__(self, key: str) -> str:
        return "?"
