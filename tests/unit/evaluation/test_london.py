from pathlib import Path

import pytest

from edge.evaluation.acquisition import acquire
from edge.evaluation.evaluate import evaluate
from edge.evaluation.folder import list_folder
from edge.vision.engine_choice import DEFAULTS, EngineName
from tests.unit.models.installed import installed_store

LONDON = Path(__file__).resolve().parents[4] / "shared" / "faces" / "london"


@pytest.mark.skipif(not LONDON.is_dir(), reason="the Face Research Lab London Set is not here")
def test_adults_smiling_are_recognised_by_their_neutral_picture() -> None:
    found = acquire(list_folder(LONDON), [EngineName.SFACE], installed_store(), 1, lambda done: None)
    assert len(found.samples) == 204
    result = evaluate(found, DEFAULTS, enrol=1, seed=0, groups={}, progress=lambda share: None)
    largest = result.identification[-1]
    assert (largest.gallery, largest.fpir) == (81, 0.003)
    assert largest.fnir < 0.01
    assert not largest.enough  # 204 pictures of strangers cannot show 0.3 %
