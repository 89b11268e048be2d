"""Fixtures that many tests share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from edge.vault.keys import FileKey, write_new_key
from edge.vault.vault import Vault


@pytest.fixture
def key(tmp_path: Path) -> FileKey:
    path = tmp_path / "device.key"
    write_new_key(path)
    return FileKey(provider="file", key_file=path)


@pytest.fixture
def vault(tmp_path: Path, key: FileKey) -> Iterator[Vault]:
    with Vault.create(tmp_path / "vault.db", key) as made:
        yield made
