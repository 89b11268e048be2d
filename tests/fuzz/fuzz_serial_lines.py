"""Fuzz target: whatever a serial card reader sends, in whatever pieces, is a card number or nothing.

Run: python -m tests.fuzz.fuzz_serial_lines [atheris options]
"""

from edge.credentials.card import LONGEST
from turnstile.readers.lines import Lines
from turnstile.readers.number import Digits
from turnstile.readers.text import LONGEST_MESSAGE, Checksum, TextSettings, number_in

SEEDS = (
    b"0012345678\r\n",
    b"\x020500BC614E96\r\n\x03",  # ID-12: STX, ten digits, checksum, CR, LF, ETX
    b"\x020500BC614E96\x03",  # RDM6300: the same without CR and LF
    b"11011110001100001010011101\r\n",  # a Wiegand frame as text
    b"UID:04A1B2C3D4E5F6#\r",
    b"\x00\xff\x80garbage\x02\x02\x03\r\r\n\n",
    b"9" * 200 + b"\r0012345678\r",
)
SETTINGS = (
    (TextSettings(), Checksum.NONE),
    (TextSettings(digits=Digits.HEX, low_bytes=3), Checksum.XOR),
    (TextSettings(digits=Digits.HEX, prefix="UID:", suffix="#", reverse_bytes=True), Checksum.NONE),
    (TextSettings(digits=Digits.WIEGAND, length=26), Checksum.NONE),
)


def TestOneInput(data: bytes) -> None:  # noqa: N802 - the name that atheris documents
    if not data:
        return
    step, lines = 1 + data[0] % 32, Lines()
    messages = [
        message
        for place in range(1, len(data), step)
        for message in lines.feed(data[place : place + step], place / 1000)
    ]
    assert sum(map(len, messages)) <= len(data)
    for message in messages:
        assert len(message) <= LONGEST_MESSAGE
        for settings, checksum in SETTINGS:
            number = number_in(message, settings, checksum)
            assert number is None or (number[0] != 0 and len(number) <= LONGEST)


if __name__ == "__main__":
    from tests.fuzz.run import fuzz

    fuzz(TestOneInput, SEEDS)
