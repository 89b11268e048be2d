"""What staff ask in a scenario, as the commands of `qaqpa-gate` put it to the gate's socket."""

from collections.abc import Mapping

from turnstile.control import (
    CloseRequest,
    EvacuateRequest,
    ForgiveRequest,
    HoldRequest,
    InsideRequest,
    ReleaseRequest,
    ReopenRequest,
    Request,
    ResetRequest,
)
from turnstile.simulation.enrolment import pin_of
from turnstile.simulation.scenario import Staff, StaffAsk

_UNSIGNED: Mapping[Staff, Request] = {
    Staff.CLOSE: CloseRequest(),
    Staff.EVACUATE: EvacuateRequest(),
    Staff.INSIDE: InsideRequest(),
}
_SIGNED: Mapping[Staff, type[HoldRequest | ReopenRequest | ResetRequest]] = {
    Staff.HOLD: HoldRequest,
    Staff.REOPEN: ReopenRequest,
    Staff.RESET: ResetRequest,
}


def request_of(staff: StaffAsk) -> Request:
    """The request, signed with the PIN of who asks, or with that of nobody."""
    if staff.ask in _UNSIGNED:
        return _UNSIGNED[staff.ask]
    by = staff.by or ""
    pin = pin_of(by if staff.pin == "right" else f"nobody like {by}")
    if staff.ask is Staff.FORGIVE:
        return ForgiveRequest(staff=by, pin=pin, student=staff.who or "")
    if staff.ask is Staff.RELEASE:
        assert staff.reason is not None  # noqa: S101 - the scenario was checked
        return ReleaseRequest(
            staff=by, pin=pin, student=staff.who or "", direction=staff.way, reason=staff.reason
        )
    return _SIGNED[staff.ask](staff=by, pin=pin)
