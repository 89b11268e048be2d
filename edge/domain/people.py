"""Children and guardians as the vault keeps them; their repr shows no personal data."""

from dataclasses import dataclass, field
from datetime import date

from edge.domain.ids import ChildId


@dataclass(frozen=True, slots=True)
class Child:
    """A pupil on the school's roster."""

    id: ChildId
    student_number: str = field(repr=False)
    full_name: str = field(repr=False)
    born: date = field(repr=False)
    group: str
    iin: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        for name in ("student_number", "full_name", "group"):
            if not getattr(self, name).strip():
                raise ValueError(f"{name} is empty")


@dataclass(frozen=True, slots=True)
class Guardian:
    """A parent or other legal representative of one child."""

    id: str
    child: ChildId
    full_name: str = field(repr=False)
    relation: str
    phone: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    iin: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        for name in ("id", "full_name", "relation"):
            if not getattr(self, name).strip():
                raise ValueError(f"{name} is empty")
