import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from edge.errors import ConfigError, ModelError
from edge.evaluation.record import record
from edge.evaluation.report import as_html
from tests.unit.evaluation.made import axis, evaluated
from tests.unit.evaluation.test_acquisition import acquired, pupils
from tests.unit.models.installed import installed_store
from turnstile.commands.evaluate import evaluate_command

app = typer.Typer()
app.command()(evaluate_command)

# A process of its own: the command forbids memory dumps for good, and starts others.
PROGRAM = (
    "import typer; from turnstile.commands.evaluate import evaluate_command; typer.run(evaluate_command)"
)


def run(folder: Path, *options: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(folder), *options],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"QAQPA_MODELS": str(installed_store().folder), "COLUMNS": "160"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_school_gets_its_figures_and_the_same_again_from_two_processes(tmp_path: Path) -> None:
    folder = tmp_path / "pictures"
    folder.mkdir()
    pupils(folder, people=9, pictures=3)
    (folder / "groups.csv").write_text("person,class\nОқушы 01,1A\nОқушы 02,1B\n", "utf-8")
    files = [tmp_path / f"{name}.json" for name in "ab"]
    shown = [run(folder, "--json", str(file), "--html", str(tmp_path / "report.html")) for file in files]
    assert files[0].read_bytes() == files[1].read_bytes()
    found = json.loads(files[0].read_bytes())
    assert {"engine", "gallery", "enrol", "fpir", "threshold", "fnir", "ci95", "rank1"} <= set(
        found["identification"][0]
    )
    assert found["acquisition"]["files"] == 27
    # Two processes saw exactly what one sees.
    alone = acquired(folder)
    assert found["acquisition"]["acquired"] == len(alone.samples)
    assert "children" in shown[0]
    assert "Identification" in shown[0]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.json", "b.json", "pictures", "report.html"]


def test_the_report_needs_nothing_from_anywhere_and_shows_no_markup_of_file_names() -> None:
    people = {f"{number:03}": [axis(number)] * 2 for number in range(10)}
    page = as_html(evaluated(people, groups={"<b>class</b>": {"000": "<script>x</script>"}}))
    assert page.count("<svg") == 2
    assert "<script>" not in page
    assert "<b>class" not in page
    for loads in ('src="', 'href="http', "@import", "url(http"):
        assert loads not in page
    assert "children" in page


def test_no_vector_and_no_picture_is_in_what_is_written() -> None:
    found = record(evaluated({f"{number:03}": [axis(number)] * 2 for number in range(10)}))

    def longest_row_of_numbers(value: object) -> int:
        if isinstance(value, dict):
            return max(map(longest_row_of_numbers, value.values()), default=0)
        if isinstance(value, list | tuple):
            inner = max(map(longest_row_of_numbers, value), default=0)
            return max(inner, len(value) if all(isinstance(one, float) for one in value) else 0)
        return 0

    assert longest_row_of_numbers(found) <= 3


@pytest.mark.parametrize("content", [None, "empty", "file", "text"])
def test_an_unusable_folder_is_a_clear_error(tmp_path: Path, content: str | None) -> None:
    folder = tmp_path / "pictures"
    if content == "file":
        folder.touch()
    elif content:
        folder.mkdir()
    if content == "text":
        (folder / "readme.txt").touch()
    result = CliRunner().invoke(app, [str(folder)])
    assert isinstance(result.exception, ConfigError)
    assert str(folder) in str(result.exception)


def test_where_the_figures_cannot_be_written_it_is_said_before_the_work(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "1.jpg").touch()
    for option in ("--json", "--html"):
        result = CliRunner().invoke(app, [str(tmp_path), option, str(tmp_path / "no" / "file")])
        assert isinstance(result.exception, ConfigError)


def test_without_models_the_remedy_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QAQPA_MODELS", str(tmp_path / "none"))
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "1.jpg").touch()
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert "qaqpa-gate models install" in result.stderr
    assert ModelError.__name__ in result.stderr
