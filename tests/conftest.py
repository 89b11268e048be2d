"""Fixtures that many tests share."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from edge.vault.keys import FileKey, write_new_key
from edge.vault.vault import Vault
from tests.leftovers import Leftovers
from tests.postgres import Cluster, find_binaries

# Test processes side by side inherit the width of a terminal, and tables would wrap in some of them only.
os.environ.pop("COLUMNS", None)


def pytest_configure(config: pytest.Config) -> None:
    """In a worker of pytest-xdist there is nothing to look for: whoever started it looks."""
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Leftovers(config.rootpath))


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    """A command run in this process sets up its log; the next test expects it as it was."""
    yield
    structlog.reset_defaults()


@pytest.fixture
def key(tmp_path: Path) -> FileKey:
    path = tmp_path / "device.key"
    write_new_key(path)
    return FileKey(provider="file", key_file=path)


@pytest.fixture
def vault(tmp_path: Path, key: FileKey) -> Iterator[Vault]:
    with Vault.create(tmp_path / "vault.db", key) as made:
        yield made


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("PostgreSQL's server is not installed: apt install postgresql")
    cluster = Cluster(binaries)
    cluster.start()
    yield cluster
    cluster.remove()
