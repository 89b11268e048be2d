"""The list of who is inside, to print; made of what a running gate tells."""

from collections.abc import Mapping, Sequence

COLUMNS = ("group", "name", "number", "since", "note")


def as_text(people: Sequence[Mapping[str, str]], title: str) -> str:
    """The list as plain text, a line each with a box to tick, as wide as its longest entries."""
    rows = [("", *COLUMNS), *(("[ ]", *(each[column] for column in COLUMNS)) for each in people)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (" ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
    return "\n".join((title, "", *lines, ""))
