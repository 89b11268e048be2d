"""Fuzz target: whatever bits an OSDP reader reports are a card number or nothing; Wiegand parity is kept.

Run: python -m tests.fuzz.fuzz_osdp_card [atheris options]
"""

from edge.credentials.card import LONGEST, NumberSettings
from turnstile.readers.osdp_card import number_in
from turnstile.readers.wiegand import DATA_BITS, bits_of_bytes, encode

SEEDS = (
    b"\x1a" + (int(encode(b"\xbc\x61\x4e"), 2) << 6).to_bytes(4),
    b"\x22" + (int(encode(b"\x05\x00\xbc\x61"), 2) << 6).to_bytes(5),
    b"\x28\x05\x00\xbc\x61\x4e",
    b"\x38\x04\xa1\xb2\xc3\xd4\xe5\xf6",
    b"\x00",
    b"\x1a\xff",
)
SETTINGS = (NumberSettings(), NumberSettings(low_bytes=4, reverse_bytes=True))


def TestOneInput(data: bytes) -> None:  # noqa: N802 - the name that atheris documents
    if not data:
        return
    count, report = data[0], data[1:]
    for settings in SETTINGS:
        number = number_in(count, report, settings)
        assert number is None or (number[0] != 0 and len(number) <= LONGEST)
    plain = number_in(count, report, NumberSettings())
    if plain is not None and count in DATA_BITS:
        assert encode(plain.rjust(DATA_BITS[count] // 8, b"\0")) == bits_of_bytes(report, count)


if __name__ == "__main__":
    from tests.fuzz.run import fuzz

    fuzz(TestOneInput, SEEDS)
