"""The words of a printed record, in Kazakh, Russian and English."""

from typing import Final

from enrollment.settings import Language

ORDER: Final = (Language.KAZAKH, Language.RUSSIAN, Language.ENGLISH)

TITLE: Final = ("Сіз туралы не сақталады", "Что о вас хранится", "What is held about you")
INTRO: Final = (
    "Бұл құрылғыда осы адам туралы сақталатын мәліметтің барлығы осында. Бет суреттері сақталмайды. "
    "Бет үлгісі — суреттен есептелген сандар; ол бұл қағазға да, файлға да жазылмайды, құрылғыдан шықпайды.",
    "Здесь всё, что хранится об этом человеке на этом устройстве. Снимки лиц не хранятся. Шаблон лица — "
    "числа, вычисленные по снимку; его нет ни на этой бумаге, ни в файле, и он не покидает устройство.",
    "This is everything that is held about this person on this device. No pictures of faces are kept. A face "
    "template is numbers worked out from a picture; it is neither on this paper nor in the file, and never "
    "leaves the device.",
)
RIGHTS: Final = (
    "Сіз түзетуді, бұғаттауды, келісімді кері қайтарып алуды немесе бәрін жоюды сұрай аласыз; мектеп бір "
    "жұмыс күнінде орындайды. Бетін танытқысы келмеген адам карта немесе QR арқылы өтеді.",
    "Вы можете попросить исправить данные, заблокировать их, отозвать согласие или всё уничтожить; школа "
    "сделает это за один рабочий день. Кто не хочет проходить по лицу, проходит по карте или QR-коду.",
    "You may ask for corrections, for blocking, withdraw a consent, or have everything destroyed; the school "
    "does so within one working day. Whoever does not want to pass by face passes by card or QR code.",
)
NOTHING: Final = ("жоқ", "нет", "none")
PAGE: Final = ("{} бет", "Страница {}", "Page {}")

SECTIONS: Final = {
    "person": ("Адам", "Человек", "Person"),
    "guardians": ("Заңды өкілдер", "Законные представители", "Guardians"),
    "consents": ("Келісімдер", "Согласия", "Consents"),
    "objections": ("Қарсылықтар", "Возражения", "Objections"),
    "restrictions": ("Бұғаттаулар", "Блокирования", "Restrictions"),
    "requests": ("Өтініштер", "Обращения", "Requests"),
    "credentials": ("Карталар мен рұқсаттамалар", "Карты и пропуска", "Cards and passes"),
    "templates": ("Бет үлгілері", "Шаблоны лица", "Face templates"),
    "disclosures": (
        "Мемлекеттік органдарға берілгені",
        "Что передано государственным органам",
        "Handed to state bodies",
    ),
    "acts": ("Осы құрылғыда не істелді", "Что делалось на этом устройстве", "What was done at this device"),
    "passages": ("Қақпаның шешімдері", "Решения турникета", "Decisions of the gate"),
}
NOT_HERE: Final = (
    "осы құрылғыда сақталмайды",
    "на этом устройстве не хранятся",
    "not held on this device",
)

LABELS: Final = {
    "pseudonym": ("Бүркеншік белгі", "Псевдоним", "Pseudonym"),
    "student_number": ("Мектептегі нөмірі", "Номер в школе", "Number at the school"),
    "full_name": ("Аты-жөні", "Имя", "Name"),
    "born": ("Туған күні", "Дата рождения", "Date of birth"),
    "group": ("Сыныбы", "Класс", "Class"),
    "iin": ("ЖСН", "ИИН", "IIN"),
    "role": ("Кім", "Кто", "Role"),
    "relation": ("Кім болып келеді", "Кем приходится", "Relation"),
    "phone": ("Телефоны", "Телефон", "Phone"),
    "email": ("Электрондық пошта", "Электронная почта", "E-mail"),
    "withheld": ("Байланыс деректері", "Контакты", "Contacts"),
    "id": ("Белгісі", "Номер", "Id"),
    "operator": ("Оператор", "Оператор", "Operator"),
    "operator_bin": ("Оператордың БСН", "БИН оператора", "Operator's BIN"),
    "person": ("Кім туралы", "О ком", "About"),
    "guardian": ("Өкіл", "Представитель", "Guardian"),
    "purposes": ("Мақсаттары", "Цели", "Purposes"),
    "data": ("Деректер", "Данные", "Data"),
    "given_at": ("Берілген", "Дано", "Given"),
    "expires_at": ("Мерзімі бітеді", "Действует до", "Ends"),
    "withdrawn_at": ("Кері алынған", "Отозвано", "Withdrawn"),
    "channel": ("Қалай берілген", "Как дано", "Given by"),
    "third_parties": ("Үшінші тұлғаларға", "Третьим лицам", "To third parties"),
    "cross_border": ("Шетелге беру", "Передача за границу", "Across the border"),
    "published": ("Жариялау", "Публикация", "Published"),
    "evidence_sha256": ("Дәлелдің SHA-256", "SHA-256 подтверждения", "SHA-256 of the evidence"),
    "wording_sha256": ("Мәтіннің SHA-256", "SHA-256 текста", "SHA-256 of the wording"),
    "by": ("Кім", "Кто", "By"),
    "asked_by": ("Кім сұрады", "Кто просил", "Asked by"),
    "raised_at": ("Басталды", "Начато", "Since"),
    "lifted_at": ("Алынды", "Снято", "Lifted"),
    "right": ("Не сұралды", "О чём", "Asked for"),
    "way": ("Қалай келді", "Как поступило", "By way of"),
    "received_at": ("Келген күні", "Получено", "Received"),
    "due": ("Мерзімі", "Срок", "Due"),
    "closed_at": ("Жабылды", "Закрыто", "Closed"),
    "in_time": ("Мерзімінде", "В срок", "In time"),
    "outcome": ("Нәтижесі", "Итог", "Outcome"),
    "said": ("Айтылғаны", "Что сказано", "What was said"),
    "answered": ("Жауабы", "Ответ", "Answer"),
    "kind": ("Түрі", "Вид", "Kind"),
    "issue": ("Рет нөмірі", "Выпуск", "Issue"),
    "issued_at": ("Берілген", "Выдано", "Issued"),
    "revoked_at": ("Күші жойылған", "Отменено", "Revoked"),
    "engine": ("Тану бағдарламасы", "Программа распознавания", "Recognition program"),
    "count": ("Саны", "Количество", "Number"),
    "first_made_at": ("Алғашқысы жасалған", "Первый создан", "First made"),
    "last_made_at": ("Соңғысы жасалған", "Последний создан", "Last made"),
    "handed": ("Не берілді", "Что передано", "What was handed over"),
    "to": ("Кімге", "Кому", "To"),
    "ground": ("Негізі", "Основание", "Ground"),
    "document": ("Құжат", "Документ", "Document"),
    "at": ("Уақыты", "Время", "Time"),
    "what": ("Не істелді", "Что сделано", "What was done"),
    "reason": ("Себебі", "Причина", "Reason"),
}

VALUES: Final = {
    "yes": ("иә", "да", "yes"),
    "looked": ("жазбаны қарады", "просмотрена запись", "the record was looked at"),
    "left": ("мектептен кетті", "ушёл из школы", "left the school"),
    "disclosed": (
        "мемлекеттік органға берілді",
        "передано государственному органу",
        "handed to a state body",
    ),
    "identity": ("аты-жөні, туған күні, сыныбы", "имя, дата рождения, класс", "name, date of birth, class"),
    "consents": ("келісімдер", "согласия", "consents"),
    "credentials": ("карталар мен рұқсаттамалар", "карты и пропуска", "cards and passes"),
    "law": ("заң", "закон", "the law"),
    "consent_ran_out": ("келісім мерзімі бітті", "срок согласия истёк", "the consent ran out"),
    "no": ("жоқ", "нет", "no"),
    "only_theirs": (
        "тек сол өкілге көрсетіледі",
        "показываются только ему самому",
        "shown to that guardian only",
    ),
    "pupil": ("оқушы", "ученик", "pupil"),
    "staff": ("қызметкер", "сотрудник", "staff"),
    "mother": ("анасы", "мать", "mother"),
    "father": ("әкесі", "отец", "father"),
    "self": ("өзі", "сам", "self"),
    "access": ("кіру", "доступ", "access"),
    "attendance": ("қатысуды есепке алу", "учёт посещений", "attendance"),
    "meals": ("тамақтану", "питание", "meals"),
    "library": ("кітапхана", "библиотека", "library"),
    "display_board": ("электронды табло", "электронное табло", "display board"),
    "marketing": ("жарнама", "реклама", "marketing"),
    "name": ("аты-жөні", "имя", "name"),
    "iin": ("ЖСН", "ИИН", "IIN"),
    "student_number": ("мектептегі нөмірі", "номер в школе", "number at the school"),
    "contacts": ("байланыс деректері", "контакты", "contacts"),
    "face_template": ("бет үлгісі", "шаблон лица", "face template"),
    "attendance_events": ("келу-кету жазбалары", "записи о приходе и уходе", "arrivals and departures"),
    "paper": ("қол қойылған қағаз", "подписанная бумага", "signed paper"),
    "sms_code": ("SMS-код", "код по SMS", "SMS code"),
    "kiosk": ("киоскте өзі", "лично у киоска", "in person at the kiosk"),
    "guardian": ("өкіл", "представитель", "guardian"),
    "child": ("баланың өзі", "сам ребёнок", "the child"),
    "authority": ("уәкілетті орган", "уполномоченный орган", "an authority"),
    "in_person": ("өзі келді", "лично", "in person"),
    "letter": ("хат", "письмо", "letter"),
    "phone": ("телефон", "телефон", "phone"),
    "email": ("электрондық пошта", "электронная почта", "e-mail"),
    "rectification": ("түзету", "исправление", "rectification"),
    "restriction": ("бұғаттау", "блокирование", "restriction"),
    "unblocking": ("бұғаттан шығару", "разблокирование", "unblocking"),
    "withdrawal": ("келісімді кері алу", "отзыв согласия", "withdrawal"),
    "erasure": ("жою", "уничтожение", "erasure"),
    "objection": ("қарсылық", "возражение", "objection"),
    "complaint": ("шағым", "жалоба", "complaint"),
    "done": ("орындалды", "выполнено", "done"),
    "refused": ("бас тартылды", "отказано", "refused"),
    "taken_back": ("кері алынды", "отозвано", "taken back"),
    "card": ("карта", "карта", "card"),
    "qr": ("QR-рұқсаттама", "QR-пропуск", "QR pass"),
    "grant": ("өткізілді", "пропущен", "let through"),
    "recognised": ("бетінен танылды", "узнан по лицу", "recognised by face"),
    "verified": ("карта мен бет сәйкес", "карта и лицо совпали", "card and face agree"),
    "credential": ("карта немесе QR", "карта или QR", "card or QR code"),
    "manual_release": ("қызметкер өткізді", "пропустил сотрудник", "let through by staff"),
    "consent_recorded": ("келісім жазылды", "записано согласие", "consent recorded"),
    "enrolled": ("беті тіркелді", "лицо зарегистрировано", "face enrolled"),
    "enrolment_refused": ("тіркеуден бас тартылды", "в регистрации отказано", "enrolment refused"),
    "withdrawn": ("келісім кері алынды", "согласие отозвано", "consent withdrawn"),
    "look_alikes": ("ұқсас деп белгіленді", "отмечен как похожий", "marked as a look-alike"),
    "pass_issued": ("рұқсаттама берілді", "выдан пропуск", "pass issued"),
    "card_added": ("карта берілді", "выдана карта", "card given"),
    "card_looked_up": ("картасы тексерілді", "проверено, чья карта", "card looked up"),
    "credential_revoked": (
        "карта не рұқсаттама жойылды",
        "карта или пропуск отменены",
        "card or pass revoked",
    ),
    "pin_set": ("PIN қойылды", "задан PIN", "PIN set"),
    "pin_revoked": ("PIN жойылды", "PIN отменён", "PIN revoked"),
    "objected": ("қарсылық жазылды", "записано возражение", "objection recorded"),
    "objections_taken_back": ("қарсылық кері алынды", "возражение отозвано", "objection taken back"),
    "restricted": ("бұғатталды", "заблокировано", "restricted"),
    "restrictions_lifted": ("бұғаттан шығарылды", "разблокировано", "restriction lifted"),
    "rectified": ("деректер түзетілді", "данные исправлены", "data corrected"),
    "request_opened": ("өтініш тіркелді", "обращение записано", "request entered"),
    "request_seen": ("өтініш қаралды", "обращение просмотрено", "request looked at"),
    "request_closed": ("өтініш жабылды", "обращение закрыто", "request closed"),
    "record_read": ("осы мәлімет алынды", "получена эта выписка", "this record was read out"),
}


def label(key: str, language: Language) -> str:
    """The word for a field."""
    return LABELS[key][ORDER.index(language)]


def said(value: str, language: Language) -> str:
    """The word for a value from a closed list; any other text stays as it is."""
    return VALUES[value][ORDER.index(language)] if value in VALUES else value
