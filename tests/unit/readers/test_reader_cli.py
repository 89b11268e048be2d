"""The commands around card readers as a person runs them."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.contract.readers import reads
from tests.contract.turnstiles import becomes
from turnstile.cli import main
from turnstile.readers.factory import open_reader
from turnstile.readers.osdp_key import new_key
from turnstile.readers.settings import OsdpReaderSettings, SerialReaderSettings

GATE = (sys.executable, "-u", "-c", "from turnstile.cli import main; main()")
CARD = "39AB11"
CONFIG = """
school = "school-7"
gate = "north"
audit = "audit.jsonl"
outbox = "outbox.db"
control = "control"
[vault]
path = "vault.db"
[vault.key]
provider = "file"
key_file = "device.key"
[camera]
source = "directory"
path = "pictures"
[turnstile]
driver = "simulated"
[inputs]
source = "simulated"
"""


def gate(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        (*GATE, *words), cwd=folder, capture_output=True, text=True, check=False, timeout=60
    )


class Programs:
    """Starts commands that keep running; all are ended afterwards."""

    def __init__(self, folder: Path, parts: ExitStack) -> None:
        self._folder = folder
        self._parts = parts

    def start(self, *words: str) -> subprocess.Popen[str]:
        pipe = subprocess.PIPE
        process = subprocess.Popen(
            (*GATE, *words), cwd=self._folder, stdin=pipe, stdout=pipe, stderr=subprocess.STDOUT, text=True
        )
        self._parts.callback(process.communicate)
        self._parts.callback(process.kill)
        return process


@pytest.fixture
def programs(tmp_path: Path) -> Iterator[Programs]:
    with ExitStack() as parts:
        yield Programs(tmp_path, parts)


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline()


def test_a_simulated_serial_reader_reads_what_is_typed_until_ctrl_c(
    programs: Programs, tmp_path: Path
) -> None:
    simulated = programs.start("simulate-reader", "serial", "--link", "reader", "--checksum", "xor")
    assert line(simulated) == "port reader\n"
    settings = {"kind": "serial", "name": "in", "port": tmp_path / "reader", "digits": "hex"}
    reader = open_reader(SerialReaderSettings.model_validate(settings | {"checksum": "xor"}))
    assert simulated.stdin
    simulated.stdin.write(f"nonsense\n{CARD}\n")
    simulated.stdin.flush()
    assert [read.number.hex().upper() for read in reads(reader, 1)] == [CARD]
    assert line(simulated).startswith("this reader cannot tell such a card")
    reader.close()
    simulated.send_signal(signal.SIGINT)
    assert line(simulated) == "stopped\n"
    assert simulated.wait(20) == 0
    assert not (tmp_path / "reader").is_symlink()


def test_a_simulated_osdp_reader_holds_its_card_again_and_again_and_shows_the_lights(
    programs: Programs, tmp_path: Path
) -> None:
    assert gate(tmp_path, "reader", "new-key", "reader.key").returncode == 0
    simulated = programs.start(
        *("simulate-reader", "osdp", "--key-file", "reader.key", "--link", "reader"),
        *("--card", CARD, "--every", "0.2"),
    )
    assert line(simulated) == "port reader\n"
    settings = {"kind": "osdp", "name": "in", "port": tmp_path / "reader"}
    reader = open_reader(OsdpReaderSettings.model_validate(settings | {"key_file": tmp_path / "reader.key"}))
    assert [read.number.hex().upper() for read in reads(reader, 2)[:2]] == [CARD, CARD]
    reader.feedback(False)
    assert line(simulated).endswith("light red\n")
    assert line(simulated).endswith("buzzer 3\n")
    reader.close()


def test_a_key_is_made_installed_and_used(programs: Programs, tmp_path: Path) -> None:
    assert "key written" in gate(tmp_path, "reader", "new-key", "reader.key").stdout
    simulated = programs.start("simulate-reader", "osdp", "--link", "reader", "--card", CARD)
    assert line(simulated) == "port reader\n"
    installed = gate(tmp_path, "reader", "install-key", "reader.key", "--port", "reader")
    assert installed.returncode == 0, installed.stderr
    assert line(simulated).endswith("key set\n")
    osdp = '[[readers]]\nkind = "osdp"\nname = "in"\nport = "reader"\nkey_file = "reader.key"\n'
    (tmp_path / "gate.toml").write_text(CONFIG + osdp)
    heard = gate(tmp_path, "reader", "listen", "--config", "gate.toml", "--cards", "1")
    assert heard.returncode == 0, heard.stderr
    assert "in: a card of 3 bytes, number kept secret" in heard.stdout
    assert CARD.lower() not in heard.stdout + heard.stderr
    shown = gate(tmp_path, "reader", "listen", "--config", "gate.toml", "--cards", "1", "--show-numbers")
    assert CARD.lower() in shown.stdout


def test_listening_tells_of_what_is_no_card(programs: Programs, tmp_path: Path) -> None:
    simulated = programs.start("simulate-reader", "serial", "--link", "reader", "--card", "ABCDEF")
    assert line(simulated) == "port reader\n"
    (tmp_path / "gate.toml").write_text(
        CONFIG + '[[readers]]\nkind = "serial"\nname = "in"\nport = "reader"\ndigits = "decimal"\n'
    )
    listening = programs.start("reader", "listen", "--config", "gate.toml")
    assert line(listening) == "hold a card to in; Ctrl-C ends\n"
    assert line(listening).endswith("in: something that is no card\n")
    listening.send_signal(signal.SIGINT)
    assert becomes(listening.poll, 0)


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("reader", "new-key", "there.key"), 2, "is there already"),
        (("reader", "install-key", "none.key", "--port", "x"), 2, "cannot read the reader's key"),
        (("reader", "install-key", "there.key", "--port", "x", "--baud", "1234"), 2, "is no baud rate"),
        (("reader", "install-key", "there.key", "--port", "x"), 1, "cannot open the card reader"),
        (("reader", "listen", "--config", "gate.toml"), 2, "has no card readers"),
        (("simulate-reader", "osdp", "--key-file", "none.key"), 2, "cannot read the reader's key"),
    ],
)
def test_a_mistake_is_told_in_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    *,
    words: tuple[str, ...],
    code: int,
    told: str,
) -> None:
    new_key(tmp_path / "there.key")
    (tmp_path / "gate.toml").write_text(CONFIG)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["qaqpa-gate", *words])
    with pytest.raises(SystemExit) as end:
        main()
    assert end.value.code == code
    assert told in " ".join(capsys.readouterr().err.split())
