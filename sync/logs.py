"""JSON lines on stderr, for both processes."""

import logging
import sys

import structlog


def only_errors() -> None:
    """Instead of `configure`, where a person looks at something else: thousands of warnings say no more."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))


def configure() -> None:
    """Call once at start. Whoever logs names counts and gates, never people or message texts."""
    # Libraries stay silent: their warnings quote the addresses that messages go to.
    logging.getLogger().addHandler(logging.NullHandler())
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
