"""The wheels that `make test` downloads are the very ones the catalogue trusts."""

from pathlib import Path

from edge.vision.models.catalogue import CATALOGUE

FILE = Path(__file__).resolve().parents[3] / "requirements" / "models.txt"


def test_requirements_and_catalogue_pin_the_same_wheels() -> None:
    lines = {line for line in FILE.read_text().splitlines() if line and not line.startswith("#")}
    wheels = {model.wheel for model in CATALOGUE.values()}
    assert lines == {f"{wheel.requirement} --hash=sha256:{wheel.sha256}" for wheel in wheels}
