"""The school of a scenario before its first hour, in a real vault: roster, consents, faces, cards, passes."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from edge.credentials.pin import hash_pin
from edge.domain.credentials import CredentialKind, Holder, HolderKind
from edge.domain.ids import ChildId, Slug
from edge.errors import ConfigError
from edge.vault.credentials import Credential
from edge.vault.vault import Vault
from edge.vision.engine import Engine
from turnstile.simulation.scenario import Has, People, Shows
from turnstile.simulation.school import enrol_face, put_on_roster
from turnstile.simulation.walks import Walker

_VALID = timedelta(days=200)
_OTHER_SCHOOL = Slug("another-school")
_POSTER = "https://example.org/menu"


@dataclass(frozen=True, slots=True)
class Belongings:
    """What one person can show."""

    child: ChildId
    pass_: Credential | None


class SchoolRoll:
    """Everyone of a scenario, and what each can hold to a reader or a camera."""

    def __init__(self, vault: Vault, school: Slug) -> None:
        self._vault = vault
        self._school = school
        self._people: dict[str, Belongings] = {}

    def enrol(
        self,
        roster: Mapping[str, People],
        walkers: Mapping[str, Walker],
        engine: Engine,
        now: datetime,
    ) -> None:
        """Write everyone into the vault. Raises ConfigError for a face that no walk shows."""
        for name, people in roster.items():
            child = put_on_roster(self._vault, name, people.group, people.role)
            if Has.FACE in people.has:
                if name not in walkers:
                    raise ConfigError(
                        f"people: there is no walk of {name}", "Name another folder with --walks"
                    )
                enrol_face(self._vault, child, walkers[name], engine, now)
            if Has.PIN in people.has:
                self._vault.pins.put(child.id, hash_pin(pin_of(name)))
            self._people[name] = Belongings(child.id, self._credentials(child.id, name, people, now))

    def _credentials(self, child: ChildId, name: str, people: People, now: datetime) -> Credential | None:
        holder, credentials = Holder(HolderKind.CHILD, child), self._vault.credentials
        if {Has.CARD, Has.REVOKED_CARD} & set(people.has):
            credentials.add_card(holder, card_of(name), now)
        if Has.REVOKED_CARD in people.has:
            credentials.revoke(child, now, CredentialKind.CARD)
        if Has.EXPIRED_QR in people.has:
            return credentials.issue_pass(holder, now - timedelta(days=1), now - timedelta(days=30))
        return credentials.issue_pass(holder, now + _VALID, now) if Has.QR in people.has else None

    def card(self, name: str, shows: Shows) -> bytes:
        """The number on the card that somebody holds to the reader."""
        return card_of(f"nobody's, {name}") if shows is Shows.UNKNOWN_CARD else card_of(name)

    def code(self, name: str, shows: Shows) -> str:
        """The text of the code that somebody holds up."""
        if shows is Shows.POSTER:
            return _POSTER
        held = self._people[name].pass_ if name in self._people else None
        if shows is Shows.FORGED_QR:
            held = held or self._any_pass()
            return _forged(self._vault.credentials.pass_text(held, self._school))
        if shows is Shows.OTHER_SCHOOL:
            return self._vault.credentials.pass_text(held or self._any_pass(), _OTHER_SCHOOL)
        assert held is not None  # noqa: S101 - the scenario was checked
        return self._vault.credentials.pass_text(held, self._school)

    def revoke_card(self, name: str, now: datetime) -> None:
        """The office blocks a card."""
        self._vault.credentials.revoke(self._people[name].child, now, CredentialKind.CARD)

    def withdraw(self, name: str, now: datetime) -> None:
        """A guardian withdraws the consent."""
        self._vault.withdraw(self._people[name].child, now)

    def on(self, vault: Vault) -> None:
        """Go on with the vault opened anew."""
        self._vault = vault

    def _any_pass(self) -> Credential:
        passes = [each.pass_ for each in self._people.values() if each.pass_ is not None]
        if not passes:
            raise ConfigError("shows: nobody here has a pass to forge", 'Give somebody has = ["qr"]')
        return passes[0]


def card_of(name: str) -> bytes:
    """A card number of seven bytes, as MIFARE cards have."""
    return b"\x04" + hashlib.sha256(name.encode()).digest()[:6]


def pin_of(name: str) -> str:
    """Eight digits that only this member of staff knows."""
    return f"{int.from_bytes(hashlib.sha256(b'pin of ' + name.encode()).digest()) % 10**8:08d}"


def _forged(text: str) -> str:
    """The same code with one character changed, which its signature no longer covers."""
    return text[:-1] + ("0" if text[-1] != "0" else "1")
