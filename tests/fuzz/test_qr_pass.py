"""The fuzz target of passes over its seeds and damage done to them, the same in every run."""

import random

from tests.fuzz.fuzz_qr_pass import SEEDS, TestOneInput


def test_no_damage_to_a_real_pass_breaks_the_reader_or_opens_the_gate() -> None:
    chance = random.Random(0)  # noqa: S311 - the same damage in every run
    for seed in SEEDS:
        TestOneInput(seed)
        for place in range(len(seed)):
            for damaged in (
                seed[:place],
                seed[:place] + seed[place + 1 :],
                seed[:place] + chance.randbytes(1) + seed[place + 1 :],
                seed[:place] + chance.randbytes(3) + seed[place:],
                seed[place:] + seed[:place],
            ):
                if damaged != seed:
                    TestOneInput(damaged)
    for length in range(300):
        TestOneInput(chance.randbytes(length))
