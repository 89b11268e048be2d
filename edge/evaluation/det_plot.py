"""DET plots as SVG: error rates on normal deviate axes (ISO/IEC 19795-1; Martin and others 1997)."""

import io
from collections.abc import Mapping, Sequence
from statistics import NormalDist
from typing import Any

from edge.errors import ConfigError

_TICKS = (0.0001, 0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.4)
_LEAST, _MOST = 0.00005, 0.6
_SIZE = (6.4, 5.2)


def require_matplotlib() -> None:
    """Raise ConfigError at once, before minutes of work, if plots cannot be drawn."""
    try:
        import matplotlib  # noqa: F401, PLC0415 - a gate that never reports need not have it
    except ImportError:
        raise ConfigError(
            "the HTML report needs the Python package matplotlib", "Run: pip install matplotlib"
        ) from None


def det_plot(
    curves: Mapping[str, Sequence[tuple[float, float, float]]], false_accept: str, false_reject: str
) -> str:
    """One line for each name; `curves` hold (threshold, false accept rate, false reject rate)."""
    require_matplotlib()
    import matplotlib as mpl  # noqa: PLC0415
    from matplotlib.backends.backend_svg import FigureCanvasSVG  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    with mpl.rc_context({"svg.hashsalt": "qaqpa", "font.size": 9}):  # else the picture differs every time
        figure = Figure(figsize=_SIZE, layout="constrained")
        FigureCanvasSVG(figure)
        axes = figure.add_subplot()
        for name, curve in curves.items():
            across = [_deviate(accept) for _, accept, _ in curve]
            axes.step(
                across,
                [_deviate(reject) for _, _, reject in curve],
                where="post",
                label=name,
                linewidth=2.2,
                clip_on=False,
            )
        _dress(axes, false_accept, false_reject)
        target = io.StringIO()
        figure.savefig(target, format="svg", metadata={"Date": None, "Creator": None})
    return target.getvalue()[target.getvalue().index("<svg") :]


def _dress(axes: Any, false_accept: str, false_reject: str) -> None:
    places, labels = [_deviate(tick) for tick in _TICKS], [f"{tick:.4g}" for tick in _TICKS]
    axes.set_xticks(places, labels)
    axes.set_yticks(places, labels)
    axes.set_xlim(_deviate(_LEAST), _deviate(_MOST))
    axes.set_ylim(_deviate(_LEAST), _deviate(_MOST))
    axes.set_xlabel(false_accept)
    axes.set_ylabel(false_reject)
    axes.grid(alpha=0.4)
    axes.legend()


def _deviate(rate: float) -> float:
    """The normal deviate; a rate of 0 lies on the edge of the plot."""
    return NormalDist().inv_cdf(min(max(rate, _LEAST), _MOST))
