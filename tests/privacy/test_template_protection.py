"""ISO/IEC 24745 on rendered pupils: unlinkable under another key, and renewable without new pictures."""

import numpy as np
import pytest

from edge.domain.blocks import Asker, Restriction
from edge.match.live import LiveGallery
from edge.match.score import Verdict
from edge.vault.keys import FileKey
from edge.vault.rotation import Rotation
from edge.vault.vault import Vault
from edge.vision.engine_choice import EngineName
from edge.vision.face import Metric
from tests.builders import DIMENSION, ENGINE, NOW, STRICT, child_id, enrolled, unit_vector
from tests.experiments.protection import PUPILS, TwoSchools, across_keys, linkage, rotated, vectors_of
from tests.gate.parts import engine_or_skip


@pytest.fixture(scope="module")
def faces() -> TwoSchools:
    engine_or_skip()
    return vectors_of(PUPILS, EngineName.SFACE)


def test_templates_of_two_schools_cannot_be_linked(faces: TwoSchools) -> None:
    chance = np.random.default_rng(1)
    key = Rotation.random(DIMENSION)
    assert linkage(rotated(faces.first, key) @ rotated(faces.second, key).T, chance).value > 0.95
    assert across_keys(faces, 20, chance).value == pytest.approx(0.5, abs=0.05)


def test_renewing_changes_every_stored_byte_and_no_score(vault: Vault, key: FileKey) -> None:
    """The running gate goes on; what was copied before matches nothing that is stored after."""
    enrolled(vault, 1)
    enrolled(vault, 2)
    before = {t.consent.child: t.vector for t in vault.templates.live(ENGINE, NOW)}
    with Vault.open(vault.path, key, now=NOW) as gates_view:
        gallery = LiveGallery(gates_view, ENGINE, DIMENSION, Metric.COSINE)
        was = gallery.search(unit_vector(1), STRICT, NOW)
        assert vault.renew_templates() == 4
        now = gallery.search(unit_vector(1), STRICT, NOW)
        assert (now.verdict, now.child) == (Verdict.MATCH, child_id(1))
        assert now.score == pytest.approx(was.score, abs=1e-5)
    after = {t.consent.child: t.vector for t in vault.templates.live(ENGINE, NOW)}
    for number in (1, 2):
        assert abs(float(before[child_id(number)] @ after[child_id(number)])) < 0.5


def test_a_restricted_childs_template_is_renewed_too(vault: Vault) -> None:
    """It is kept for the time of the check; left under the old rotation it would never match again."""
    enrolled(vault)
    vault.blocks.restrict(Restriction("r-1", child_id(1), Asker.GUARDIAN, NOW))
    assert vault.renew_templates() == 2
    vault.blocks.lift_restriction("r-1", NOW)
    gallery = LiveGallery(vault, ENGINE, DIMENSION, Metric.COSINE)
    assert gallery.search(unit_vector(1), STRICT, NOW).child == child_id(1)
