"""A configuration that would weaken the transport, or that nobody reads, does not start."""

from pathlib import Path

import pytest

from edge.config import load
from edge.errors import ConfigError, SyncRetryable
from sync.hub.database import Database
from sync.hub.settings import HubSettings
from sync.settings import PublisherSettings
from tests.postgres import Cluster

TLS = '[tls]\nca = "ca.crt"\ncert = "main.crt"\nkey = "main.key"\n'
PUBLISHER = 'school = "school-7"\ngate = "main"\noutbox = "outbox.db"\n'
HUB = 'school = "school-7"\ndatabase = "hub.db"\npseudonym_key = "pseudonym.key"\n'


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "settings.toml"
    path.write_text(text, "utf-8")
    return path


def test_the_smallest_files_of_the_documentation_are_enough(tmp_path: Path) -> None:
    assert load(write(tmp_path, PUBLISHER + TLS), PublisherSettings).broker.port == 8883
    assert load(write(tmp_path, HUB + TLS), HubSettings).http.host == "127.0.0.1"


@pytest.mark.parametrize(
    "text",
    [
        PUBLISHER,
        PUBLISHER + TLS + "insecure = true\n",
        PUBLISHER + TLS.replace('key = "main.key"\n', ""),
        PUBLISHER + TLS + "[broker]\nplain = true\n",
        PUBLISHER.replace("main", "Main Door") + TLS,
        PUBLISHER + TLS + "[retry]\nfirst_seconds = 9\nlongest_seconds = 3\n",
        PUBLISHER + "window = 0\n" + TLS,
    ],
)
def test_a_publisher_without_complete_tls_or_with_strange_keys_does_not_start(
    tmp_path: Path, text: str
) -> None:
    with pytest.raises(ConfigError):
        load(write(tmp_path, text), PublisherSettings)


@pytest.mark.parametrize("more", ['time_zone = "Mars/Base"\n', 'vault = "vault.db"\n', 'vault_key = "key"\n'])
def test_a_hub_with_a_wrong_zone_or_any_vault_does_not_start(tmp_path: Path, more: str) -> None:
    with pytest.raises(ConfigError):
        load(write(tmp_path, HUB + more + TLS), HubSettings)


def hub_with(tmp_path: Path, database: str) -> HubSettings:
    return load(write(tmp_path, HUB.replace("hub.db", database) + TLS), HubSettings)


def test_a_hub_keeps_its_tables_in_a_file_or_on_a_server(tmp_path: Path) -> None:
    assert hub_with(tmp_path, "/var/lib/hub.db").database == Path("/var/lib/hub.db")
    url = "postgresql://qaqpa@db.school.example/qaqpa?passfile=/etc/qaqpa/pgpass&sslmode=verify-full"
    assert hub_with(tmp_path, url).database == url


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://qaqpa:s3cret@localhost/qaqpa",
        "postgresql://qaqpa@localhost/qaqpa?password=s3cret",
        "mysql://qaqpa:s3cret@localhost/qaqpa",
        "postgresql://qaqpa:s3cret@localhost:port/qaqpa",
    ],
)
def test_a_database_password_in_the_configuration_is_refused_and_not_repeated(
    tmp_path: Path, url: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        hub_with(tmp_path, url)
    assert "database: " in str(caught.value)
    assert "s3cret" not in str(caught.value)


def test_a_wrong_database_password_is_told_without_it(postgres: Cluster, tmp_path: Path) -> None:
    passfile = tmp_path / "pgpass"
    passfile.write_text("*:*:*:*:s3cret\n", "utf-8")
    passfile.chmod(0o600)
    url = postgres.url("postgres").replace(str(postgres.passfile), str(passfile))
    with pytest.raises(SyncRetryable, match="password authentication failed") as caught:
        Database(url)
    assert "s3cret" not in str(caught.value)
