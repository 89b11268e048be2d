"""The individual identification number (IIN) of Kazakhstan: 12 digits, a date of birth and a control digit.

The control digit is a weighted sum modulo 11, with a second row of weights where the first leaves 10; BINs of
organisations have the same.
"""

from datetime import date

_FIRST = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
_SECOND = (3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2)
_CENTURIES = {1: 1800, 2: 1800, 3: 1900, 4: 1900, 5: 2000, 6: 2000}


def check_iin(text: str) -> str:
    """The number itself. Raises ValueError for one that was mistyped."""
    if len(text) != 12 or not (text.isascii() and text.isdigit()):
        raise ValueError("an IIN is not 12 digits")
    if _control([int(digit) for digit in text[:11]]) != int(text[11]):
        raise ValueError("the control digit of an IIN is wrong: a digit was mistyped")
    return text


def born_on(iin: str) -> date | None:
    """The date of birth that it tells; None for a text that tells none, as numbers of some foreigners."""
    if len(iin) != 12 or not (iin.isascii() and iin.isdigit()):
        return None
    century = _CENTURIES.get(int(iin[6]))
    if century is None:
        return None
    try:
        return date(century + int(iin[:2]), int(iin[2:4]), int(iin[4:6]))
    except ValueError:
        return None


def _control(digits: list[int]) -> int | None:
    for weights in (_FIRST, _SECOND):
        rest = sum(digit * weight for digit, weight in zip(digits, weights, strict=True)) % 11
        if rest < 10:
            return rest
    return None  # such a number is never given out
