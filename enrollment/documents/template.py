"""The texts of the papers as data: blocks with `{facts}` to be filled in, some only under a condition."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pydantic import Field

from edge.config import Settings, load
from enrollment.documents.words import TEXTS
from enrollment.settings import Language


class Paper(StrEnum):
    """The papers there are."""

    DPIA = "dpia"
    RECORD = "record"
    PARENTS = "parents"
    CHILD = "child"
    CONSENT = "consent"
    RETENTION = "retention"
    SIGN = "sign"


class _Conditional(Settings):
    """`when`: only if all of these hold; `unless`: only if none of those does."""

    when: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()

    def holds(self, flags: frozenset[str]) -> bool:
        """Whether it stands on the paper."""
        return flags.issuperset(self.when) and flags.isdisjoint(self.unless)


class Row(_Conditional):
    """One line of a table."""

    cells: tuple[str, ...]


class Block(_Conditional):
    """One part of a paper; what is left out is not there.

    `table`, `ticks`: the name of a table of facts, under `head`, or as boxes to tick. `rows`: a table of the
    text's own. `fields`: lines to be filled in by hand. `picture`: drawn beside `text`.
    """

    heading: str = ""
    text: str = ""
    items: tuple[str, ...] = ()
    head: tuple[str, ...] = ()
    widths: tuple[int, ...] = ()
    rows: tuple[Row, ...] = ()
    table: str = ""
    ticks: str = ""
    fields: tuple[str, ...] = ()
    picture: str = ""


class Template(Settings):
    """One paper in one language. `size`: of its letters, in points; `one_page`: smaller ones if need be."""

    title: str
    draft: bool = False
    size: float = Field(default=10, ge=8, le=40)
    one_page: bool = False
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """What is filled in: texts, what holds, and tables, each in one language."""

    texts: Mapping[str, str]
    flags: frozenset[str]
    tables: Mapping[str, Sequence[Sequence[str]]]


@dataclass(frozen=True, slots=True)
class Filled:
    """A block as it stands on the paper. `ticks` are boxes, `rows` a table with `head` above it."""

    heading: str
    text: str
    items: tuple[str, ...]
    head: tuple[str, ...]
    widths: tuple[int, ...]
    rows: tuple[tuple[str, ...], ...]
    ticks: tuple[str, ...]
    fields: tuple[str, ...]
    picture: str


@dataclass(frozen=True, slots=True)
class Written:
    """A paper in one language, ready to be laid out."""

    title: str
    draft: bool
    size: float
    one_page: bool
    blocks: tuple[Filled, ...]


def template_of(paper: Paper, language: Language) -> Template:
    """Raises ConfigError if the installation is damaged."""
    return load(TEXTS / language.value / f"{paper.value}.toml", Template)


def fill(template: Template, facts: Facts) -> Written:
    """Raises KeyError for a fact that is not there: a mistake in the text, which a test finds."""
    blocks = tuple(_filled(block, facts) for block in template.blocks if block.holds(facts.flags))
    title = template.title.format_map(facts.texts)
    return Written(title, template.draft, template.size, template.one_page, blocks)


def _filled(block: Block, facts: Facts) -> Filled:
    rows = [tuple(each) for each in facts.tables[block.table]] if block.table else []
    rows += [_all(row.cells, facts) for row in block.rows if row.holds(facts.flags)]
    return Filled(
        block.heading.format_map(facts.texts),
        block.text.format_map(facts.texts),
        _all(block.items, facts),
        _all(block.head, facts),
        block.widths,
        tuple(rows),
        tuple(", ".join(each) for each in facts.tables[block.ticks]) if block.ticks else (),
        _all(block.fields, facts),
        block.picture,
    )


def _all(texts: Sequence[str], facts: Facts) -> tuple[str, ...]:
    return tuple(text.format_map(facts.texts) for text in texts)


def plain(written: Written) -> str:
    """The paper as plain text, for whoever reads or hashes it."""
    return "\n".join([written.title, *(line for block in written.blocks for line in _lines(block))]) + "\n"


def _lines(block: Filled) -> Iterator[str]:
    yield ""
    if block.heading:
        yield block.heading
    if block.text:
        yield block.text
    yield from (f"• {each}" for each in block.items)
    for row in ((block.head,) if block.head else ()) + block.rows:
        yield " | ".join(row)
    yield from (f"☐ {each}" for each in block.ticks)
    yield from (f"{each} ____________________" for each in block.fields)
