"""The demo's page: what happened, how fast, and whether it was what the script says. Charts, no pictures."""

import html
import io
from collections import Counter
from pathlib import Path

import matplotlib as mpl
from matplotlib.figure import Figure

from tests.demo.outcome import GRANTS, Check, Latency, Results
from tests.demo.play import Morning
from tests.demo.receiver import Notice

INK, GOOD, BAD = "#1f3a4d", "#2a9d6f", "#d1495b"
STYLE = """
body { font: 17px/1.5 system-ui, sans-serif; color: #1f3a4d;
       margin: 2rem auto; max-width: 56rem; padding: 0 1rem }
h1 { margin-bottom: 0 } .sub { color: #5b7282 } svg { width: 100%; height: auto }
table { border-collapse: collapse; width: 100% } th, td { padding: .35rem .6rem; text-align: left }
tr:nth-child(even) { background: #f2f6f8 }
td.n, th.n { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums }
.good { color: #1c7a55 } .bad { color: #b3263a; font-weight: 700 }
"""


def write_report(path: Path, results: Results) -> None:
    """One self-contained HTML file."""
    morning, notices, times = results.morning, results.notices, results.times
    title = html.escape(results.title)
    verdict = "went as scripted" if results.good else "DIFFERS FROM ITS SCRIPT"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f"""<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title>
<style>{STYLE}</style>
<h1>{title}</h1>
<p class="sub">{len(morning.arrivals)} arrivals at one gate, real processes on one machine; it {verdict}.</p>
<h2>Outcomes by reason</h2>{_reasons_chart(morning)}
<h2>From the gate to the phone</h2>{_timeline(morning, notices)}
<p class="sub">Each dot is a passage. While the broker is dead pupils walk on; their parents hear of it
as soon as it is back, and nobody twice.</p>
<h2>How fast</h2>{_latency_chart(times)}{_latency_table(times)}
<h2>Expected and got</h2>{_checks_table(results.checks)}
<p class="sub">The pupils are rendered; no photograph of a child is used anywhere.
The times are of this machine.</p>
""",
        "utf-8",
    )


def _reasons_chart(morning: Morning) -> str:
    counts = Counter(arrival.reason for arrival in morning.arrivals)
    reasons = [reason for reason, _ in reversed(counts.most_common())]
    names, values = [reason.value.replace("_", " ") for reason in reasons], [counts[r] for r in reasons]
    figure = Figure(figsize=(8, 0.6 + 0.5 * len(names)), layout="constrained")
    axes = figure.add_subplot()
    bars = axes.barh(names, values, color=[GOOD if reason in GRANTS else BAD for reason in reasons])
    axes.bar_label(bars, padding=4)
    axes.xaxis.set_visible(False)
    axes.spines["bottom"].set_visible(False)
    return _svg(figure)


def _timeline(morning: Morning, notices: list[Notice]) -> str:
    figure = Figure(figsize=(8, 2.8), layout="constrained")
    axes = figure.add_subplot()
    for began, ended in morning.broker_dead:
        axes.axvspan(began - morning.began, ended - morning.began, color="#f3d9dc", label="broker dead")
    rung = {notice.guardian: notice.at for notice in notices}
    told = [(a.passed_at, rung[a.pupil]) for a in morning.arrivals if a.passed_at and a.pupil in rung]
    axes.scatter(
        [at - morning.began for at, _ in told], [max(rang - at, 0.001) for at, rang in told], color=GOOD
    )
    axes.set_yscale("log")
    axes.set_xlabel("seconds since the doors opened")
    axes.set_ylabel("seconds to the phone")
    axes.legend(frameon=False)
    return _svg(figure)


def _latency_chart(times: list[Latency]) -> str:
    shown = [latency for latency in times if latency.values][:2]
    figure = Figure(figsize=(8, 2.6), layout="constrained")
    for number, latency in enumerate(shown, 1):
        axes = figure.add_subplot(1, len(shown), number)
        axes.hist(latency.values, bins=16, color=GOOD)
        axes.axvline(float(latency.percentile(95)), color=BAD, linestyle="--", label="95 %")
        axes.set_xlabel(f"{latency.what}, ms")
        axes.legend(frameon=False)
    return _svg(figure)


def _svg(figure: Figure) -> str:
    with mpl.rc_context({"svg.fonttype": "none", "text.color": INK}):
        for axes in figure.axes:
            axes.spines[["top", "right"]].set_visible(False)
        out = io.StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None})
    return out.getvalue()[out.getvalue().index("<svg") :]


def _latency_table(times: list[Latency]) -> str:
    rows = "".join(
        f"<tr><td>{latency.what}</td><td class=n>{len(latency.values)}</td>"
        + "".join(f"<td class=n>{latency.percentile(share)} ms</td>" for share in (50, 95, 99))
        + "</tr>"
        for latency in times
    )
    heads = "".join(f"<th class=n>{head}</th>" for head in ("n", "50 %", "95 %", "99 %"))
    return f"<table><tr><th></th>{heads}</tr>{rows}</table>"


def _checks_table(checks: list[Check]) -> str:
    rows = "".join(
        f"<tr><td>{html.escape(check.what)}</td><td class=n>{check.expected}</td>"
        f"<td class='n {'good' if check.good else 'bad'}'>{check.got} {'✓' if check.good else '✗'}</td></tr>"
        for check in checks
    )
    return f"<table><tr><th></th><th class=n>expected</th><th class=n>got</th></tr>{rows}</table>"
