"""The page on scenarios shows one that can be played, and the school day's table as it is."""

import re
from collections import Counter
from pathlib import Path

from edge.config import load
from tests.docs.test_install import PAGE
from tests.scenarios.parts import SCHOOL_DAY, played_file, written
from tests.scenarios.test_gate_scripts import ScriptFile, play
from turnstile.simulation.scenario import load_scenario
from turnstile.simulation.tally import Row, expected_rows

TEXT = PAGE.with_name("scenarios.md").read_text("utf-8")
SCENARIO, SCRIPT = re.findall(r"^```toml\n(.*?)^```", TEXT, re.M | re.S)


def test_the_scenario_on_the_page_comes_out_as_it_says(tmp_path: Path) -> None:
    result = played_file(written(tmp_path, SCENARIO))
    assert (result.differences, result.broken) == ([], [])


def test_the_script_on_the_page_is_what_the_gate_does(tmp_path: Path) -> None:
    script = load(written(tmp_path, SCRIPT), ScriptFile)
    for steps in script.scripts.values():
        assert list(play((*script.before, *steps)))


def test_the_table_on_the_page_is_the_school_days() -> None:
    shown: Counter[Row] = Counter()
    for what, how, into, out in re.findall(r"^\| (\w+) \| (\w+) \| (\d*) ?\| (\d*) ?\|$", TEXT, re.M):
        shown.update({Row("in", what, how): int(into or 0), Row("out", what, how): int(out or 0)})
    assert +shown == +expected_rows(load_scenario(SCHOOL_DAY))


def test_every_key_and_word_of_the_file_is_on_the_page() -> None:
    """A word that is missing here is one that nobody finds."""
    from turnstile.simulation import scenario  # noqa: PLC0415

    words = {
        word.value
        for kind in (scenario.Has, scenario.Shows, scenario.Staff, scenario.Incident, scenario.Office)
        for word in kind
    }
    assert sorted(word for word in words if not re.search(rf"\b{word}\b", TEXT)) == []
