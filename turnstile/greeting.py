"""The first name that a display may show, from the full name on the roster."""

from collections.abc import Callable

from edge.domain.ids import ChildId
from edge.errors import VaultError
from edge.vault.vault import Vault
from turnstile.settings import DisplaySettings

LONGEST = 40


def first_name(full_name: str, word: int) -> str:
    """That word of the name, or the last one of a name that has fewer."""
    words = full_name.split()
    return words[min(word, len(words)) - 1][:LONGEST]


def greeter(settings: DisplaySettings, vault: Vault) -> Callable[[ChildId], str | None]:
    """Gives the first name of a child; None where nobody is to be named or the vault does not answer."""

    def greet(child: ChildId) -> str | None:
        if not settings.first_name:
            return None
        try:
            entry = vault.roster.child(child)
        except VaultError:  # the child is let in all the same
            return None
        return None if entry is None else first_name(entry.full_name, settings.given_name_word)

    return greet
