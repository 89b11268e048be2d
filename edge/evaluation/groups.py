"""Figures by group of people, at the thresholds of everybody: no group has a threshold of its own."""

import csv
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edge.errors import ConfigError
from edge.evaluation.acquisition import Acquisition
from edge.evaluation.identification import FPIRS, Identification, Searches
from edge.evaluation.people import People
from edge.evaluation.tally import Interval, Tally, Weights, index_of, interval

PERSON = "person"
UNKNOWN = "(not given)"
FEW = 30  # below this the rule of 3 alone leaves a tenth open

Groups = Mapping[str, Mapping[str, str]]
"""Column, then person, then group."""


@dataclass(frozen=True, slots=True)
class GroupRow:
    """One group of one column. `fpir_wanted` names the common threshold; rates are None without a search."""

    engine: str
    column: str
    group: str
    people: int
    few: bool
    fta: float | None
    fpir_wanted: float
    fnir: float | None
    fnir_ci95: Interval | None
    fpir: float | None
    fpir_ci95: Interval | None


@dataclass(frozen=True, slots=True)
class Worst:
    """The group of a column with the highest FNIR, and the one with the highest FPIR, at one threshold.

    None where nobody erred: then no group is worse than another.
    """

    engine: str
    column: str
    fpir_wanted: float
    fnir_group: str | None
    fnir: float
    fpir_group: str | None
    fpir: float
    few: bool


def read_groups(path: Path) -> Groups:
    """CSV in UTF-8 with a column `person` and one or more others. Raises ConfigError."""
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}", "Check the path and its rights") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path} is not in UTF-8", "Save it as CSV in UTF-8") from error
    first = text.partition("\n")[0]
    # Spreadsheets set to Russian or Kazakh separate with semicolons.
    rows = csv.DictReader(text.splitlines(), delimiter=";" if ";" in first and "," not in first else ",")
    columns = [column for column in rows.fieldnames or () if column and column != PERSON]
    if PERSON not in (rows.fieldnames or ()) or not columns:
        raise ConfigError(
            f"{path} has no column 'person' or nothing beside it",
            "Begin it with a line such as: person,age,sex",
        )
    found: dict[str, dict[str, str]] = {column: {} for column in columns}
    for row in rows:
        for column in columns:
            found[column][_plain(row[PERSON])] = _plain(row[column]) or UNKNOWN
    return found


def _plain(text: str | None) -> str:
    """One spelling of letters with marks: folders made on a Mac store them in two parts."""
    return unicodedata.normalize("NFC", text or "").strip()


def by_group(
    engine: str,
    groups: Groups,
    people: People,
    acquisition: Acquisition,
    *,
    searches: Searches,
    rows: Sequence[Identification],
    weights: Weights,
) -> tuple[GroupRow, ...]:
    """Every group of every column at the thresholds of `rows`, by threshold alone."""
    table = []
    thresholds = {row.fpir: row.threshold for row in rows}
    for column, membership in groups.items():
        for group in sorted({_group(membership, name) for name in everybody(acquisition)}):
            members = np.asarray([_group(membership, name) == group for name in people.names])
            for wanted in FPIRS:
                place = index_of(thresholds[wanted])
                fnir = _rate(searches.plain.mated, members, place, weights, misses=True)
                fpir = _rate(searches.plain.non_mated, members, place, weights, misses=False)
                table.append(
                    GroupRow(
                        engine=engine,
                        column=column,
                        group=group,
                        people=int(members.sum()),
                        few=int(members.sum()) < FEW,
                        fta=_fta(acquisition, membership, group),
                        fpir_wanted=wanted,
                        fnir=fnir[0] if fnir else None,
                        fnir_ci95=fnir[1] if fnir else None,
                        fpir=fpir[0] if fpir else None,
                        fpir_ci95=fpir[1] if fpir else None,
                    )
                )
    return tuple(table)


def worst_groups(rows: Sequence[GroupRow]) -> tuple[Worst, ...]:
    """For each engine, column and threshold; groups not given or never searched are left out."""
    found = []
    keys = dict.fromkeys((row.engine, row.column, row.fpir_wanted) for row in rows)
    for engine, column, wanted in keys:
        refused = [
            (row.fnir, row)
            for row in rows
            if (row.engine, row.column, row.fpir_wanted) == (engine, column, wanted)
            and row.fnir is not None
            and row.group != UNKNOWN
        ]
        admitted = [(row.fpir, row) for _, row in refused if row.fpir is not None]
        if len(refused) > 1 and admitted:
            fnir, most_refused = max(refused, key=lambda pair: pair[0])
            fpir, most_admitted = max(admitted, key=lambda pair: pair[0])
            found.append(
                Worst(
                    engine,
                    column,
                    wanted,
                    most_refused.group if fnir else None,
                    fnir,
                    most_admitted.group if fpir else None,
                    fpir,
                    most_refused.few or most_admitted.few,
                )
            )
    return tuple(found)


def everybody(acquisition: Acquisition) -> list[str]:
    """All people with files, acquired or not."""
    return sorted({entry.person for entry in acquisition.listing.entries})


def _group(membership: Mapping[str, str], person: str) -> str:
    return membership.get(_plain(person), UNKNOWN)


def _fta(acquisition: Acquisition, membership: Mapping[str, str], group: str) -> float | None:
    failed, acquired = (
        sum(count for person, count in counts.items() if _group(membership, person) == group)
        for counts in (acquisition.failures, acquisition.acquired)
    )
    return failed / (failed + acquired) if failed + acquired else None


def _rate(
    tally: Tally, members: NDArray[np.bool_], place: int, weights: Weights, *, misses: bool
) -> tuple[float, Interval] | None:
    """Share accepted, or refused with `misses`, among the members at one threshold, and its interval."""
    of_group = Tally(tally.counts[members])
    if not of_group.total:
        return None
    made = of_group.counts.sum(axis=1, dtype=np.int64).astype(np.float64)
    accepted = of_group.counts[:, place + 1 :].sum(axis=1, dtype=np.int64).astype(np.float64)
    counted = made - accepted if misses else accepted
    drawn = weights[:, members]
    with np.errstate(invalid="ignore"):
        spread = (drawn @ counted) / (drawn @ made)
    point = float(counted.sum() / made.sum())
    return point, interval(point, spread, of_group.people)
