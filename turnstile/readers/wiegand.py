"""Wiegand 26 and 34: the bits that most door readers send. Pure.

A frame is an even parity bit over the first half of the data bits, the data (24 or 32 bits, most significant
first), and an odd parity bit over the second half. Of 24 data bits the first 8 are usually printed as the
facility, the last 16 as the card. Source: CDVI data sheet.

Timing of the two data lines (50 us pulses, 2 ms apart) is not read here: from user space it is not
dependable, so a converter to OSDP or serial does it.
"""

DATA_BITS = {26: 24, 34: 32}
"""Length of a frame and how many of its bits are data."""


def decode(bits: str) -> bytes:
    """The 3 or 4 data bytes of a frame given as "0" and "1". Raises ValueError for length or parity."""
    data_bits = DATA_BITS.get(len(bits))
    if data_bits is None or not set(bits) <= {"0", "1"}:
        raise ValueError("no Wiegand frame of 26 or 34 bits")
    if bits != framed(bits[1:-1]):
        raise ValueError("the parity of the Wiegand frame is wrong")
    return int(bits[1:-1], 2).to_bytes(data_bits // 8)


def encode(data: bytes) -> str:
    """The frame of 3 or 4 data bytes. Raises ValueError for other lengths."""
    if 8 * len(data) not in DATA_BITS.values():
        raise ValueError("a Wiegand frame has 3 or 4 data bytes")
    return framed("".join(f"{byte:08b}" for byte in data))


def framed(data: str) -> str:
    """Data bits between their parity bits."""
    half = len(data) // 2
    even = data[:half].count("1") % 2
    odd = 1 - data[half:].count("1") % 2
    return f"{even}{data}{odd}"


def bits_of_text(text: bytes) -> str:
    """The bits of a converter that writes them as the characters 0 and 1."""
    return text.decode("ascii", "replace")


def bits_of_bytes(data: bytes, count: int) -> str:
    """The first `count` bits, most significant first, of bytes filled from the left as OSDP sends them.

    Raises ValueError if there are not so many, or whole bytes too many.
    """
    if count < 1 or len(data) != (count + 7) // 8:
        raise ValueError("the length of the card data is wrong")
    return "".join(f"{byte:08b}" for byte in data)[:count]
