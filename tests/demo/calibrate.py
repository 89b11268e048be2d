"""Writes tests/pupils/calibration.json: `python -m tests.demo.calibrate`. Run it again if the pupils change.

Rendered faces are more alike than people are, so the demo's gate needs a tail of its own, as a school's does.
It is fitted to all that the demo's camera may show of a pupil, against every other pupil's enrolment.
"""

from pathlib import Path

import cv2
import numpy as np

from edge.match.calibration import Calibration, fit_tail
from edge.match.counts import EDGES
from edge.match.fuse import unit
from edge.vision.embed import Views
from edge.vision.engine import Engine, load_engine
from edge.vision.engine_choice import EngineName
from tests.demo.school import CALIBRATION, ENROL_PICTURES, PUPILS

TOP = 0.02
"""Share of the pairs that the tail is fitted to, as in tests/experiments/tails.py."""


def measured(engine: Engine) -> Calibration:
    """The tail of all pairs of a picture at the gate and another pupil."""
    folders = sorted(PUPILS.glob("p[0-9]*"))
    means = [
        np.mean([_views(engine, folder / name).reference for name in ENROL_PICTURES], axis=0)
        for folder in folders
    ]
    templates = unit(np.stack(means))
    probes = [
        (index, _views(engine, path).probe)
        for index, folder in enumerate(folders)
        for path in (*folder.glob("gate_*.jpg"), *folder.glob("approach/*.jpg"))
    ]
    scores = np.concatenate([np.delete(templates @ probe, own) for own, probe in probes])
    counts, _ = np.histogram(scores, EDGES)
    tail = fit_tail(counts.astype(np.int64), others=1, top=TOP)
    assert tail is not None
    return Calibration(engine.embedder.name, tail, searches=len(probes), gallery=len(folders) - 1)


def _views(engine: Engine, path: Path) -> Views:
    image = np.asarray(cv2.imread(str(path)), np.uint8)
    return engine.embedder.views(image, engine.detector.detect(image)[0])


if __name__ == "__main__":
    measured(load_engine(EngineName.SFACE)).save(CALIBRATION)
