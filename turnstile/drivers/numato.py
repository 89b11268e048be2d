"""Numato Lab USB relay modules: a command line of ASCII text, each command ended by a carriage return.

Source: the maker's sample code (github.com/numato/samplecode, RelayAndGPIOModules). The speed does not
matter (USB CDC); the samples open the port with 19200.

| text           | meaning                                                       |
|----------------|---------------------------------------------------------------|
| `relay on 0`   | relay 0 on                                                    |
| `relay off 0`  | relay 0 off                                                   |
| `relay read 0` | how is relay 0? The module answers `on` or `off`              |
| `>`            | the prompt, after every command; the module repeats what it got |

Relays are counted from 0; after 9 come the letters, A to V on a module of 32.
"""

import re
import string
from collections.abc import Mapping

BAUD = 19200
NAMES = string.digits + string.ascii_uppercase[:22]
END = b"\r"
LONGEST_ANSWER = 32
_ANSWER = re.compile(rb"relay read ([0-9A-V])[\r\n]+(on|off)[\r\n]")


def line(verb: str, channel: int) -> bytes:
    """One command; the verb is on, off or read."""
    return f"relay {verb} {NAMES[channel]}".encode("ascii") + END


class Numato:
    """The dialect of these modules."""

    baud = BAUD

    def command(self, channel: int, *, on: bool) -> bytes:
        """One line."""
        return line("on" if on else "off", channel)

    def question(self, wanted: Mapping[int, bool]) -> bytes:
        """A line for each relay."""
        return b"".join(line("read", channel) for channel in wanted)

    def heard(self, received: bytes) -> tuple[dict[int, bool], bytes]:
        """Every answer that stands behind the question it belongs to."""
        states: dict[int, bool] = {}
        end = 0
        for found in _ANSWER.finditer(received):
            states[NAMES.index(found[1].decode("ascii"))] = found[2] == b"on"
            end = found.end()
        return states, received[end:][-LONGEST_ANSWER:]
