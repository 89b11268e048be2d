"""The card number in an OSDP report (`osdp_RAW`): a count of bits, and bytes filled from the left."""

from edge.credentials.card import LONGEST, NumberSettings, from_bytes
from turnstile.readers import wiegand


def number_in(bit_count: int, data: bytes, settings: NumberSettings) -> bytes | None:
    """The card number; None if it is not one. Pure.

    26 and 34 bits are Wiegand frames, whose parity must fit; any other count is taken as an integer.
    """
    if not 0 < bit_count <= 8 * LONGEST:
        return None
    try:
        bits = wiegand.bits_of_bytes(data, bit_count)
        number = wiegand.decode(bits) if bit_count in wiegand.DATA_BITS else _integer(bits)
    except ValueError:
        return None
    return from_bytes(number, settings)


def _integer(bits: str) -> bytes:
    return int(bits, 2).to_bytes((len(bits) + 7) // 8)
