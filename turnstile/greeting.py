"""The first name that a display may show, from the full name on the roster."""

from collections.abc import Callable

from pydantic import Field

from edge.config import Settings
from edge.domain.ids import ChildId
from edge.errors import VaultError
from edge.vault.vault import Vault

LONGEST = 40


class DisplaySettings(Settings):
    """Whether whoever is let in is greeted by first name; nobody is unless the school says so.

    `given_name_word`: which word of the roster's full name it is: 2 for "Surname Given Patronymic", the order
    of school lists in Kazakhstan, 1 for "Given Surname".
    """

    first_name: bool = False
    given_name_word: int = Field(default=2, ge=1, le=3)


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
