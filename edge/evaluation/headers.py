"""The size of a picture from its first bytes, so that a huge one is turned away before it is decoded.

Each reader follows its format's own specification (ISO/IEC 10918-1, W3C PNG, GIF89a, RFC 9649 WebP, BMP,
TIFF 6.0, ISO/IEC 23000-22 AVIF, ISO/IEC 15444-1 JPEG 2000, Netpbm, Radiance, Sun raster) and reads no pixel.
"""

import re
import struct
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Header:
    """Width and height in pixels, and whether the file is a film rather than one picture."""

    width: int
    height: int
    animated: bool = False


def read_header(data: bytes) -> Header | None:
    """The header of a picture in a format that OpenCV reads; None if it is of no such format or damaged."""
    for starts, reader in _READERS:
        if re.match(starts, data, re.DOTALL):
            try:
                return reader(data)
            except (struct.error, IndexError, ValueError):
                return None
    return None


def _jpeg(data: bytes) -> Header | None:
    at = 2
    while at < len(data):
        marker = data[at + 1]
        if data[at] != 0xFF:
            return None
        if marker == 0xFF:  # a fill byte
            at += 1
        elif marker == 0x01 or 0xD0 <= marker <= 0xD7:  # these stand alone
            at += 2
        elif 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):  # a frame header
            height, width = struct.unpack_from(">HH", data, at + 5)
            return Header(width, height)
        else:
            at += 2 + int(struct.unpack_from(">H", data, at + 2)[0])
    return None


def _png(data: bytes) -> Header:
    width, height = struct.unpack_from(">II", data, 16)
    pixels = data.find(b"IDAT")
    return Header(width, height, animated=b"acTL" in data[: max(pixels, 0)])


def _gif(data: bytes) -> Header:
    width, height, flags = struct.unpack_from("<HHB", data, 6)
    at = 13 + _colours(flags)
    frames = 0
    while data[at] != 0x3B and frames < 2:
        if data[at] == 0x21:  # an extension
            at = _after_blocks(data, at + 2)
        elif data[at] == 0x2C:  # one picture
            frames += 1
            at = _after_blocks(data, at + 11 + _colours(data[at + 9]))
        else:
            break
    return Header(width, height, animated=frames > 1)


def _colours(flags: int) -> int:
    """Bytes of a GIF colour table."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _after_blocks(data: bytes, at: int) -> int:
    """Where a GIF's row of blocks ends; a file that was cut short ends there too."""
    while at < len(data) - 1 and data[at]:
        at += 1 + data[at]
    return min(at + 1, len(data) - 1)


def _webp(data: bytes) -> Header | None:
    kind = data[12:16]
    if kind == b"VP8X":
        width = int.from_bytes(data[24:27], "little") + 1
        height = int.from_bytes(data[27:30], "little") + 1
        return Header(width, height, animated=bool(data[20] & 2))
    if kind == b"VP8 ":
        width, height = struct.unpack_from("<HH", data, 26)
        return Header(width & 0x3FFF, height & 0x3FFF)
    if kind == b"VP8L":
        bits = int(struct.unpack_from("<I", data, 21)[0])
        return Header((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1)
    return None


def _bmp(data: bytes) -> Header:
    if struct.unpack_from("<I", data, 14)[0] == 12:  # the header of OS/2
        return Header(*struct.unpack_from("<HH", data, 18))
    width, height = struct.unpack_from("<ii", data, 18)
    return Header(abs(width), abs(height))


def _tiff(data: bytes) -> Header | None:
    order = "<" if data[:2] == b"II" else ">"
    (at,) = struct.unpack_from(order + "I", data, 4)
    (count,) = struct.unpack_from(order + "H", data, at)
    found: dict[int, int] = {}
    for entry in range(at + 2, at + 2 + 12 * count, 12):
        tag, kind = struct.unpack_from(order + "HH", data, entry)
        if tag in (256, 257):
            (found[tag],) = struct.unpack_from(order + ("H" if kind == 3 else "I"), data, entry + 8)
    return Header(found[256], found[257]) if len(found) == 2 else None


def _avif(data: bytes) -> Header | None:
    # A file may hold thumbnails and tiles with sizes of their own: the largest is what will be decoded.
    sizes = [struct.unpack_from(">II", data, found.end() + 4) for found in re.finditer(b"ispe", data[:65536])]
    if not sizes:
        return None
    width, height = max(sizes, key=lambda size: size[0] * size[1])
    return Header(width, height, animated=data[8:12] == b"avis")


def _jpeg2000(data: bytes) -> Header | None:
    box = data.find(b"ihdr", 0, 4096)
    if box < 0:
        return None
    height, width = struct.unpack_from(">II", data, box + 4)
    return Header(width, height)


def _jpeg2000_stream(data: bytes) -> Header:
    right, bottom, left, top = struct.unpack_from(">IIII", data, 8)
    return Header(right - left, bottom - top)


def _netpbm(data: bytes) -> Header | None:
    found = re.match(rb"P[1-6Ff](?:\s|#[^\n]*\n)+(\d+)(?:\s|#[^\n]*\n)+(\d+)", data[:4096])
    return Header(int(found[1]), int(found[2])) if found else None


def _pam(data: bytes) -> Header | None:
    found = re.search(rb"\nWIDTH (\d+)\nHEIGHT (\d+)\n", data[:4096])
    return Header(int(found[1]), int(found[2])) if found else None


def _radiance(data: bytes) -> Header | None:
    found = re.search(rb"\n[-+]Y (\d+) [-+]X (\d+)\n", data[:4096])
    return Header(int(found[2]), int(found[1])) if found else None


def _sun_raster(data: bytes) -> Header:
    return Header(*struct.unpack_from(">II", data, 4))


_READERS: tuple[tuple[bytes, Callable[[bytes], Header | None]], ...] = (
    (rb"\xff\xd8\xff", _jpeg),
    (rb"\x89PNG\r\n\x1a\n", _png),
    (rb"GIF8[79]a", _gif),
    (rb"RIFF....WEBP", _webp),
    (rb"BM", _bmp),
    (rb"II\*\0|MM\0\*", _tiff),
    (rb"....ftyp(avif|avis)", _avif),
    (rb"\0\0\0\x0cjP  ", _jpeg2000),
    (rb"\xff\x4f\xff\x51", _jpeg2000_stream),
    (rb"P[1-6Ff]\s", _netpbm),
    (rb"P7\s", _pam),
    (rb"#\?(RADIANCE|RGBE)", _radiance),
    (rb"\x59\xa6\x6a\x95", _sun_raster),
)
