"""Fuzz target: whatever an input device reports, in whatever pieces, is a card number or nothing.

Run: python -m tests.fuzz.fuzz_key_events [atheris options]
"""

from edge.credentials.card import LONGEST
from tests.contract.keyboards import events, keystrokes
from turnstile.readers.keys import EV_SYN, EVENT, SYN_DROPPED, Keys
from turnstile.readers.number import Digits
from turnstile.readers.text import LONGEST_MESSAGE, TextSettings, number_in

SEEDS = (
    keystrokes("0012345678"),
    keystrokes("0500BC614E"),
    events(42) + keystrokes("ABCDEF01"),
    keystrokes("0012", enter=False) + EVENT.pack(0, 0, EV_SYN, SYN_DROPPED, 0) + keystrokes("345678"),
    keystrokes("1" * 120),
    keystrokes("99")[5:],
)
SETTINGS = (TextSettings(), TextSettings(digits=Digits.HEX, low_bytes=4), TextSettings(length=10))


def TestOneInput(data: bytes) -> None:  # noqa: N802 - the name that atheris documents
    if not data:
        return
    step, keys = 8 + data[0], Keys()
    for place in range(0, len(data), step):
        for message in keys.feed(data[place : place + step], place / 1000):
            assert 0 < len(message) <= LONGEST_MESSAGE
            for settings in SETTINGS:
                number = number_in(message, settings)
                assert number is None or (number[0] != 0 and len(number) <= LONGEST)


if __name__ == "__main__":
    from tests.fuzz.run import fuzz

    fuzz(TestOneInput, SEEDS)
