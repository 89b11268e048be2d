"""The tables that the terminal and the HTML report both show."""

from collections.abc import Sequence
from dataclasses import dataclass

from edge.evaluation.acquisition import Acquisition
from edge.evaluation.evaluate import Evaluation
from edge.evaluation.record import acquisition_record
from edge.evaluation.tally import Interval


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of texts, and what a reader must know about it."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def percent(rate: float | None) -> str:
    """With as many digits as the rate deserves."""
    return "-" if rate is None else f"{rate * 100:.2f} %"


def between(ends: Interval | None) -> str:
    """An interval of rates."""
    return "-" if ends is None else f"{ends[0] * 100:.2f} to {ends[1] * 100:.2f} %"


def evaluation_sheets(evaluation: Evaluation) -> list[Sheet]:
    """All tables but the one of the acquisition, in the order in which they are read."""
    sheets = [_identification(evaluation), _product(evaluation), _verification(evaluation)]
    return [*sheets, *_groups(evaluation)]


def acquisition_sheet(acquisition: Acquisition) -> Sheet:
    """What became of the files, counted."""
    counts = acquisition_record(acquisition)
    rows = [
        ("people", str(counts["people"])),
        ("files", str(counts["files"])),
        ("skipped: no proper picture", str(counts["skipped"])),
        ("proper pictures", str(counts["pictures"])),
        ("acquired", str(counts["acquired"])),
        ("failed to acquire", f"{counts['failed_to_acquire']} ({percent(counts['fta'])})"),
        ("people with a failure to acquire", str(len(counts["by_person"]))),
        ("people never acquired", str(len(counts["people_never_acquired"]))),
        ("people without a file", str(len(counts["people_without_files"]))),
        ("people with one picture: strangers only", str(counts["people_with_one_picture"])),
    ]
    rows += [(f"reason: {reason}", str(count)) for reason, count in counts["by_reason"].items()]
    return Sheet("Acquisition", ("what", "count"), tuple(rows))


def problem_sheet(acquisition: Acquisition) -> Sheet | None:
    """Every file that gave nothing, if there is one."""
    problems = acquisition_record(acquisition)["problems"]
    if not problems:
        return None
    rows = tuple((_text(problem["file"]), problem["reason"]) for problem in problems)
    return Sheet("Files that gave nothing", ("file", "reason"), rows)


def _text(name: str) -> str:
    """A file name that can be shown, whatever bytes it has: none may command a terminal or break a table."""
    shown = (one if one.isprintable() else one.encode("unicode_escape").decode() for one in name)
    return "".join(shown)


def _identification(evaluation: Evaluation) -> Sheet:
    rows = [
        (
            row.engine,
            str(row.gallery),
            percent(row.fpir) + ("" if row.enough else " *"),
            f"{row.threshold:.4f}",
            percent(row.fnir),
            between(row.ci95),
            percent(row.fnir_with_fta),
            percent(row.with_margin.fnir),
            percent(row.rank1),
        )
        for row in evaluation.identification
    ]
    return Sheet(
        f"Identification, open set: {evaluation.enrol} enrolled per person",
        (
            "engine",
            "gallery",
            "FPIR",
            "threshold",
            "FNIR",
            "95 % interval",
            "FNIR with FTA",
            "FNIR with margin",
            "rank 1",
        ),
        tuple(rows),
        _starred(all(row.enough for row in evaluation.identification), "pictures of strangers"),
    )


def _product(evaluation: Evaluation) -> Sheet:
    rows = [
        (
            row.engine,
            str(row.gallery),
            f"{row.threshold:.2f}",
            f"{row.margin:.2f}",
            percent(row.fpir),
            between(row.fpir_ci95),
            percent(row.fnir),
            between(row.fnir_ci95),
        )
        for row in evaluation.product
    ]
    columns = ("engine", "gallery", "threshold", "margin", "FPIR", "95 % interval", "FNIR", "95 % interval")
    return Sheet("As the gate is delivered, one picture a search", columns, tuple(rows))


def _verification(evaluation: Evaluation) -> Sheet:
    rows = [
        (
            row.engine,
            percent(point.fmr) + ("" if point.enough else " *"),
            f"{point.threshold:.4f}",
            percent(point.fnmr),
            between(point.ci95),
            percent(row.eer),
            between(row.eer_ci95),
            f"{row.mated} / {row.non_mated}",
        )
        for row in evaluation.verification
        for point in row.points
    ]
    return Sheet(
        "Verification, 1:1",
        (
            "engine",
            "FMR",
            "threshold",
            "FNMR",
            "95 % interval",
            "EER",
            "95 % interval",
            "mated / non-mated",
        ),
        tuple(rows),
        _starred(all(point.enough for row in evaluation.verification for point in row.points), "comparisons"),
    )


def _groups(evaluation: Evaluation) -> list[Sheet]:
    rows = tuple(
        (
            row.engine,
            f"{row.column}: {_text(row.group)}",
            str(row.people) + (" (few)" if row.few else ""),
            percent(row.fta),
            percent(row.fpir_wanted),
            percent(row.fnir),
            between(row.fnir_ci95),
            percent(row.fpir),
            between(row.fpir_ci95),
        )
        for row in evaluation.groups
    )
    if not rows:
        return []
    columns = (
        "engine",
        "group",
        "people",
        "FTA",
        "at FPIR",
        "FNIR",
        "95 % interval",
        "own FPIR",
        "95 % interval",
    )
    largest = max(row.gallery for row in evaluation.identification)
    title = f"By group, at everybody's thresholds, gallery of {largest}"
    return [Sheet(title, columns, rows), *_worst(evaluation)]


def _worst(evaluation: Evaluation) -> Sequence[Sheet]:
    rows = tuple(
        (
            worst.engine,
            worst.column,
            percent(worst.fpir_wanted),
            f"{_text(worst.fnir_group or 'none')} ({percent(worst.fnir)})",
            f"{_text(worst.fpir_group or 'none')} ({percent(worst.fpir)})",
            "yes" if worst.few else "no",
        )
        for worst in evaluation.worst
    )
    if not rows:
        return []
    columns = ("engine", "column", "at FPIR", "refused most", "strangers let in most", "few people")
    return [Sheet("Worst groups", columns, rows)]


def _starred(enough: bool, what: str) -> str:
    return "" if enough else f'* fewer {what} than this rate can be seen in: read it as "no error seen".'
