"""The figures as JSON, without vectors or single scores; equal folder, options and seed give equal bytes."""

import json
import platform
from dataclasses import asdict
from importlib.metadata import version
from typing import Any

import cv2
import numpy as np

from edge.evaluation.acquisition import Acquisition
from edge.evaluation.evaluate import Evaluation
from edge.evaluation.groups import everybody
from edge.evaluation.splits import PARTS, REPEATS
from edge.evaluation.tally import REPLICATES
from edge.vision.engine_choice import EMBEDDING
from edge.vision.models.catalogue import CATALOGUE, ModelName

FORMAT = "qaqpa-evaluation-1"

ABOUT_CHILDREN = (
    "The recognition models were made and measured with pictures of adults. Unless the pictures evaluated "
    "here are of children, nothing here says how well children are recognised; expect it to be worse, "
    "above all for young children, brothers, sisters and twins. Keep the card as an equal way in."
)


def as_json(evaluation: Evaluation) -> bytes:
    """UTF-8; a file name that is no Unicode text is written with escapes."""
    text = json.dumps(record(evaluation), ensure_ascii=False, indent=1, allow_nan=False)
    return text.encode("utf-8", "backslashreplace") + b"\n"


def record(evaluation: Evaluation) -> dict[str, Any]:
    """The JSON object."""
    return {
        "format": FORMAT,
        "standard": "ISO/IEC 19795-1",
        "seed": evaluation.seed,
        "enrol": evaluation.enrol,
        "note": ABOUT_CHILDREN,
        "method": {"parts": PARTS, "repeats": REPEATS, "bootstrap_replicates": REPLICATES},
        "versions": versions(),
        "models": models(evaluation),
        "acquisition": acquisition_record(evaluation.acquisition),
        "verification": [asdict(row) for row in evaluation.verification],
        "identification": [asdict(row) for row in evaluation.identification],
        "product_point": [asdict(row) for row in evaluation.product],
        "groups": [asdict(row) for row in evaluation.groups],
        "worst_groups": [asdict(row) for row in evaluation.worst],
        "det": [
            {"engine": engine, "gallery": gallery, "columns": ["threshold", "fpir", "fnir"], "points": curve}
            for (engine, gallery), curve in evaluation.curves.items()
        ],
    }


def versions() -> dict[str, str]:
    """Of the software that the figures depend on."""
    return {
        "qaqpa": version("qaqpa"),
        "python": platform.python_version(),
        "opencv": cv2.__version__,
        "numpy": np.__version__,
    }


def models(evaluation: Evaluation) -> dict[str, str]:
    """SHA-256 of every model used; they were checked when they were loaded."""
    embedding = [name for engine in evaluation.acquisition.metrics for name in EMBEDDING[engine]]
    names = [ModelName.YUNET, *dict.fromkeys(embedding)]
    return {name: CATALOGUE[name].sha256 for name in names}


def acquisition_record(acquisition: Acquisition) -> dict[str, Any]:
    """Counts, rates, and every file that gave nothing."""
    people = everybody(acquisition)
    failures, acquired = acquisition.failures, acquisition.acquired
    problems = [(entry.name, str(problem)) for entry, problem in acquisition.problems]
    problems += [(name, str(problem)) for name, problem in acquisition.listing.outside]
    reasons: dict[str, int] = {}
    for _, reason in problems:
        reasons[reason] = reasons.get(reason, 0) + 1
    failed = sum(failures.values())
    return {
        "files": len(acquisition.listing.entries) + len(acquisition.listing.outside),
        "pictures": acquisition.readable,
        "acquired": len(acquisition.samples),
        "failed_to_acquire": failed,
        "fta": failed / acquisition.readable if acquisition.readable else None,
        "skipped": len(problems) - failed,
        "people": len(people) + len(acquisition.listing.empty),
        "people_without_files": list(acquisition.listing.empty),
        "people_never_acquired": [name for name in people if not acquired[name]],
        "people_with_one_picture": sum(1 for name in people if acquired[name] == 1),
        "by_reason": dict(sorted(reasons.items())),
        "by_person": {name: failures[name] for name in people if failures[name]},
        "problems": [{"file": name, "reason": reason} for name, reason in problems],
    }
