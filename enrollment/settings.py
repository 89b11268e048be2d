"""The kiosk's configuration file."""

from pydantic import Field

from edge.config import AbsolutePath, Settings, SlugField, ZoneName
from edge.domain.consent import Operator
from edge.vault.settings import VaultSettings
from edge.vision.cameras.settings import CameraSettings
from edge.vision.engine import EngineName


class OperatorSection(Settings):
    """Who processes the data: the name and BIN that every consent carries."""

    name: str
    bin: str = Field(pattern=r"^\d{12}$")

    def operator(self) -> Operator:
        """The domain's value."""
        return Operator(self.name, self.bin)


class KioskSettings(Settings):
    """Everything `qaqpa-kiosk` reads from its file."""

    school: SlugField
    time_zone: ZoneName = "Asia/Almaty"
    vault: VaultSettings
    audit: AbsolutePath
    operator: OperatorSection
    engine: EngineName = EngineName.SFACE
    camera: CameraSettings | None = None
