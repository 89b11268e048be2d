"""The individual identification number (IIN) of Kazakhstan: YYMMDD, then a digit for sex and century."""

from datetime import date

_CENTURIES = {"1": 1800, "2": 1800, "3": 1900, "4": 1900, "5": 2000, "6": 2000}


def born(iin: str) -> date | None:
    """The date of birth that an IIN carries; None for a text that carries none."""
    century = _CENTURIES.get(iin[6:7])
    if century is None or len(iin) != 12 or not (iin.isascii() and iin.isdigit()):
        return None
    try:
        return date(century + int(iin[:2]), int(iin[2:4]), int(iin[4:6]))
    except ValueError:
        return None
