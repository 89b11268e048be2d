"""A search finds the right child, says so when two are alike, and never uses what was withdrawn."""

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.domain.consent import Purpose
from edge.errors import VaultError
from edge.match.fuse import unit
from edge.match.gallery import Gallery
from edge.match.live import LiveGallery
from edge.match.score import Verdict
from edge.match.threshold import OperatingPoint
from edge.vault.templates import Template
from edge.vault.vault import Vault
from edge.vision.face import Metric, Vector
from tests.builders import (
    DIMENSION,
    ENGINE,
    NOW,
    STRICT,
    child,
    child_id,
    consent,
    enrolled,
    guardian,
    unit_vector,
)


def live(vault: Vault) -> LiveGallery:
    return LiveGallery(vault, ENGINE, DIMENSION, Metric.COSINE)


def near(vector: Vector, share: float, seed: int) -> Vector:
    mixed = vector * share + unit_vector(seed) * (1 - share)
    return (mixed / np.float32(np.linalg.norm(mixed))).astype(np.float32, copy=False)


def test_an_enrolled_child_is_found_among_others(vault: Vault) -> None:
    for number in range(1, 8):
        enrolled(vault, number)
    match = live(vault).search(near(unit_vector(5), 0.8, 99), STRICT, NOW)
    assert (match.verdict, match.child) == (Verdict.MATCH, child_id(5))


def test_a_stranger_matches_nobody(vault: Vault) -> None:
    for number in range(1, 8):
        enrolled(vault, number)
    match = live(vault).search(unit_vector(1234), STRICT, NOW)
    assert (match.verdict, match.child) == (Verdict.NO_MATCH, None)


def test_two_children_nearly_alike_are_ambiguous_never_guessed(vault: Vault) -> None:
    enrolled(vault, 1)
    vault.roster.put(child(2), [guardian(2)])
    vault.consents.add(consent(2))
    vault.templates.add(child_id(2), "c-2", ENGINE, [near(unit_vector(1), 0.95, 50)], NOW)
    match = live(vault).search(unit_vector(1), STRICT, NOW)
    assert (match.verdict, match.child) == (Verdict.AMBIGUOUS, None)


def test_three_templates_of_one_child_are_not_rivals(vault: Vault) -> None:
    enrolled(vault, 1, templates=3)
    assert live(vault).search(unit_vector(1), STRICT, NOW).verdict is Verdict.MATCH


def test_an_empty_gallery_matches_nobody(vault: Vault) -> None:
    assert live(vault).search(unit_vector(1), STRICT, NOW).verdict is Verdict.NO_MATCH


def test_a_withdrawal_counts_at_the_very_next_search(vault: Vault) -> None:
    enrolled(vault, 1)
    gallery = live(vault)
    assert gallery.search(unit_vector(1), STRICT, NOW).verdict is Verdict.MATCH
    vault.withdraw(child_id(1), NOW)
    assert gallery.search(unit_vector(1), STRICT, NOW).verdict is Verdict.NO_MATCH
    assert len(gallery) == 0


def test_a_new_enrolment_counts_at_the_very_next_search(vault: Vault) -> None:
    gallery = live(vault)
    assert gallery.search(unit_vector(1), STRICT, NOW).verdict is Verdict.NO_MATCH
    enrolled(vault, 1)
    assert gallery.search(unit_vector(1), STRICT, NOW).verdict is Verdict.MATCH


def test_a_consent_that_runs_out_while_the_gate_runs_stops_matching(vault: Vault) -> None:
    enrolled(vault, 1)
    gallery = live(vault)
    assert gallery.search(unit_vector(1), STRICT, NOW).verdict is Verdict.MATCH
    over = NOW + timedelta(days=300)
    assert gallery.search(unit_vector(1), STRICT, over).verdict is Verdict.NO_MATCH


def test_a_clock_set_back_lets_nobody_in_and_its_repair_lets_them_in_again(vault: Vault) -> None:
    enrolled(vault, 1)
    gallery = live(vault)
    assert gallery.search(unit_vector(1), STRICT, NOW - timedelta(days=20000)).verdict is Verdict.NO_MATCH
    assert gallery.search(unit_vector(1), STRICT, NOW).verdict is Verdict.MATCH
    assert gallery.search(unit_vector(1), STRICT, NOW - timedelta(days=20000)).verdict is Verdict.NO_MATCH


def test_a_vault_that_fails_empties_the_gallery(vault: Vault) -> None:
    enrolled(vault, 1)
    gallery = live(vault)
    gallery.refresh(NOW)
    vault._db.conn.execute("ALTER TABLE generation RENAME TO gone")
    with pytest.raises(VaultError):
        gallery.search(unit_vector(1), STRICT, NOW)
    assert len(gallery) == 0
    vault._db.conn.execute("ALTER TABLE gone RENAME TO generation")
    assert gallery.search(unit_vector(1), STRICT, NOW).verdict is Verdict.MATCH


def test_dropped_vectors_are_overwritten(vault: Vault) -> None:
    enrolled(vault, 1)
    gallery = live(vault)
    gallery.refresh(NOW)
    vectors = gallery._gallery.vectors
    assert vectors.any()
    gallery.clear()
    assert not vectors.any()


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 12), st.integers(1, 3), st.integers(0, 2**32 - 1), st.sampled_from(Metric))
def test_the_search_equals_a_plain_loop(children: int, each: int, seed: int, metric: Metric) -> None:
    random = np.random.default_rng(seed)
    templates = [
        Template(consent(n), unit(random.standard_normal(16).astype(np.float32)))
        for n in range(children)
        for _ in range(each)
    ]
    probe = unit(random.standard_normal(16).astype(np.float32))
    found = Gallery.build(templates, metric).scores(probe)

    for n in range(children):
        mean = np.mean([t.vector for t in templates if t.consent.child == child_id(n)], axis=0)
        mean /= np.linalg.norm(mean)
        expected = mean @ probe if metric is Metric.COSINE else 1 - np.linalg.norm(mean - probe)
        assert found[n] == pytest.approx(float(expected), abs=1e-3)


def test_templates_that_cancel_out_match_nobody_and_harm_nobody_else() -> None:
    vector = unit_vector(1)
    templates = [Template(consent(1), vector), Template(consent(1), -vector), Template(consent(2), vector)]
    gallery = Gallery.build(templates, Metric.COSINE)
    assert gallery.scores(vector).tolist() == [0, pytest.approx(1, abs=1e-6)]
    assert gallery.search(vector, OperatingPoint(0.5, 0.1)).child == child_id(2)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.integers(1, 4), min_size=1, max_size=9), st.integers(0, 2**32 - 1), st.sampled_from(Metric)
)
def test_a_search_names_the_best_child_and_the_best_other_one(
    each: list[int], seed: int, metric: Metric
) -> None:
    random = np.random.default_rng(seed)
    templates = [
        Template(consent(child), random.standard_normal(8).astype(np.float32))
        for child, count in enumerate(each)
        for _ in range(count)
    ]
    probe = random.standard_normal(8).astype(np.float32)
    gallery = Gallery.build(templates, metric)
    scores = gallery.scores(probe)
    match = gallery.search(probe, OperatingPoint(threshold=-1e9, margin=0))
    assert match.child == gallery.children[int(scores.argmax())]
    assert match.score == pytest.approx(float(scores.max()))
    others = np.delete(scores, scores.argmax())
    assert match.runner_up == pytest.approx(float(others.max(initial=-np.inf)))


def test_a_not_a_number_vector_matches_nobody(vault: Vault) -> None:
    enrolled(vault, 1)
    broken = np.full(DIMENSION, np.nan, np.float32)
    assert live(vault).search(broken, STRICT, NOW).verdict is Verdict.NO_MATCH


def test_a_consent_without_access_is_not_matched(vault: Vault) -> None:
    vault.roster.put(child(1), [guardian(1)])
    vault.consents.add(consent(1, purposes=frozenset({Purpose.MEALS})))
    vault._db.conn.execute("DROP TRIGGER template_needs_live_consent")
    vault.templates.add(child_id(1), "c-1", ENGINE, [unit_vector(1)], NOW)
    assert live(vault).search(unit_vector(1), STRICT, NOW).verdict is Verdict.NO_MATCH


def test_twins_are_always_asked_for_a_card_even_when_one_is_clearly_ahead(vault: Vault) -> None:
    for number in (1, 2, 3):
        enrolled(vault, number)
    gallery = live(vault)
    assert gallery.search(unit_vector(1), STRICT, NOW).verdict is Verdict.MATCH
    vault.roster.mark_look_alikes(child_id(2), child_id(1))
    for number in (1, 2):
        match = gallery.search(unit_vector(number), STRICT, NOW)
        assert (match.verdict, match.child) == (Verdict.AMBIGUOUS, None)
    assert gallery.search(unit_vector(3), STRICT, NOW).child == child_id(3)


def test_the_twin_who_stays_is_still_asked_for_a_card_after_the_other_withdrew(vault: Vault) -> None:
    """The one who withdrew has no template any more, and would match the other's."""
    enrolled(vault, 1)
    enrolled(vault, 2)
    vault.roster.mark_look_alikes(child_id(1), child_id(2))
    vault.withdraw(child_id(2), NOW)
    assert live(vault).search(unit_vector(1), STRICT, NOW).verdict is Verdict.AMBIGUOUS


def test_a_child_who_left_the_school_frees_the_other_one(vault: Vault) -> None:
    enrolled(vault, 1)
    enrolled(vault, 2)
    vault.roster.mark_look_alikes(child_id(1), child_id(2))
    vault.erase(child_id(2), NOW)
    assert live(vault).search(unit_vector(1), STRICT, NOW).verdict is Verdict.MATCH


def test_nobody_is_their_own_look_alike(vault: Vault) -> None:
    enrolled(vault, 1)
    with pytest.raises(VaultError, match="two different"):
        vault.roster.mark_look_alikes(child_id(1), child_id(1))
