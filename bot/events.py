"""What is logged: events with a name and ids, never a name of a person, never their words."""

import logging
import sys
import traceback
from enum import StrEnum
from pathlib import Path

import structlog


class Event(StrEnum):
    """Names of events: object.past_participle."""

    APP_STARTED = "app.started"
    APP_STOPPED = "app.stopped"
    AGENDA_FAILED = "agenda.failed"
    AGENDA_PERFORMED = "agenda.performed"
    DOOR_OPENED = "door.opened"
    DOOR_ENTERED = "door.entered"
    DOOR_FAILED = "door.failed"
    DOOR_DELAYED = "door.delayed"
    DEVICE_REPLACED = "device.replaced"
    DEVICE_SIGNED = "device.signed"
    EVENT_SKIPPED = "event.skipped"
    EVENT_UNREADABLE = "event.unreadable"
    GAP_FILLED = "gap.filled"
    IDENTITY_REPLACED = "identity.replaced"
    INVITATION_ACCEPTED = "invitation.accepted"
    INVITATION_DECLINED = "invitation.declined"
    KEYS_WITHHELD = "keys.withheld"
    LETTER_SENT = "letter.sent"
    LETTER_DELAYED = "letter.delayed"
    LETTER_ABANDONED = "letter.abandoned"
    LETTER_LATE = "letter.late"
    LETTER_DOUBTED = "letter.doubted"
    LETTER_REPORTED = "letter.reported"
    UPDATE_DELAYED = "update.delayed"
    UPDATE_HANDLED = "update.handled"
    UPDATE_REPLAYED = "update.replayed"
    UPDATE_FAILED = "update.failed"
    UPDATE_BURIED = "update.buried"
    WORK_REFUSED = "work.refused"


def configure_logging(*, json: bool, level: int = logging.INFO) -> None:
    """Send events to standard error: JSON lines for a service, readable lines for a terminal."""
    renderer = structlog.processors.JSONRenderer() if json else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )


def told(error: Exception) -> dict[str, str]:
    """What may be logged of a fault: its kind and the line that raised it, never its words."""
    *_, last = traceback.extract_tb(error.__traceback__)
    return {"error": type(error).__name__, "where": f"{Path(last.filename).name}:{last.lineno}"}


log: structlog.typing.FilteringBoundLogger = structlog.get_logger("greffier")
