"""Every parser survives its corpus, any piece of it, and damage to any single byte; the same each time."""

from pathlib import Path

import pytest

from tests.fuzz.targets import CORPUS, TARGETS


def seeds(name: str) -> list[Path]:
    return sorted((CORPUS / name).iterdir())


@pytest.mark.parametrize("name", TARGETS)
def test_the_corpus_and_what_lines_make_of_it_break_nothing(name: str) -> None:
    check = TARGETS[name]
    assert seeds(name)
    for seed in seeds(name):
        data = seed.read_bytes()
        check(data)
        for length in range(len(data)):
            check(data[:length])
            check(data[length:] + data[:length])


@pytest.mark.parametrize("name", [name for name in TARGETS if name != "board-lines"])
def test_no_single_damaged_byte_breaks_anything(name: str) -> None:
    check = TARGETS[name]
    for seed in seeds(name):
        data = seed.read_bytes()
        for place in range(len(data)):
            for value in (0x00, 0x01, 0x7F, 0x80, 0xFF, data[place] ^ 0x01):
                check(data[:place] + bytes((value,)) + data[place + 1 :])


def test_every_corpus_has_a_target() -> None:
    assert {folder.name for folder in CORPUS.iterdir()} == set(TARGETS)
