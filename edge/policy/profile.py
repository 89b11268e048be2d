"""A policy as data: who issued it, and its editions with the rules of each."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from pydantic import Field, model_validator

from edge.config import Settings, SlugField
from edge.errors import ConfigError
from edge.policy.rules import ABOUT, ClauseNumber, Rule, Rules
from edge.policy.vocabulary import HERE, Service


class Edition(Settings):
    """One edition of a policy, whole. `services`: what it is about; none named: everything.

    Only the first edition may leave `published` out: its text names no date.
    """

    number: Annotated[int, Field(ge=1, le=9999)]
    published: date | None = None
    services: Mapping[Service, ClauseNumber] = {}
    rules: Rules

    @property
    def about_us(self) -> bool:
        """Whether it is about a service that this product is part of."""
        return not self.services or bool(HERE & set(self.services))

    def is_out(self, today: date) -> bool:
        """Whether it is published by then."""
        return self.published is None or self.published <= today

    def counting(self) -> dict[str, Rule]:
        """The rules that count here: what another service collects, and for what, is not about the gate."""
        return {
            name: rule for name, rule in self.rules.stated() if self.about_us or not ABOUT[name].own_service
        }


@dataclass(frozen=True, slots=True)
class Bound:
    """An edition that counts, under its policy's name."""

    policy: str
    edition: Edition


class Profile(Settings):
    """A policy that a school can bind itself to; editions oldest first."""

    name: SlugField
    title: str
    operator: str
    editions: tuple[Edition, ...]

    @model_validator(mode="after")
    def _editions_follow(self) -> "Profile":
        if not self.editions:
            raise ValueError("editions: there is none")
        for before, after in zip(self.editions, self.editions[1:], strict=False):
            if after.number != before.number + 1:
                raise ValueError(
                    f"editions: number {after.number} follows {before.number}; {before.number + 1} is missing"
                )
            if after.published is None:
                raise ValueError(f"editions: number {after.number} lacks published")
            if before.published is not None and after.published <= before.published:
                raise ValueError(
                    f"editions: number {after.number} has published = {after.published},"
                    f" not after {before.published} of number {before.number}"
                )
        return self

    def bound(self, edition: Edition | None = None) -> Bound:
        """This policy in one of its editions; the last one is the default."""
        return Bound(str(self.name), edition or self.editions[-1])

    def newest(self, today: date) -> Edition:
        """The newest edition that is published by then. Raises ConfigError when all are of the future."""
        for edition in reversed(self.editions):
            if edition.is_out(today):
                return edition
        first = self.editions[0]
        raise ConfigError(
            f"policy {self.name}: edition {first.number} has published = {first.published}, which is to come",
            "It can be bound from that day on; check the date of this device too",
        )

    def edition(self, number: int) -> Edition:
        """The edition of this number. Raises ConfigError that names those there are."""
        for edition in self.editions:
            if edition.number == number:
                return edition
        raise ConfigError(
            f"policy {self.name} has no edition {number}",
            f"Its file has {', '.join(str(each.number) for each in self.editions)}",
        )
