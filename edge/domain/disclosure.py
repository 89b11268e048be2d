"""What was handed over about somebody, to whom, on what ground, and which two members of staff did it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from edge.domain.ids import ChildId


class Handed(StrEnum):
    """What can be handed over. The list is closed, and nothing biometric is on it."""

    IDENTITY = "identity"
    IIN = "iin"
    CONTACTS = "contacts"
    CONSENTS = "consents"
    CREDENTIALS = "credentials"


@dataclass(frozen=True, slots=True)
class Disclosure:
    """One entry of the register. Raises ValueError naming the field that is wrong.

    `sha256` is the hash of the JSON file that was handed over. Of somebody erased since, `child` is None and
    of the rest only `ground` and `at` are left.
    """

    id: str
    child: ChildId | None
    ground: str
    at: datetime
    document: str = field(default="", repr=False)
    body: str = field(default="", repr=False)
    staff: tuple[ChildId, ...] = ()
    handed: frozenset[Handed] = frozenset()
    sha256: str = ""

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise ValueError("at has no time zone")
        if self.child is None:
            return
        for name in ("ground", "document", "body"):
            if not getattr(self, name).strip():
                raise ValueError(f"{name} is empty")
        if len(set(self.staff)) != 2:
            raise ValueError("staff are not two different people")
        if not self.handed:
            raise ValueError("handed is empty")
