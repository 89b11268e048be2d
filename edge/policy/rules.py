"""The rules that a policy may state, as sections of a profile's file. One that is left out says nothing."""

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated, Generic, NamedTuple, TypeVar

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from edge.config import Settings
from edge.policy.values import Age, Days, Level, Only, Required, Term, Value
from edge.policy.vocabulary import (
    Condition,
    Data,
    Ground,
    Marketing,
    NewEdition,
    Obstacle,
    Proof,
    Represented,
    Scale,
    Use,
)


def _numbered(clause: str) -> str:
    if not any(letter.isdigit() for letter in clause):
        raise ValueError(f"{clause!r} has no number, such as 3.16.1")
    return clause


ClauseNumber = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=40), AfterValidator(_numbered)
]
"""Where it stands in the policy, such as "3.16.1" or "94-V, art. 8": a name without a number is none."""
Count = Annotated[int, Field(ge=1, le=36600)]
WordT = TypeVar("WordT", bound=StrEnum)
ScaleT = TypeVar("ScaleT", bound=Scale)


class Rule(Settings):
    """What one clause says."""

    clause: ClauseNumber

    @property
    @abstractmethod
    def value(self) -> Value:
        """What it says, without the clause."""


class AgeRule(Rule):
    """`years` = 16."""

    years: Annotated[int, Field(ge=0, le=120)]

    @property
    def value(self) -> Age:
        """See Rule."""
        return Age(self.years)


class DaysRule(Rule):
    """`days` = 366."""

    days: Count

    @property
    def value(self) -> Days:
        """See Rule."""
        return Days(self.days)


class OnlyRule(Rule, Generic[WordT]):
    """`only` = { word = "clause" }: each word with the clause that allows it."""

    only: Mapping[WordT, ClauseNumber]

    @property
    def value(self) -> Only:
        """See Rule."""
        return Only(frozenset(self.only))


class DataRule(OnlyRule[Data]):
    """Kinds of data. Where an IIN is allowed, so is the date of birth that its first digits tell."""

    @property
    def value(self) -> Only:
        """See Rule."""
        told = {Data.BIRTH_DATE} if Data.IIN in self.only else set()
        return Only(frozenset(self.only) | told)


class RequiredRule(Rule):
    """`required` = true."""

    required: bool

    @property
    def value(self) -> Required:
        """See Rule."""
        return Required(self.required)


class LevelRule(Rule, Generic[ScaleT]):
    """`at_least` = a word of the scale."""

    at_least: ScaleT

    @property
    def value(self) -> Level:
        """See Rule."""
        return Level(self.at_least)


class TermRule(Rule):
    """`working_days` = 7 or `calendar_days` = 30, or both."""

    working_days: Count | None = None
    calendar_days: Count | None = None

    @model_validator(mode="after")
    def _some_term(self) -> "TermRule":
        if self.working_days is None and self.calendar_days is None:
            raise ValueError("working_days or calendar_days is missing")
        return self

    @property
    def value(self) -> Term:
        """See Rule."""
        return Term(self.working_days, self.calendar_days)


class Held(StrEnum):
    """Who keeps a rule: the program, or people whom it reminds."""

    CAPTURE = "consent capture"
    VAULT = "vault"
    GATE = "gate"
    HUB = "hub"
    PEOPLE = "people"


class About(NamedTuple):
    """What a rule is about. `own_service`: it speaks of the policy's own service only, not of the school."""

    title: str
    held: Held
    own_service: bool = False


class Rules(Settings):
    """Every rule there is; the names are the keys of a profile's file."""

    least_age: Annotated[AgeRule | None, About("age of who agrees", Held.CAPTURE)] = None
    agrees_for: Annotated[OnlyRule[Represented] | None, About("agrees for", Held.VAULT)] = None
    consent_channel: Annotated[LevelRule[Proof] | None, About("proof of consent", Held.CAPTURE)] = None
    data: Annotated[DataRule | None, About("data", Held.CAPTURE, own_service=True)] = None
    general_purposes: Annotated[OnlyRule[Use] | None, About("purposes", Held.CAPTURE, own_service=True)] = (
        None
    )
    biometric_purposes: Annotated[OnlyRule[Use] | None, About("purposes of biometrics", Held.CAPTURE)] = None
    additional_consent: Annotated[
        RequiredRule | None, About("own consent for any other use of biometrics", Held.CAPTURE)
    ] = None
    marketing: Annotated[LevelRule[Marketing] | None, About("marketing", Held.PEOPLE)] = None
    minimisation: Annotated[RequiredRule | None, About("only data that is needed", Held.PEOPLE)] = None
    retention: Annotated[DaysRule | None, About("consent and templates are kept", Held.CAPTURE)] = None
    destroyed_with_purpose: Annotated[
        RequiredRule | None, About("destroyed when the purpose ends", Held.VAULT)
    ] = None
    state_bodies: Annotated[OnlyRule[Ground] | None, About("grounds to tell a state body", Held.VAULT)] = None
    third_parties: Annotated[
        OnlyRule[Condition] | None, About("conditions to tell anybody else", Held.PEOPLE)
    ] = None
    never_sold: Annotated[RequiredRule | None, About("no sale, no exchange", Held.PEOPLE)] = None
    not_published: Annotated[RequiredRule | None, About("no publication", Held.CAPTURE)] = None
    stays_in_country: Annotated[RequiredRule | None, About("data stays in the country", Held.CAPTURE)] = None
    breach_told: Annotated[RequiredRule | None, About("a breach is told to the user", Held.PEOPLE)] = None
    breach_notice: Annotated[
        TermRule | None, About("a breach is told to the authorised body", Held.PEOPLE)
    ] = None
    breach_damage: Annotated[
        RequiredRule | None, About("damage of a breach is prevented together", Held.PEOPLE)
    ] = None
    restriction: Annotated[
        RequiredRule | None, About("blocked from the request, while it is checked", Held.VAULT)
    ] = None
    restriction_done: Annotated[
        TermRule | None, About("blocked, unblocked, destroyed on request", Held.PEOPLE)
    ] = None
    own_data: Annotated[RequiredRule | None, About("own data is seen and corrected", Held.PEOPLE)] = None
    correction_done: Annotated[TermRule | None, About("corrected on request", Held.PEOPLE)] = None
    request_answer: Annotated[TermRule | None, About("a request is answered", Held.PEOPLE)] = None
    withdrawal_obstacles: Annotated[
        OnlyRule[Obstacle] | None, About("in the way of a withdrawal", Held.VAULT)
    ] = None
    deletion_any_time: Annotated[RequiredRule | None, About("deleted at any time", Held.VAULT)] = None
    mailings_end: Annotated[RequiredRule | None, About("mailings stop at any time", Held.PEOPLE)] = None
    complaint_answer: Annotated[TermRule | None, About("a complaint is answered", Held.PEOPLE)] = None
    complaint_in_writing: Annotated[
        RequiredRule | None, About("a complaint is answered in writing", Held.PEOPLE)
    ] = None
    new_edition: Annotated[LevelRule[NewEdition] | None, About("a new edition asks for", Held.VAULT)] = None
    equal_alternative: Annotated[RequiredRule | None, About("another way in for everybody", Held.GATE)] = None
    cards_first: Annotated[RequiredRule | None, About("cards; other means with consent only", Held.GATE)] = (
        None
    )
    passages_recorded: Annotated[
        RequiredRule | None, About("arrivals and departures are recorded", Held.GATE)
    ] = None
    parents_told: Annotated[RequiredRule | None, About("parents are told with date and time", Held.HUB)] = (
        None
    )
    attendance_report: Annotated[RequiredRule | None, About("monthly report of attendance", Held.PEOPLE)] = (
        None
    )
    meal_report: Annotated[
        RequiredRule | None, About("monthly report of meals before the 5th", Held.PEOPLE)
    ] = None
    guardians_objection: Annotated[
        RequiredRule | None, About("any guardian's objection stops it", Held.VAULT)
    ] = None
    childs_objection: Annotated[RequiredRule | None, About("the child's objection stops it", Held.VAULT)] = (
        None
    )

    def stated(self) -> Iterator[tuple[str, Rule]]:
        """Name and rule of everything that is said here, in the order above."""
        for name in type(self).model_fields:
            rule = getattr(self, name)
            if rule is not None:
                yield name, rule


ABOUT: Mapping[str, About] = {
    name: next(each for each in field.metadata if isinstance(each, About))
    for name, field in Rules.model_fields.items()
}
"""What each rule is about, in the order of Rules."""
