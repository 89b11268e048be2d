"""The words of a printed record, in Kazakh, Russian and English."""

from typing import Final

from enrollment.settings import Language

ORDER: Final = (Language.KAZAKH, Language.RUSSIAN, Language.ENGLISH)

TITLE: Final = ("Сіз туралы не сақталады", "Что о вас хранится", "What is held about you")
INTRO: Final = (
    "Киосктің қоймасы мен журналында осы адам туралы сақталатын мәліметтің барлығы осында. Бет суреттері "
    "сақталмайды. Бет үлгісі — суреттен есептелген сандар; ол бұл қағазға да, файлға да жазылмайды, "
    "құрылғыдан шықпайды.",
    "Здесь всё, что хранится об этом человеке в хранилище и журнале киоска. Снимки лиц не хранятся. "
    "Шаблон лица — числа, вычисленные по снимку; его нет ни на этой бумаге, ни в файле, и он не покидает "
    "устройство.",
    "This is everything about this person in the kiosk's vault and its trail. No pictures of faces are "
    "kept. A face template is numbers worked out from a picture; it is neither on this paper nor in the "
    "file, and never leaves the device.",
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
    "Бұл көшірмеге кірмейді: мұнда қақпаның журналы оқылмады. Қақпа әр шешімді бүркеншік белгімен "
    "сақтайды; мектептен сұраңыз.",
    "В эту выписку не входят: журнал турникета здесь не читался. Турникет хранит каждое решение под "
    "псевдонимом; спросите школу.",
    "Not in this record: no trail of a gate was read here. A gate keeps each decision under the "
    "pseudonym; ask the school.",
)
HUB: Final = (
    "Келу-кету жазбалары мен сізге жіберілген хабарларды мектеп торабы сақтайды, олар бұл құжатта жоқ. "
    "Оларды мектептен осы бүркеншік белгімен сұраңыз: {pseudonym}",
    "Записи о приходе и уходе и сообщения вам хранит школьный узел, их нет в этом документе. Запросите их"
    " у школы, назвав псевдоним: {pseudonym}",
    "Arrivals, departures and the messages to you are held by the school's hub, and are not in this "
    "document. Ask the school for them, under the pseudonym {pseudonym}",
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
    "withdrawn_at": ("Кері қайтарылған", "Отозвано", "Withdrawn"),
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
    "removed_at": ("Тізімнен алынды", "Исключён из списка", "Removed"),
}

VALUES: Final = {
    "yes": ("иә", "да", "yes"),
    "left": ("мектептен кетті", "ушёл из школы", "left the school"),
    "identity": ("аты-жөні, туған күні, сыныбы", "имя, дата рождения, класс", "name, date of birth, class"),
    "consents": ("келісімдер", "согласия", "consents"),
    "credentials": ("карталар мен рұқсаттамалар", "карты и пропуска", "cards and passes"),
    "law": ("заңда көзделген негіз", "основание, предусмотренное законом", "a ground named by the law"),
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
    "attendance": ("қатысуды есепке алу", "учёт посещений", "attendance"),
    "meals": ("тамақтану", "питание", "meals"),
    "library": ("кітапхана", "библиотека", "library"),
    "display_board": ("электронды табло", "электронное табло", "display board"),
    "marketing": ("жарнама", "реклама", "marketing"),
    "name": ("аты-жөні", "имя", "name"),
    "iin": ("ЖСН", "ИИН", "IIN"),
    "birth_date": ("туған күні", "дата рождения", "date of birth"),
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
    "withdrawal": ("келісімді кері қайтарып алу", "отзыв согласия", "withdrawal"),
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
    "manual_release": ("қызметкер өткізді", "пропустил сотрудник", "let through by staff"),
    "right.access": ("өз деректеріне қол жеткізу", "доступ к своим данным", "access to the data held"),
    "purposes.access": ("турникеттен өту", "проход через турникет", "access"),
    "named_authority": ("аталған органдар", "названные органы", "a named authority"),
    "cooperation": ("органдарға жәрдемдесу", "содействие органам", "cooperation with authorities"),
    "refuse": ("өткізілмеді", "не пропущен", "refused"),
    "wait": ("күту", "ожидание", "waiting"),
    "credential": ("карта немесе QR", "карта или QR", "card or QR code"),
    "not_recognised": ("бетінен танылмады", "по лицу не узнан", "not recognised by face"),
    "ambiguous": ("екі адамға ұқсас", "похож на двоих", "looks like two people"),
    "consent_missing": ("келісім жоқ", "нет согласия", "there is no consent"),
    "not_live": ("тірі бет емес деп саналды", "принято за подделку", "taken for a forgery"),
    "pad_unavailable": (
        "тірі бетті тексеру істемейді",
        "проверка на подделку не работает",
        "the check against forgeries does not work",
    ),
    "no_face": ("бет көрінбейді", "лица не видно", "no face is seen"),
    "several_faces": ("бірнеше бет көрінеді", "видно несколько лиц", "several faces are seen"),
    "come_closer": ("жақынырақ келу керек", "нужно подойти ближе", "come closer"),
    "look_again": ("қайта қарау керек", "нужно посмотреть ещё раз", "look again"),
    "frame_stale": ("камера кешігіп тұр", "камера отстаёт", "the camera lags behind"),
    "credential_damaged": ("код бүлінген", "код повреждён", "the code is damaged"),
    "credential_other_school": ("басқа мектептікі", "другой школы", "of another school"),
    "credential_wrong_signature": ("қолтаңба сәйкес емес", "подпись не та", "the signature is wrong"),
    "credential_unknown": ("карта не код белгісіз", "карта или код неизвестны", "card or code is unknown"),
    "credential_revoked": (
        "карта не кодтың күші жойылған",
        "карта или код отменены",
        "card or code was revoked",
    ),
    "credential_expired": (
        "карта не кодтың мерзімі біткен",
        "срок карты или кода истёк",
        "card or code ran out",
    ),
    "credential_locked": ("уақытша жабық", "временно закрыто", "locked for a while"),
    "clock_set_back": ("сағат артқа қойылған", "часы переведены назад", "the clock was set back"),
    "outside_hours": ("рұқсат етілген уақыттан тыс", "вне разрешённого времени", "outside the hours"),
    "already_inside": ("ішінде деп белгіленген", "уже отмечен внутри", "noted as inside already"),
    "gate_closed": ("қақпа жабық", "турникет закрыт", "the gate is closed"),
    "other_lane_open": ("басқа өткел ашық", "открыт другой проход", "another lane is open"),
    "gate_unavailable": ("қақпа істемейді", "турникет не работает", "the gate does not work"),
    "vault_unavailable": ("қойма ашылмайды", "хранилище недоступно", "the vault cannot be read"),
    "not_durable": ("жазып алу мүмкін болмады", "не удалось записать", "it could not be written down"),
    "no_consent": ("келісім жоқ", "нет согласия", "there is no consent"),
    "card_forgotten": ("карта ұмытылды", "карта забыта", "the card was forgotten"),
    "card_broken": ("карта істемейді", "карта не работает", "the card does not work"),
    "reader_broken": ("оқу құрылғысы істемейді", "считыватель не работает", "the reader does not work"),
    "needs_help": ("көмек керек болды", "нужна была помощь", "needed help"),
    "child_objects": ("баланың өзі қарсы", "ребёнок против", "the child objects"),
    "guardian_objects": ("өкіл қарсы", "представитель против", "a guardian objects"),
    "restricted": ("деректер бұғатталған", "данные заблокированы", "the data are restricted"),
    "suspended": (
        "жаңа редакцияға келісім керек",
        "нужно согласие с новой редакцией",
        "a new edition needs consent",
    ),
    "too_slow": ("бас уақытында бұрылмады", "голова не повернулась вовремя", "the head did not turn in time"),
    "lost": ("бет көрінбей қалды", "лицо пропало из виду", "the face was out of sight"),
    "wrong_side": ("бас басқа жаққа бұрылды", "голова повернулась не туда", "the head turned the other way"),
    "few_good_pictures": ("сапалы сурет аз", "мало хороших снимков", "too few good pictures"),
    "other_face": ("бұрылған бет басқа", "повернулось другое лицо", "another face turned"),
    "consent_ended": ("келісім аяқталды", "согласие закончилось", "the consent ended"),
    "unused": ("көп уақыт пайдаланылмады", "долго не использовалось", "not used for long"),
    "rights_ended": ("өкілдік құқығы тоқтады", "права представителя прекращены", "their rights ended"),
    "own_wish": ("өз қалауымен", "по собственному желанию", "at their own wish"),
    "by_mistake": ("қате енгізілген", "внесён по ошибке", "entered by mistake"),
    "pin": ("PIN қате", "неверный PIN", "a wrong PIN"),
}


def label(key: str, language: Language) -> str:
    """The word for a field."""
    return LABELS[key][ORDER.index(language)]


def said(value: str, language: Language, key: str = "") -> str:
    """The word for a value from a closed list, some of them by the field `key`; other text stays as it is."""
    words = VALUES.get(f"{key}.{value}") or VALUES.get(value)
    return words[ORDER.index(language)] if words else value
