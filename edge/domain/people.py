"""The school's people and their guardians, as the vault keeps them; their repr shows no personal data."""

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from edge.domain.ids import ChildId
from edge.domain.iin import born_on, check_iin

ADULT_YEARS = 18
EARLIEST_YEAR = 1900
"""Nobody at a school was born before; an earlier year is mistyped."""


class Role(StrEnum):
    """What somebody is at the school."""

    PUPIL = "pupil"
    STAFF = "staff"


@dataclass(frozen=True, slots=True)
class Child:
    """Somebody on the school's roster: a pupil or, with that `role`, a member of staff (ADR 8).

    `born` and `iin` are there only where the policies in force allow them.
    """

    id: ChildId
    student_number: str = field(repr=False)
    full_name: str = field(repr=False)
    born: date | None = field(repr=False)
    group: str
    iin: str = field(default="", repr=False)
    role: Role = Role.PUPIL

    def __post_init__(self) -> None:
        for name in ("student_number", "full_name", "group"):
            if not getattr(self, name).strip():
                raise ValueError(f"{name} is empty")

    @property
    def birthday(self) -> date | None:
        """The date of birth, as told or from the IIN; None where neither is known."""
        return _birthday(self.born, self.iin)


@dataclass(frozen=True, slots=True)
class Guardian:
    """A parent or other legal representative of one child; of a member of staff, that very person.

    `born` is for those whose IIN is not known, or tells no date.
    """

    id: str
    child: ChildId
    full_name: str = field(repr=False)
    relation: str
    phone: str = field(default="", repr=False)
    email: str = field(default="", repr=False)
    iin: str = field(default="", repr=False)
    born: date | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        for name in ("id", "full_name", "relation"):
            if not getattr(self, name).strip():
                raise ValueError(f"{name} is empty")
        told = born_on(self.iin) if self.iin else None
        if self.born is not None and told is not None and self.born != told:
            raise ValueError("guardian_born is another day than the one in guardian_iin")

    @property
    def birthday(self) -> date | None:
        """The date of birth, as told or from the IIN; None where neither is known."""
        return _birthday(self.born, self.iin)

    @property
    def is_the_child(self) -> bool:
        """Whether somebody answers for himself, which only staff do."""
        return self.id == self.child.value


def _birthday(born: date | None, iin: str) -> date | None:
    return born or (born_on(iin) if iin else None)


def answering_for_oneself(member: Child, phone: str = "", email: str = "") -> Guardian:
    """A member of staff as the one who consents: the vault refuses it for a pupil."""
    return Guardian(member.id.value, member.id, member.full_name, "self", phone, email, member.iin)


def check_born(born: date, today: date, field: str) -> date:
    """A date of birth that can be one. Raises ValueError that names the field."""
    if born > today:
        raise ValueError(f"{field} is still to come")
    if born.year < EARLIEST_YEAR:
        raise ValueError(f"{field} is before {EARLIEST_YEAR}")
    return born


def check_iin_of_somebody(iin: str, today: date, field: str) -> str:
    """An IIN whose date of birth can be one, if it tells any. Raises ValueError that names the field."""
    told = born_on(check_iin(iin))
    if told is not None:
        check_born(told, today, f"the date of birth in {field}")
    return iin


def is_adult(born: date, today: date) -> bool:
    """Whether somebody is 18 on this day; who was born on 29 February is from 1 March on."""
    years = today.year - born.year
    return years - ((today.month, today.day) < (born.month, born.day)) >= ADULT_YEARS
