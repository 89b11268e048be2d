"""The one form of a card's number, so that what staff type and what any reader says is the same card."""

import re

LONGEST = 40
_SEPARATORS = str.maketrans("", "", " :.-\t\r\n")
_NUMBER = re.compile(r"[0-9A-Z,]{1,40}")


def card_number(text: str) -> bytes:
    """Letters in upper case, no separators, no zeros in front. Raises ValueError for what is no number.

    A comma stays: 12,345 and 1,2345 (facility and card, as printed on cards of 26 bits) are two cards.
    """
    number = text.translate(_SEPARATORS).upper().lstrip("0")
    if not _NUMBER.fullmatch(number):
        raise ValueError("a card number has 1 to 40 digits or letters, and is not zero")
    return number.encode("ascii")
