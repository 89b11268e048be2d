"""A configuration that would weaken the transport, or that nobody reads, does not start."""

from pathlib import Path

import pytest

from edge.config import load
from edge.domain.ids import Slug
from edge.errors import ConfigError, SyncRetryable
from sync.hub.database import Database
from sync.hub.settings import HubSettings
from sync.link import in_turn
from sync.settings import BrokerSettings, PublisherSettings
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


@pytest.mark.parametrize("host", ["", "two words", "mq1:", "mq1:0", "mq1:70000", "mqtt://mq1"])
def test_a_cluster_with_an_address_that_nobody_can_reach_does_not_start(tmp_path: Path, host: str) -> None:
    text = PUBLISHER + TLS + f'[broker]\nhosts = ["mq1.example", "{host}"]\n'
    with pytest.raises(ConfigError):
        load(write(tmp_path, text), PublisherSettings)


def test_a_gate_tries_every_broker_of_a_cluster_before_it_comes_back_to_the_first() -> None:
    broker = BrokerSettings(port=8884, hosts=("mq1.example", "mq2.example:8885", "mq3.example"))
    addresses = [("mq1.example", 8884), ("mq2.example", 8885), ("mq3.example", 8884)]
    next_broker = in_turn(broker)
    tried = [next_broker() for _ in range(6)]
    assert sorted((each.host, each.port) for each in tried[:3]) == addresses
    assert tried[3:] == tried[:3]
    assert in_turn(BrokerSettings())() == BrokerSettings()


def test_gates_begin_at_different_brokers_so_that_no_node_gets_all() -> None:
    broker = BrokerSettings(hosts=("mq1", "mq2", "mq3"))
    assert len({in_turn(broker)().host for _ in range(200)}) == 3


@pytest.mark.parametrize(
    ("schools", "served"),
    [
        ("", (Slug("school-7"),)),
        ('schools = ["school-8", "school-9"]\n', (Slug("school-8"), Slug("school-9"))),
        ('schools = "*"\n', (None,)),
    ],
)
def test_a_worker_takes_the_gates_of_its_schools_only(
    tmp_path: Path, schools: str, served: tuple[Slug | None, ...]
) -> None:
    assert load(write(tmp_path, schools + HUB + TLS), HubSettings).served == served


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
