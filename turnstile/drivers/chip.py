"""The Pi's GPIO chip, through lgpio."""

from gpiozero import Factory

from edge.errors import TurnstileError


def open_chip() -> Factory:
    """Open it. Raises TurnstileError where there is none.

    lgpio is named, never gpiozero's own choice, which falls back to a slower or a simulated one.
    """
    try:
        import lgpio  # noqa: PLC0415  (only a Pi has it)
        from gpiozero.pins.lgpio import LGPIOFactory, LGPIOPin  # noqa: PLC0415
    except ImportError as error:
        raise TurnstileError("GPIO needs the package lgpio", "Install python3-lgpio on the Pi") from error

    class SteadyPin(LGPIOPin):  # type: ignore[misc]  # gpiozero has no types
        """gpiozero's own pin drives low before it takes its first level, which closes an active-low relay."""

        def output_with_state(self, state: bool) -> None:
            lgpio.gpio_claim_output(self.factory._handle, self._number, int(state))

    try:
        factory = LGPIOFactory()
    except Exception as error:  # lgpio has its own error type, known only where it is installed
        raise TurnstileError(
            "this computer has no GPIO chip", "Use a relay board here, or the simulated driver"
        ) from error
    factory.pin_class = SteadyPin
    return factory
