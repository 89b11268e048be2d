"""The kiosk's configuration file."""

from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from edge.config import AbsolutePath, Settings, SlugField, ZoneName
from edge.credentials.card import CardSettings
from edge.domain.consent import DataCategory, Operator, Purpose
from edge.policy.library import KNOWN, is_file
from edge.policy.retention import RetentionSettings
from edge.vault.settings import VaultSettings
from edge.vision.cameras.settings import CameraSettings
from edge.vision.engine_choice import EngineName


class OperatorSection(Settings):
    """Who processes the data: the name and BIN that every consent carries."""

    name: str
    bin: str = Field(pattern=r"^\d{12}$")

    def operator(self) -> Operator:
        """The domain's value."""
        return Operator(self.name, self.bin)


class Shows(StrEnum):
    """What names the child on its pass."""

    NUMBER = "number"
    FIRST_NAME = "first_name"
    NOTHING = "nothing"


class Language(StrEnum):
    """Of the words on a pass."""

    KAZAKH = "kk"
    RUSSIAN = "ru"
    ENGLISH = "en"


class PassSettings(Settings):
    """Printed passes: how many `days` they count and what stands on them; a lost one tells whoever finds it.

    `first_name_word`: which word of the roster's full name is the first name. `font`: TrueType with Kazakh
    letters; the default is Debian's package fonts-dejavu-core.
    """

    days: int = Field(default=366, ge=1, le=731)
    shows: Shows = Shows.NUMBER
    first_name_word: Literal[1, 2] = 2
    language: Language = Language.KAZAKH
    font: AbsolutePath = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")


def _policy(name: str) -> str:
    if is_file(name):
        return str(Path(name).expanduser().absolute())
    if name not in KNOWN:
        raise ValueError(
            f"there is no policy {name!r}; known are {', '.join(KNOWN)}, and a school's own by its .toml file"
        )
    return name


class PolicySettings(Settings):
    """The policies that bind the school, by name or as a file of its own; the law binds it anyway."""

    profiles: tuple[Annotated[str, AfterValidator(_policy)], ...] = ("kezekshi",)


Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200)]


class Recipient(Settings):
    """Somebody outside the school who is given data: `name` as people know it, what, and whether abroad."""

    name: Annotated[Line, Field(min_length=1)]
    data: frozenset[DataCategory] = Field(min_length=1)
    abroad: bool = False

    @model_validator(mode="after")
    def _no_biometrics(self) -> Self:
        if DataCategory.FACE_TEMPLATE in self.data:
            raise ValueError("nobody is given face templates: they never leave the device")
        return self


class PapersSettings(Settings):
    """What the school's papers say that nothing else tells; a paper that needs a missing key is refused.

    `edition`: the day from which the papers hold. `data_officer`, `ask`: who answers for personal data, and
    whom to ask at the gate; the first stands in the form, which is kept for good, so better a post than a
    person. `purposes`: what the consent form offers.
    """

    edition: date | None = None
    address: Line = ""
    phone: Line = ""
    email: Line = ""
    data_officer: Line = ""
    ask: Line = ""
    purposes: frozenset[Purpose] = Field(
        default=frozenset({Purpose.ACCESS, Purpose.ATTENDANCE}), min_length=1
    )
    recipients: tuple[Recipient, ...] = ()


class KioskSettings(Settings):
    """Everything `qaqpa-kiosk` reads from its file.

    `gate_audit`: the audit trail of the gate on this device, if any: an archive then tells the passages.
    """

    school: SlugField
    time_zone: ZoneName = "Asia/Almaty"
    vault: VaultSettings
    audit: AbsolutePath
    gate_audit: AbsolutePath | None = None
    operator: OperatorSection
    engine: EngineName = EngineName.SFACE
    camera: CameraSettings | None = None
    passes: PassSettings = PassSettings()
    cards: CardSettings = CardSettings()
    policy: PolicySettings = PolicySettings()
    papers: PapersSettings = PapersSettings()
    retention: RetentionSettings = RetentionSettings()
