"""The report as one HTML file that needs nothing else: tables, DET plots, and what the figures do not say."""

from html import escape

from edge.evaluation.det_plot import det_plot
from edge.evaluation.evaluate import Curve, Evaluation
from edge.evaluation.record import ABOUT_CHILDREN, models, versions
from edge.evaluation.sheets import Sheet, acquisition_sheet, evaluation_sheets, problem_sheet

_STYLE = (
    "body{font:15px/1.45 system-ui,sans-serif;max-width:70em;margin:2em auto;padding:0 1em;color:#222}"
    "table{border-collapse:collapse;margin:.5em 0 1em}th,td{border:1px solid #ccc;padding:.25em .6em;"
    "text-align:left}th{background:#f2f2f2}.note{color:#555}"
    ".limits{border-left:4px solid #c60;padding:.2em 1em}"
    "svg{max-width:100%;height:auto}.plots{display:flex;flex-wrap:wrap;gap:1em}.plots>*{flex:1 1 24em}"
)


def as_html(evaluation: Evaluation) -> str:
    """The page. Raises ConfigError if plots cannot be drawn here."""
    sheets = [acquisition_sheet(evaluation.acquisition), *evaluation_sheets(evaluation)]
    problems = problem_sheet(evaluation.acquisition)
    parts = [
        "<h1>Face recognition, evaluated</h1>",
        f'<p class="limits">{escape(ABOUT_CHILDREN)}</p>',
        f"<p>After ISO/IEC 19795-1. {evaluation.enrol} enrolled per person, seed {evaluation.seed}. "
        "The intervals are a bootstrap over people.</p>",
        _plots(evaluation),
        *(_table(sheet) for sheet in sheets),
        _table(problems) if problems else "",
        _made_with(evaluation),
    ]
    head = f'<meta charset="utf-8"><title>Face recognition, evaluated</title><style>{_STYLE}</style>'
    return (
        f'<!doctype html>\n<html lang="en"><head>{head}</head><body>\n'
        + "\n".join(parts)
        + "\n</body></html>\n"
    )


def _plots(evaluation: Evaluation) -> str:
    open_set = {f"{engine}, {size} enrolled": curve for (engine, size), curve in evaluation.curves.items()}
    one_to_one: dict[str, Curve] = {row.engine: row.det for row in evaluation.verification}
    return (
        '<div class="plots">'
        f"<figure>{det_plot(open_set, 'FPIR', 'FNIR')}"
        "<figcaption>Open-set identification</figcaption></figure>"
        f"<figure>{det_plot(one_to_one, 'FMR', 'FNMR')}<figcaption>Verification</figcaption></figure>"
        '</div><p class="note">A line on the left or lower edge is a rate of 0 in these pictures.</p>'
    )


def _table(sheet: Sheet) -> str:
    head = "".join(f"<th>{escape(column)}</th>" for column in sheet.columns)
    rows = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>\n" for row in sheet.rows
    )
    note = f'<p class="note">{escape(sheet.note)}</p>' if sheet.note else ""
    return f"<h2>{escape(sheet.title)}</h2><table><tr>{head}</tr>\n{rows}</table>{note}"


def _made_with(evaluation: Evaluation) -> str:
    used = [*versions().items(), *((f"model {name}", sha256) for name, sha256 in models(evaluation).items())]
    return _table(Sheet("Made with", ("what", "version or SHA-256"), tuple(used)))
