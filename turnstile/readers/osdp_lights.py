"""What tells a person at an OSDP reader (`osdp_LED`, `osdp_BUZ`); times are in tenths of a second."""

from collections.abc import Mapping

import osdp_sys

_TEMPORARY = 2
_TONE = 2
_SHOWN_TENTHS = 20


def light(accepted: bool) -> Mapping[str, int]:
    """Green or red for two seconds, then what the reader showed before."""
    return {
        "command": osdp_sys.CMD_LED,
        "reader": 0,
        "led_number": 0,
        "temporary": True,
        "control_code": _TEMPORARY,
        "on_count": 1,
        "off_count": 0,
        "on_color": osdp_sys.LED_COLOR_GREEN if accepted else osdp_sys.LED_COLOR_RED,
        "off_color": osdp_sys.LED_COLOR_NONE,
        "timer_count": _SHOWN_TENTHS,
    }


def sound(accepted: bool) -> Mapping[str, int]:
    """One long beep, or three short ones."""
    return {
        "command": osdp_sys.CMD_BUZZER,
        "reader": 0,
        "control_code": _TONE,
        "on_count": 3 if accepted else 1,
        "off_count": 1,
        "rep_count": 1 if accepted else 3,
    }
