"""The fuzz targets of readers, wire and requests over their seeds and damage to them, always the same."""

import random
from collections.abc import Iterator
from types import ModuleType

import pytest

from tests.fuzz import fuzz_key_events, fuzz_osdp_card, fuzz_request, fuzz_serial_lines, fuzz_wire

TARGETS = (fuzz_serial_lines, fuzz_key_events, fuzz_osdp_card, fuzz_wire, fuzz_request)
ROUNDS = 100


def damaged(seed: bytes, chance: random.Random) -> bytes:
    """A seed with bytes changed, left out, doubled or cut off."""
    data = bytearray(seed)
    for _ in range(chance.randint(1, 8)):
        place = chance.randrange(len(data) + 1)
        match chance.randrange(4):
            case 0:
                data[place : place + 1] = chance.randbytes(1)
            case 1:
                del data[place : place + chance.randint(1, 4)]
            case 2:
                data[place:place] = data[: chance.randint(0, 30)]
            case _:
                del data[place + 1 :]
    return bytes(data)


def corpus(target: ModuleType) -> Iterator[bytes]:
    chance = random.Random(0)  # noqa: S311 - the same damage in every run
    for seed in target.SEEDS:
        yield seed
        for _ in range(ROUNDS):
            yield damaged(seed, chance)
    for length in range(200):
        yield chance.randbytes(length)


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.__name__.rpartition(".")[2])
def test_no_damage_to_a_real_frame_breaks_a_parser(target: ModuleType) -> None:
    for data in corpus(target):
        target.TestOneInput(data)
