"""The gate's readers are named in its file; a mistake there stops the start and says why."""

import os
import sys
from pathlib import Path

import pytest

from edge.config import Settings, load
from edge.errors import ConfigError, ReaderError
from turnstile.boards.pseudo_terminal import PseudoTerminal
from turnstile.readers.factory import open_readers
from turnstile.readers.osdp_key import new_key
from turnstile.readers.settings import Readers
from turnstile.readers.simulated import SimulatedReader


class File(Settings):
    readers: Readers = ()


def read(folder: Path, text: str) -> Readers:
    path = folder / "gate.toml"
    path.write_text(text)
    return load(path, File).readers


def reader(kind: str, lines: str = "", name: str = "in") -> str:
    return f'[[readers]]\nkind = "{kind}"\nname = "{name}"\n{lines}\n'


def test_a_gate_without_readers_is_a_gate(tmp_path: Path) -> None:
    assert open_readers(read(tmp_path, "")) == []


def test_an_unknown_kind_lists_the_known_ones(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="'osdp', 'keyboard', 'serial', 'simulated'"):
        read(tmp_path, reader("wiegand"))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (reader("osdp", 'port = "/dev/x"'), "key_file"),
        (reader("osdp", 'port = "/dev/x"\nkey_file = "k"\nbaud = 1200'), "baud"),
        (reader("osdp", 'port = "/dev/x"\nkey_file = "k"\naddress = 127'), "address"),
        (reader("osdp", 'port = "/dev/x"\nkey_file = "k"\nsecure = false'), "secure"),
        (reader("serial", 'port = "/dev/x"\nchecksum = "xor"'), 'checksum needs digits = "hex"'),
        (reader("serial", 'port = "/dev/x"\ndigits = "octal"'), "'decimal', 'hex' or 'wiegand'"),
        (reader("serial", 'port = "/dev/x"\nprefix = "a b"'), "prefix"),
        (reader("keyboard"), "device"),
        (reader("keyboard", 'device = "/dev/x"\nreverse_bytes = true'), "low_bytes"),
        (reader("simulated", name="Кіру"), "a-z"),
        (reader("simulated") + reader("simulated"), "two readers share the name in"),
        (
            reader("serial", 'port = "/dev/x"') + reader("osdp", 'port = "/dev/x"\nkey_file = "k"', "out"),
            "two readers share the device /dev/x",
        ),
    ],
)
def test_a_mistake_in_the_file_is_named(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(ConfigError, match=problem):
        read(tmp_path, text)


def test_a_serial_reader_that_is_not_there_lists_the_ports(tmp_path: Path) -> None:
    readers = read(tmp_path, reader("serial", f'port = "{tmp_path}/none"'))
    with pytest.raises(ReaderError, match="cannot open the card reader") as caught:
        open_readers(readers)
    assert "name another port: " in caught.value.remedy


def test_a_keyboard_reader_that_is_not_there_lists_the_keyboards(tmp_path: Path) -> None:
    readers = read(tmp_path, reader("keyboard", f'device = "{tmp_path}/none"'))
    with pytest.raises(ReaderError, match="cannot open the card reader") as caught:
        open_readers(readers)
    assert "name another one: " in caught.value.remedy


@pytest.mark.parametrize("what", ["fifo", "file"])
def test_what_cannot_be_grabbed_is_no_keyboard(tmp_path: Path, what: str) -> None:
    """A reader that is not ours alone would type card numbers into the console."""
    path = tmp_path / "thing"
    if what == "fifo":
        os.mkfifo(path)
    else:
        path.write_text("thing")
    with pytest.raises(ReaderError, match="is no keyboard reader"):
        open_readers(read(tmp_path, reader("keyboard", f'device = "{path}"')))


def test_an_osdp_reader_without_its_key_stops_the_start(tmp_path: Path) -> None:
    text = reader("osdp", f'port = "/dev/x"\nkey_file = "{tmp_path}/none.key"')
    with pytest.raises(ConfigError, match="cannot read the reader's key") as caught:
        open_readers(read(tmp_path, text))
    assert "qaqpa-gate reader new-key" in caught.value.remedy


def test_without_libosdp_only_osdp_readers_are_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_key(tmp_path / "reader.key")
    for name in ("osdp_sys", "turnstile.readers.osdp", "turnstile.readers.osdp_lights"):
        monkeypatch.setitem(sys.modules, name, None)
    open_readers(read(tmp_path, reader("simulated")))
    text = reader("osdp", f'port = "/dev/x"\nkey_file = "{tmp_path}/reader.key"')
    with pytest.raises(ReaderError, match="need the package libosdp"):
        open_readers(read(tmp_path, text))


def test_a_reader_that_fails_leaves_no_other_open(tmp_path: Path) -> None:
    wire = PseudoTerminal(tmp_path / "usb-serial")
    good = reader("serial", f'port = "{tmp_path}/usb-serial"')
    with pytest.raises(ReaderError):
        open_readers(read(tmp_path, good + reader("serial", f'port = "{tmp_path}/none"', "out")))
    (again,) = open_readers(read(tmp_path, good))
    again.close()
    wire.unplug()


def test_a_second_process_cannot_read_the_cards_too(tmp_path: Path) -> None:
    wire = PseudoTerminal(tmp_path / "usb-serial")
    readers = read(tmp_path, reader("serial", f'port = "{tmp_path}/usb-serial"'))
    (first,) = open_readers(readers)
    with pytest.raises(ReaderError, match="something uses"):
        open_readers(readers)
    first.close()
    wire.unplug()


def test_the_named_reader_is_opened(tmp_path: Path) -> None:
    (opened,) = open_readers(read(tmp_path, reader("simulated", name="north-in")))
    assert isinstance(opened, SimulatedReader)
    assert str(opened.name) == "north-in"
