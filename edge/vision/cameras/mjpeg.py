"""Splits a stream of JPEG pictures. Pure: bytes in, pictures out. Markers: ITU-T T.81, annex B."""

import re
from enum import Enum, auto

_START = b"\xff\xd8"
_END = 0xD9
_START_OF_SCAN = 0xDA
_STANDALONE = frozenset({0x01, *range(0xD0, 0xD8)})
_RESERVED = frozenset({0x00, *range(0x02, 0xC0)})
# In coded data 0xFF is followed by 0x00 (stuffing), 0xD0 to 0xD7 (restart) or 0xFF (fill); all else ends it.
_SCAN_ENDS = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")


class _Found(Enum):
    PIECE = auto()
    END = auto()
    SPOILED = auto()
    NEED_MORE = auto()


class MjpegSplitter:
    """Finds whole pictures however the stream is cut; holds at most `largest` bytes and one chunk.

    `skipped` counts pictures that were begun and not finished, damaged, or larger than `largest`;
    `skipped_bytes` counts everything that is in no picture. The search goes on right behind the start of
    a spoiled picture, wherever the chunks end, so that chunks cannot change what is found.
    """

    def __init__(self, largest: int) -> None:
        self._largest = largest
        self._buffer = bytearray()
        self._position = 0
        self._in_scan = False
        self.skipped = 0
        self.skipped_bytes = 0

    def feed(self, chunk: bytes) -> list[bytes]:
        """Take the next bytes; returns the pictures that they complete, oldest first."""
        self._buffer += chunk
        pictures = []
        while self._find_start():
            found = self._look_on()
            if found is _Found.NEED_MORE:
                break
            if found is _Found.END:
                pictures.append(bytes(self._buffer[: self._position]))
                self._forget(self._position)
            else:
                self.skipped += 1
                self._skip(len(_START))
        return pictures

    def _find_start(self) -> bool:
        """Bring the next start of a picture to the front; false while there is none."""
        found = self._buffer.find(_START)
        if found > 0:
            self._skip(found)
        elif found < 0:
            half_a_start = self._buffer.endswith(_START[:1])
            self._skip(len(self._buffer) - half_a_start)
        self._position = max(self._position, len(_START))
        return found >= 0

    def _look_on(self) -> _Found:
        found = _Found.PIECE
        while found is _Found.PIECE:
            found = self._in_coded_data() if self._in_scan else self._at_marker()
            if self._position > self._largest:
                return _Found.SPOILED
        if found is _Found.NEED_MORE and len(self._buffer) > self._largest:
            return _Found.SPOILED
        return found

    def _in_coded_data(self) -> _Found:
        end = _SCAN_ENDS.search(self._buffer, self._position)
        if end is None:
            self._position = max(self._position, len(self._buffer) - 1)
            return _Found.NEED_MORE
        self._position = end.start()
        self._in_scan = False
        return _Found.PIECE

    def _at_marker(self) -> _Found:
        marker = self._buffer[self._position : self._position + 2]
        if marker and marker[0] != 0xFF:
            return _Found.SPOILED
        if len(marker) < 2:
            return _Found.NEED_MORE
        code = marker[1]
        if code in _RESERVED or code == _START[1]:
            return _Found.SPOILED
        if code == 0xFF:  # fill
            self._position += 1
            return _Found.PIECE
        if code == _END or code in _STANDALONE:
            self._position += 2
            return _Found.END if code == _END else _Found.PIECE
        return self._past_segment(code)

    def _past_segment(self, code: int) -> _Found:
        start = self._position + 2
        length = int.from_bytes(self._buffer[start : start + 2])
        if len(self._buffer) < start + 2:
            return _Found.NEED_MORE
        if length < 2:
            return _Found.SPOILED
        self._position = start + length
        self._in_scan = code == _START_OF_SCAN
        return _Found.PIECE

    def _skip(self, count: int) -> None:
        self.skipped_bytes += count
        self._forget(count)

    def _forget(self, count: int) -> None:
        del self._buffer[:count]
        self._position = 0
        self._in_scan = False
