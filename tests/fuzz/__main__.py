"""Fuzz one parser, from its corpus on: `python -m tests.fuzz modbus -max_total_time=60`.

Without a name the targets are listed. What comes after the name goes to libFuzzer; it writes what breaks a
parser to a file crash-*. Put that into the corpus once the parser is mended. Needs atheris (make test).
"""

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports():
    from tests.fuzz.targets import CORPUS, TARGETS


def main() -> None:
    """Run until told otherwise, or until something breaks; new inputs are not kept."""
    if len(sys.argv) < 2 or sys.argv[1] not in TARGETS:
        alone = ", ".join(sorted(file.stem for file in Path(__file__).parent.glob("fuzz_*.py")))
        sys.exit(
            "usage: python -m tests.fuzz TARGET [libFuzzer options], or python -m tests.fuzz.FILE [options]\n"
            f"targets: {', '.join(TARGETS)}\nfiles: {alone}"
        )
    name, options = sys.argv[1], sys.argv[2:]
    with tempfile.TemporaryDirectory() as found:
        atheris.Setup([sys.argv[0], *options, found, str(CORPUS / name)], TARGETS[name])
        atheris.Fuzz()


if __name__ == "__main__":
    main()
