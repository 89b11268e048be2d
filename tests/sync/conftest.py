"""One set of certificates for all tests; a fresh school and broker for each."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sync.broker import Broker, BrokerPlan, MosquittoBroker, NatsBroker
from sync.hub.ca import CertificateAuthority, Issued
from sync.hub.migrate import upgrade
from tests.postgres import Cluster
from tests.sync.parts import GATE, OTHER_GATE, SCHOOL, Phone, School

BROKERS = {"mosquitto": MosquittoBroker, "nats": NatsBroker}


@pytest.fixture(scope="session")
def identities(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Issued]:
    authority = CertificateAuthority.create(tmp_path_factory.mktemp("ca"), SCHOOL)
    return {
        "broker": authority.issue_broker(),
        "hub": authority.issue_hub(),
        "main": authority.issue_gate(GATE),
        "yard": authority.issue_gate(OTHER_GATE),
    }


@pytest.fixture
def school(tmp_path: Path, identities: dict[str, Issued]) -> School:
    gates = {GATE: identities["main"], OTHER_GATE: identities["yard"]}
    return School(tmp_path, identities["broker"], identities["hub"], gates)


@pytest.fixture(params=BROKERS)
def broker(request: pytest.FixtureRequest, school: School) -> Iterator[Broker]:
    yield from started(request.param, school.plan)


@pytest.fixture
def mosquitto(school: School) -> Iterator[Broker]:
    yield from started("mosquitto", school.plan)


def started(name: str, plan: BrokerPlan) -> Iterator[Broker]:
    kind = BROKERS[name]
    if kind.find() is None:
        pytest.skip(f"{name} is not installed")
    with kind(plan) as running:
        yield running


@pytest.fixture
def town(school: School, postgres: Cluster) -> Iterator[School]:
    """A school whose hub uses PostgreSQL."""
    with postgres.database() as name:
        school.postgresql = postgres.url(name)
        upgrade(school.postgresql)
        yield school


@pytest.fixture
def phone() -> Iterator[Phone]:
    made = Phone()
    yield made
    made.close()
