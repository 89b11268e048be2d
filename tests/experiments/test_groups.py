"""The report by group does what a school reads it for: it names who is worst off, and says what it cannot."""

import json
import re
from pathlib import Path

from edge.evaluation.record import ABOUT_CHILDREN
from tests.experiments.groups import lay_out
from tests.unit.evaluation.test_evaluate_cli import run

KEPT = {"enrol_1.jpg", "gate_1.jpg", "gate_3.jpg"}


def test_the_report_on_the_pupils_names_the_worst_group_and_says_what_it_cannot_show(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "pupils"
    lay_out(folder)
    for path in folder.glob("*/*.jpg"):
        if path.name not in KEPT:
            path.unlink()
    shown = run(folder, "--json", str(tmp_path / "all.json"), "--html", str(tmp_path / "all.html"))
    found = json.loads((tmp_path / "all.json").read_bytes())
    page = (tmp_path / "all.html").read_text("utf-8")
    assert {row["column"] for row in found["groups"]} == {"age", "sex", "appearance"}
    assert sum(row["people"] for row in found["groups"] if row["column"] == "age") == 3 * 24
    for worst in found["worst_groups"]:
        rates = {
            row["group"]: row["fnir"]
            for row in found["groups"]
            if (row["column"], row["fpir_wanted"]) == (worst["column"], worst["fpir_wanted"])
        }
        assert worst["fnir"] == max(rates.values()) > 0
        assert rates[worst["fnir_group"]] == worst["fnir"]
        named = f"{worst['fnir_group']} ({worst['fnir'] * 100:.2f} %)"
        assert named in page
        assert named in shown
    assert ABOUT_CHILDREN in page
    assert ABOUT_CHILDREN in re.sub(r"\s+", " ", shown)


def test_every_pupil_is_in_a_band_of_age(tmp_path: Path) -> None:
    lay_out(tmp_path)
    lines = (tmp_path / "groups.csv").read_text("utf-8").splitlines()
    assert lines[0] == "person,age,sex,appearance"
    assert len(lines) == 25
    assert lines[1] == "p01,7-9,male,kazakh"
