"""The key of a reader is as good as the cards of the whole school: it is made well and kept to its owner."""

import stat
from pathlib import Path

import pytest

from edge.errors import ConfigError
from turnstile.readers.osdp_key import KEY_BYTES, new_key, read_key


def written(folder: Path, text: str, mode: int = 0o600) -> Path:
    path = folder / "reader.key"
    path.write_text(text)
    path.chmod(mode)
    return path


def test_every_new_key_is_another_one_and_only_for_its_owner(tmp_path: Path) -> None:
    for name in ("a", "b"):
        new_key(tmp_path / name)
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    keys = {read_key(tmp_path / name) for name in ("a", "b")}
    assert len(keys) == 2
    assert {len(key) for key in keys} == {KEY_BYTES}


def test_a_key_that_readers_have_is_never_overwritten(tmp_path: Path) -> None:
    path = written(tmp_path, "00112233445566778899aabbccddeeff\n")
    with pytest.raises(ConfigError, match="is there already"):
        new_key(path)
    assert read_key(path) == bytes.fromhex("00112233445566778899aabbccddeeff")


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot write"):
        new_key(tmp_path / "none" / "reader.key")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620])
def test_a_key_that_others_can_read_stops_the_start(tmp_path: Path, mode: int) -> None:
    with pytest.raises(ConfigError, match="others can read") as caught:
        read_key(written(tmp_path, "00112233445566778899aabbccddeeff", mode))
    assert "chmod 600" in caught.value.remedy


@pytest.mark.parametrize("text", ["", "0011", "zz" * 16, "00" * 17, "ключ", "\0" * 16])
def test_a_file_that_holds_no_key_says_how_to_make_one(tmp_path: Path, text: str) -> None:
    with pytest.raises(ConfigError, match="does not hold a key") as caught:
        read_key(written(tmp_path, text))
    assert "qaqpa-gate reader new-key" in caught.value.remedy


@pytest.mark.parametrize("key", ["303132333435363738393a3b3c3d3e3f", "00" * 16, "ff" * 16])
def test_a_key_that_everybody_knows_stops_the_start(tmp_path: Path, key: str) -> None:
    with pytest.raises(ConfigError, match="everybody knows"):
        read_key(written(tmp_path, key))


def test_a_missing_key_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="No such file") as caught:
        read_key(tmp_path / "none")
    assert "qaqpa-gate reader new-key" in caught.value.remedy


def test_no_message_shows_the_key(tmp_path: Path) -> None:
    path = written(tmp_path, "303132333435363738393a3b3c3d3e3f")
    with pytest.raises(ConfigError) as caught:
        read_key(path)
    assert "3031" not in str(caught.value)
