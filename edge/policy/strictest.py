"""The strictest rule wins: of all that policies and the floor say, what is in force, and why. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce

from edge.policy.library import LAW, PRODUCT
from edge.policy.profile import Bound
from edge.policy.rules import ABOUT, Rule
from edge.policy.values import Value, as_strict


class Standing(StrEnum):
    """What became of a clause."""

    DECIDES = "decides"
    LAXER = "laxer"
    LAXER_THAN_LAW = "laxer than the law"
    ELSEWHERE = "about another service"


@dataclass(frozen=True, slots=True)
class Statement:
    """What one policy says about a rule, and what came of it."""

    policy: str
    rule: Rule
    standing: Standing

    @property
    def clause(self) -> str:
        """Where it stands in that policy."""
        return self.rule.clause

    @property
    def value(self) -> Value:
        """What is said."""
        return self.rule.value

    @property
    def source(self) -> str:
        """Policy and clause, as people cite them."""
        return f"{self.policy} {self.clause}"


@dataclass(frozen=True, slots=True)
class Overruled:
    """A clause that is laxer than the floor, and the floor's, which wins over it."""

    rule: str
    laxer: Statement
    wins: Statement


@dataclass(frozen=True, slots=True)
class InForce:
    """A rule in force; None where no policy that counts says anything."""

    rule: str
    value: Value | None
    statements: tuple[Statement, ...]

    @property
    def sources(self) -> tuple[str, ...]:
        """The clauses that decide."""
        return tuple(each.source for each in self.statements if each.standing is Standing.DECIDES)


InForceRules = Mapping[str, InForce]


def strictest(bound: Iterable[Bound], floor: Iterable[Bound]) -> InForceRules:
    """Every rule that anybody states, with the laxest value that keeps them all."""
    everybody = sorted({each.policy: each for each in [*bound, *floor]}.values(), key=_order)
    found = (_in_force(name, everybody) for name in ABOUT)
    return {each.rule: each for each in found if each.statements}


def laxer_than(bound: Bound, below: Bound) -> tuple[Overruled, ...]:
    """The clauses by which a policy allows what the law, or another floor, does not; they change nothing."""
    floor = below.edition.counting()
    return tuple(
        Overruled(
            name,
            Statement(bound.policy, rule, Standing.LAXER),
            Statement(below.policy, floor[name], Standing.DECIDES),
        )
        for name, rule in bound.edition.counting().items()
        if name in floor and not as_strict(rule.value, floor[name].value)
    )


def _in_force(name: str, everybody: list[Bound]) -> InForce:
    said = {each.policy: rule for each in everybody if (rule := each.edition.counting().get(name))}
    values = [rule.value for rule in said.values()]
    legal = said[LAW].value if LAW in said else None
    statements = []
    for each in everybody:
        rule = getattr(each.edition.rules, name)
        if rule is not None:
            standing = _standing(rule.value, values, legal) if each.policy in said else Standing.ELSEWHERE
            statements.append(Statement(each.policy, rule, standing))
    value = reduce(lambda one, other: one.meet(other), values) if values else None
    return InForce(name, value, tuple(statements))


def _standing(value: Value, values: list[Value], legal: Value | None) -> Standing:
    if not any(other != value and as_strict(other, value) for other in values):
        return Standing.DECIDES
    if legal is not None and not as_strict(value, legal):
        return Standing.LAXER_THAN_LAW
    return Standing.LAXER


def _order(bound: Bound) -> tuple[int, str]:
    """The floor last, the rest by name: the order in which they were named says nothing."""
    return ((LAW, PRODUCT).index(bound.policy) + 1 if bound.policy in {LAW, PRODUCT} else 0, bound.policy)
