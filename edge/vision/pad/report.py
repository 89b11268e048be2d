"""A PAD evaluation as JSON and as a page with a DET plot; both complete, neither with a name or a picture."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from statistics import NormalDist

from edge.vision.pad.metrics import PadResult, Point, Rate
from edge.vision.pad.presentations import Scored

CAVEAT = (
    "These rates hold for these pictures, this camera and these attacks only. Nothing says that they hold "
    "for children, for masks, or for an attack that is not listed."
)
_SIDE, _PAD = 400, 60
_LEAST, _MOST = 0.001, 0.6
_TICKS = (0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.4, 0.6)


@dataclass(frozen=True, slots=True)
class PadReport:
    """What was evaluated and what came out; `checks` are the names of the checks that ran."""

    checks: tuple[str, ...]
    sequences: bool
    bona_fide: Scored
    attacks: Mapping[str, Scored]
    result: PadResult


def rows(report: PadReport) -> tuple[tuple[str, str, str, str, str], ...]:
    """Figure, value, 95 % interval, presentations, of which without a face: for a table."""
    result = report.result
    lines = [_row(f"APCER {name}", rate, report.attacks[name]) for name, rate in sorted(result.apcer.items())]
    lines.append(_row("BPCER", result.bpcer, report.bona_fide))
    lines.append(("ACER (with the worst attack)", _percent(result.acer), "", "", ""))
    lines += [
        _row(f"BPCER where APCER is at most {wanted:.0%}", rate, report.bona_fide)
        for wanted, rate in sorted(result.bpcer_at.items(), reverse=True)
    ]
    return tuple(lines)


def skipped(report: PadReport) -> tuple[tuple[str, str, int], ...]:
    """Folder, problem and number of files that were passed over."""
    folders = {"bona fide": report.bona_fide, **report.attacks}
    return tuple(
        (name, str(problem), count)
        for name, scored in folders.items()
        for problem, count in sorted(scored.problems.items())
    )


def as_json(report: PadReport) -> bytes:
    """Everything, machine-readable; rates are shares from 0 to 1."""
    result = report.result
    whole = {
        "checks": list(report.checks),
        "sequences": report.sequences,
        "threshold": result.threshold,
        "attacks": {
            name: {"apcer": _rate(rate), **_counts(report.attacks[name])}
            for name, rate in sorted(result.apcer.items())
        },
        "bona_fide": {"bpcer": _rate(result.bpcer), **_counts(report.bona_fide)},
        "acer": result.acer,
        "bpcer_at_apcer": {str(wanted): _rate(rate) for wanted, rate in result.bpcer_at.items()},
        "det": [
            {"threshold": point.threshold, "apcer": point.apcer, "bpcer": point.bpcer}
            for point in result.curve
        ],
        "caveat": CAVEAT,
    }
    return (json.dumps(whole, indent=1, allow_nan=False) + "\n").encode()


def as_html(report: PadReport) -> str:
    """One page that needs nothing else."""
    kind = "sequences" if report.sequences else "single pictures"
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows(report)
    )
    passed_over = "".join(
        f"<li>{escape(name)}: {count} x {escape(problem)}</li>" for name, problem, count in skipped(report)
    )
    return f"""<!doctype html>
<html lang="en"><meta charset="utf-8"><title>PAD evaluation</title>
<style>body{{font:16px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em}}
table{{border-collapse:collapse}}td,th{{border:1px solid #999;padding:.3em .6em;text-align:left}}</style>
<h1>Presentation attack detection</h1>
<p>{escape(CAVEAT)}</p>
<p>Checks: {escape(", ".join(report.checks))}; {kind}; threshold {report.result.threshold:.3f}.
Rates after ISO/IEC 30107-3; a presentation without a face counts as refused.</p>
<table><tr><th>figure</th><th>value</th><th>95 % interval</th><th>presentations</th>
<th>without a face</th></tr>
{body}</table>
<h2>DET</h2>
{_det(report.result.curve)}
<h2>Files passed over</h2>
<ul>{passed_over or "<li>none</li>"}</ul>
</html>
"""


def _row(name: str, rate: Rate, scored: Scored) -> tuple[str, str, str, str, str]:
    interval = f"{_percent(rate.low)} to {_percent(rate.high)}"
    return name, _percent(rate.value), interval, str(len(scored.scores)), str(scored.no_face)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _rate(rate: Rate) -> dict[str, float | list[float]]:
    return {"value": rate.value, "ci95": [rate.low, rate.high]}


def _counts(scored: Scored) -> dict[str, object]:
    return {
        "presentations": len(scored.scores),
        "no_face": scored.no_face,
        "skipped": {str(problem): count for problem, count in sorted(scored.problems.items())},
    }


def _det(curve: Sequence[Point]) -> str:
    """Both rates on normal deviates, as detection error trade-offs are drawn, clipped to the axes."""
    line = " ".join(f"{_place(point.apcer):.1f},{_SIDE - _place(point.bpcer):.1f}" for point in curve)
    ticks = "".join(
        f'<line x1="{x:.1f}" y1="0" x2="{x:.1f}" y2="{_SIDE}" stroke="#ddd"/>'
        f'<line x1="0" y1="{_SIDE - x:.1f}" x2="{_SIDE}" y2="{_SIDE - x:.1f}" stroke="#ddd"/>'
        f'<text x="{x:.1f}" y="{_SIDE + 16}" text-anchor="middle">{100 * tick:g}</text>'
        f'<text x="-6" y="{_SIDE - x + 4:.1f}" text-anchor="end">{100 * tick:g}</text>'
        for tick in _TICKS
        for x in (_place(tick),)
    )
    middle, size = _SIDE / 2, _SIDE + 2 * _PAD
    return (
        f'<svg width="{size}" height="{size}" font-size="12" role="img" aria-label="DET curve">'
        f'<g transform="translate({_PAD},{_PAD / 2})">{ticks}'
        f'<polyline points="{line}" fill="none" stroke="#06c" stroke-width="2"/>'
        f'<text x="{middle}" y="{_SIDE + 40}" text-anchor="middle">APCER of the worst attack, %</text>'
        f'<text transform="translate(-42,{middle}) rotate(-90)" text-anchor="middle">BPCER, %</text>'
        "</g></svg>"
    )


def _place(share: float) -> float:
    deviate = NormalDist().inv_cdf
    inside = min(max(share, _LEAST), _MOST)
    return _SIDE * (deviate(inside) - deviate(_LEAST)) / (deviate(_MOST) - deviate(_LEAST))
