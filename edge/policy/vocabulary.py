"""The words in which policies speak of data, purposes, recipients and ways to agree.

Every word of `edge.domain.consent` is among them. A `Scale` goes from the laxest to the strictest.
"""

from enum import StrEnum


class Scale(StrEnum):
    """Words in their order: each is stricter than those before it."""

    @property
    def rank(self) -> int:
        """The place in that order, from 0."""
        return list(type(self)).index(self)


class Proof(Scale):
    """How it is proved that somebody agreed. Use of a service proves nothing.

    A code tells that somebody held the phone; at the kiosk a member of staff sees who agrees.
    """

    USE = "use"
    SMS_CODE = "sms_code"
    KIOSK = "kiosk"
    PAPER = "paper"


class Marketing(Scale):
    """When somebody may be sent offers and advertisements."""

    OPT_OUT = "opt_out"
    CONSENT = "consent"


class NewEdition(Scale):
    """What a new edition of a policy asks of those who agreed to the one before."""

    NOTHING = "nothing"
    RE_READING = "re_reading"
    CONSENT_AGAIN_IF_WIDER = "consent_again_if_wider"


class Service(StrEnum):
    """What a policy is about."""

    ACCESS_CONTROL = "access_control"
    ACCESS_EXTRAS = "access_extras"
    CANTEEN = "canteen"
    LIBRARY = "library"
    DISPLAY_BOARD = "display_board"
    MOBILE_APP = "mobile_app"
    ONLINE_RESOURCE = "online_resource"
    KNOWLEDGE_TESTS = "knowledge_tests"
    TEACHERS_PLATFORM = "teachers_platform"
    PUPIL_MONITORING = "pupil_monitoring"
    ONLINE_COURSES = "online_courses"


HERE = frozenset(
    {
        Service.ACCESS_CONTROL,
        Service.ACCESS_EXTRAS,
        Service.CANTEEN,
        Service.LIBRARY,
        Service.DISPLAY_BOARD,
        Service.MOBILE_APP,
        Service.ONLINE_RESOURCE,
    }
)
"""The services that this product is part of."""


class Represented(StrEnum):
    """For whom somebody may agree."""

    SELF = "self"
    OWN_CHILD = "own_child"
    ADOPTED_CHILD = "adopted_child"
    WARD = "ward"
    THIRD_PARTY = "third_party"


class Data(StrEnum):
    """Kinds of data."""

    NAME = "name"
    IDENTITY_DOCUMENT = "identity_document"
    IIN = "iin"
    BIRTH_DATE = "birth_date"
    STUDENT_NUMBER = "student_number"
    CONTACTS = "contacts"
    FACE_TEMPLATE = "face_template"
    FACE_IMAGE = "face_image"
    FINGERPRINTS = "fingerprints"
    PALM_IMAGE = "palm_image"
    QUESTIONNAIRE = "questionnaire"
    ATTENDANCE_EVENTS = "attendance_events"
    RESIDENCE = "residence"
    WORKPLACE = "workplace"
    POST = "post"
    YEARS_OF_SERVICE = "years_of_service"
    PHOTO = "photo"
    COURSE_RESULTS = "course_results"
    MESSAGES = "messages"
    TECHNICAL = "technical"
    PAYMENT = "payment"
    OTHER = "other"


class Use(StrEnum):
    """Purposes."""

    ACCESS = "access"
    ATTENDANCE = "attendance"
    MEALS = "meals"
    LIBRARY = "library"
    DISPLAY_BOARD = "display_board"
    MARKETING = "marketing"
    SAFETY = "safety"
    IDENTIFICATION = "identification"
    PERSONAL_SERVICES = "personal_services"
    MESSAGES = "messages"
    SUPPORT = "support"
    PAYMENTS = "payments"
    LOCATION_AGAINST_FRAUD = "location_against_fraud"
    VERIFICATION = "verification"
    ACCOUNT = "account"
    NEWS_AND_OFFERS = "news_and_offers"
    ADVERTISING = "advertising"
    PARTNERS_SERVICES = "partners_services"
    CONTRACT = "contract"
    IMPROVEMENT = "improvement"
    JUSTICE = "justice"


class Ground(StrEnum):
    """On what ground a state body gets data; `law` includes courts and investigations."""

    LAW = "law"
    NAMED_AUTHORITY = "named_authority"
    COOPERATION = "cooperation"


class Condition(StrEnum):
    """On what condition anybody else gets data."""

    WRITTEN_PERMISSION = "written_permission"
    CONSENT = "consent"
    CONTRACT = "contract"
    FRAUD = "fraud"
    TECHNICAL_DEFECTS = "technical_defects"


class Obstacle(StrEnum):
    """What may stand in the way of a withdrawal."""

    LAW_FORBIDS = "law_forbids"
    OPEN_OBLIGATION = "open_obligation"
