"""How each language names purposes, data, rules and terms."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import cache
from pathlib import Path

from edge.config import Settings, load
from edge.policy.values import Age, Days, Level, Only, Required, Term, Value
from enrollment.settings import Language

TEXTS = Path(__file__).parent / "texts"


class Words(Settings):
    """One language. `{}` takes a number; `_one` is the form for 1 and, with `last_digit`, for 21, 31.

    Terms stand in the case that follows "within", days in that which follows "no longer than".
    `guardian`: what each kind of data is where it is a guardian's.
    `policy`: patterns in clauses of the floor, and how this language cites them.
    """

    decimal: str
    last_digit: bool
    page: str
    edition: str
    bin: str
    hash: str
    draft: str
    yes: str
    no: str
    nothing: str
    no_term: str
    at_least: str
    at_least_years: str
    most_days: str
    days: str
    days_one: str
    working_days: str
    working_days_one: str
    calendar_days: str
    calendar_days_one: str
    whichever_first: str
    abroad: str
    here: str
    word: Mapping[str, str]
    guardian: Mapping[str, str]
    rule: Mapping[str, str]
    mode: Mapping[str, str]
    direction: Mapping[str, str]
    policy: Mapping[str, str]

    def list(self, words: Iterable[str]) -> str:
        """The words of the vocabulary in this language, in one order."""
        return ", ".join(sorted(self.word[each] for each in words)) or self.nothing

    def list_of_guardian(self, kinds: Iterable[str]) -> str:
        """Kinds of data that are held of a guardian, in one order."""
        found = set(kinds)
        return ", ".join(word for kind, word in self.guardian.items() if kind in found)

    def count(self, number: int, unit: str) -> str:
        """`3 working days`, in the case that "within" and "no longer than" ask for."""
        one = number == 1 or (self.last_digit and number % 10 == 1 and number % 100 != 11)
        form = f"{unit}_one" if one else unit
        return str(getattr(self, form)).format(number)

    def percent(self, share: float) -> str:
        """0.003 as 0.3 %."""
        return f"{share * 100:g}\N{NO-BREAK SPACE}%".replace(".", self.decimal)

    def number(self, number: float) -> str:
        """With the language's decimal sign."""
        return f"{number:g}".replace(".", self.decimal)

    def term(self, term: Term) -> str:
        """A term, whichever of its limits ends first."""
        limits = []
        if term.working_days is not None:
            limits.append(self.count(term.working_days, "working_days"))
        if term.calendar_days is not None:
            limits.append(self.count(term.calendar_days, "calendar_days"))
        return self.whichever_first.join(limits) or self.no_term

    def source(self, source: str) -> str:
        """`law 94-V, art. 8` as this language cites it."""
        for pattern, cited in self.policy.items():
            source = re.sub(pattern, cited, source)
        return source

    def value(self, value: Value) -> str:
        """What a rule says."""
        match value:
            case Age(years):
                return self.at_least_years.format(years)
            case Days(most):
                return self.most_days.format(self.count(most, "days"))
            case Only(allowed):
                return self.list(allowed)
            case Required(required):
                return self.yes if required else self.no
            case Level(least):
                return self.at_least.format(self.word[least.value])
            case Term():
                return self.term(value)
        raise TypeError(type(value).__name__)


def day(moment: date) -> str:
    """As all three languages write it on papers here."""
    return f"{moment:%d.%m.%Y}"


@cache
def words_of(language: Language) -> Words:
    """Raises ConfigError if the installation is damaged."""
    return load(TEXTS / language.value / "words.toml", Words)
