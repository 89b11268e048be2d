"""The school's people and their guardians, as the vault keeps them; their repr shows no personal data."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from edge.domain.ids import ChildId

ADULT_YEARS = 18


class Role(StrEnum):
    """What somebody is at the school."""

    PUPIL = "pupil"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Child:
    """Somebody on the school's roster: a pupil or, with that `role`, a member of staff (ADR 8)."""

    id: ChildId
    student_number: str = field(repr=False)
    full_name: str = field(repr=False)
    born: date = field(repr=False)
    group: str
    iin: str = field(default="", repr=False)
    role: Role = Role.PUPIL

    def __post_init__(self) -> None:
        for name in ("student_number", "full_name", "group"):
            if not getattr(self, name).strip():
                raise ValueError(f"{name} is empty")

    def adult(self, today: date) -> bool:
        """Whether this person is 18 on this day; who was born on 29 February is from 1 March on."""
        years = today.year - self.born.year
        return years - ((today.month, today.day) < (self.born.month, self.born.day)) >= ADULT_YEARS


@dataclass(frozen=True, slots=True)
class Guardian:
    """A parent or other legal representative of one child; of a member of staff, that very person."""

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

    @property
    def is_the_child(self) -> bool:
        """Whether somebody answers for himself, which only staff do."""
        return self.id == self.child.value


def answering_for_oneself(member: Child, phone: str = "", email: str = "") -> Guardian:
    """A member of staff as the one who consents: the vault refuses it for a pupil."""
    return Guardian(member.id.value, member.id, member.full_name, "self", phone, email, member.iin)
