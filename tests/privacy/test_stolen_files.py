"""A thief has the card of the Pi, vault and outbox on it, and not the key: what does he learn?"""

import base64
import re
import sqlite3
import struct
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from edge.domain.consent import DataCategory
from edge.domain.credentials import Holder, HolderKind
from edge.domain.decisions import Decision, Outcome, Reason
from edge.domain.events import Direction, Kind, Method
from edge.domain.ids import Slug
from edge.errors import WrongKey
from edge.vault.keys import FileKey, write_new_key
from edge.vault.vault import Vault
from sync.outbox import Outbox
from tests.builders import ENGINE, NOW, child, child_id, consent, enrolled, guardian, unit_vector
from tests.privacy.test_invariants import journal

PERSONAL = ("Aisha", "Test1", "S-1", "150402600004", "2015-04-02", "Saule", "77010000001", "saule@test")


@pytest.fixture
def stolen(vault: Vault, key: FileKey, tmp_path: Path) -> dict[str, bytes]:
    """Every byte of a school's files after a passage: a child with consent, face, pass and card."""
    enrolled(vault)
    vault.consents.add(consent(id="c-9", data=frozenset(DataCategory)))
    holder = Holder(HolderKind.CHILD, child_id(1))
    vault.credentials.add_card(holder, b"card-4711", NOW)
    with Outbox(tmp_path / "outbox.db") as outbox:
        written = journal(tmp_path, outbox)
        granted = Decision(Outcome.GRANT, Reason.RECOGNISED, child_id(1))
        written.settle(written.grant(granted, Direction.IN, Method.FACE), Kind.PASSED)
        return {file.name: file.read_bytes() for file in tmp_path.glob("*.db*")}


def test_no_name_contact_or_number_stands_in_any_encoding(stolen: dict[str, bytes]) -> None:
    assert {"vault.db", "outbox.db"} <= set(stolen)
    for name, content in stolen.items():
        for secret in PERSONAL:
            for encoded in (
                secret.encode(),
                secret.encode("utf-16-le"),
                secret.encode().hex().encode(),
                base64.b64encode(secret.encode()).rstrip(b"=")[:-1],
            ):
                assert encoded.lower() not in content.lower(), f"{secret} in {name}"


def test_no_vector_stands_there_neither_as_it_is_nor_rotated(vault: Vault, stolen: dict[str, bytes]) -> None:
    rotation = vault.templates.rotation(ENGINE, 128)
    assert rotation is not None
    for vector in (unit_vector(1), rotation.apply(unit_vector(1))):
        for number in vector[:16]:
            for form in ("<f", ">f", "<d", ">d", "<e"):
                run = struct.pack(form, number) if form != "<e" else np.float16(number).tobytes()
                if len(run) >= 4:
                    assert not any(run in content for content in stolen.values())
        for content in stolen.values():
            assert vector.astype(np.float16).tobytes()[:16] not in content
    assert not any(rotation.to_bytes()[:16] in content for content in stolen.values())


def test_nothing_that_is_sealed_compresses_or_repeats(vault: Vault) -> None:
    """Two children with the very same details show nothing alike: no code book can be made."""
    enrolled(vault)
    vault.roster.put(child(2), [guardian(2)])
    with closing(sqlite3.connect(vault.path)) as raw:
        sealed = [row[0] for row in raw.execute("SELECT sealed FROM guardian ORDER BY child")]
    assert len(sealed) == 2
    assert len(sealed[0]) == len(sealed[1])
    runs = [{each[at : at + 4] for at in range(len(each) - 3)} for each in sealed]
    assert not runs[0] & runs[1]


def test_a_wrong_key_opens_nothing_and_says_so(vault: Vault, tmp_path: Path) -> None:
    enrolled(vault)
    for number in range(20):
        write_new_key(tmp_path / f"guess-{number}")
        with pytest.raises(WrongKey):
            Vault.open(vault.path, FileKey(provider="file", key_file=tmp_path / f"guess-{number}"), now=NOW)


def test_what_does_show_is_what_the_page_says(stolen: dict[str, bytes]) -> None:
    """Pseudonyms are there, as docs/template-protection.md admits; a change of that must change the page."""
    assert child_id(1).value.encode() in stolen["vault.db"] + stolen.get("vault.db-wal", b"")
    page = (Path(__file__).resolve().parents[2] / "docs/template-protection.md").read_text("utf-8")
    assert re.search(r"show pseudonyms, times, the kinds of consent", page)
    assert Slug("school-7").value.encode() in b"".join(stolen.values())
