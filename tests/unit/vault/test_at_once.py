"""Two processes use one vault at the same moment: nobody is told of damage, and nothing is done twice."""

from datetime import timedelta
from pathlib import Path

from edge.vault.keys import FileKey
from edge.vault.vault import Vault
from tests.another import another
from tests.builders import NOW, enrolled

CHILDREN = 20
RENEWALS = 200
LATER = NOW + timedelta(days=400)
_IMPORTS = """
import sys
from datetime import datetime
from pathlib import Path
from edge.vault.keys import FileKey
from edge.vault.vault import Vault
"""
_OPENED = """
folder, now, renewals = Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2]), int(sys.argv[3])
key = FileKey(provider="file", key_file=folder / "device.key")
with Vault.open(folder / "vault.db", key, now=now, writable=True) as vault:
    for _ in range(renewals):
        vault.renew_templates()
"""


def test_what_ran_out_is_destroyed_and_certified_once(tmp_path: Path, vault: Vault) -> None:
    """The nightly run and the first command of the day: a parent gets one receipt, with the true count."""
    for number in range(CHILDREN):
        enrolled(vault, number)
    with (
        another(_IMPORTS, _OPENED, tmp_path, LATER, 0) as one,
        another(_IMPORTS, _OPENED, tmp_path, LATER, 0) as two,
    ):
        one.begin()
        two.begin()
        assert (one.complaint(), two.complaint()) == ("", "")
    done = [*vault.erasures.not_gone(), *vault.erasures.uncertified()]
    assert [each.templates for each in done] == [2] * CHILDREN


def test_a_reader_is_not_told_of_tampering_while_every_key_is_renewed(
    tmp_path: Path, key: FileKey, vault: Vault
) -> None:
    """As each withdrawal does: what was read just before must open with the key of just before."""
    child = enrolled(vault)
    with (
        Vault.open(vault.path, key, now=NOW) as reader,
        another(_IMPORTS, _OPENED, tmp_path, NOW, RENEWALS) as other,
    ):
        other.begin()
        while other.running():
            assert reader.audit_key == vault.audit_key
            assert reader.roster.child(child) is not None
            assert reader.roster.guardians(child)
        assert other.complaint() == ""
