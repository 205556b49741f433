"""`manage.py sweeper`: the process that sends again what was not heard, and owns the schedule."""

import logging
import signal
from threading import Event
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.db import close_old_connections

from portal.jobs.sweeper import sweep

logger = logging.getLogger(__name__)


class Command(BaseCommand):
    help = "Send due jobs, give up lost claims and fill the schedule, until SIGTERM. Two or more may run."

    def handle(self, *args: Any, **options: Any) -> None:
        """Sweep every JOB_SWEEP_SECONDS until told to stop."""
        stop = _stopped_by_signal()
        self.stdout.write(f"sweeping every {settings.JOB_SWEEP_SECONDS:g} seconds")
        self.stdout.flush()
        while not stop.is_set():
            _sweep_once()
            stop.wait(settings.JOB_SWEEP_SECONDS)


def _sweep_once() -> None:
    """One pass. Whatever goes wrong (mostly a database that restarts) is logged, and the next pass tries again."""
    try:
        sweep()
    except Exception:
        logger.exception("A sweep failed; the next one follows in %g seconds.", settings.JOB_SWEEP_SECONDS)
    finally:
        close_old_connections()


def _stopped_by_signal() -> Event:
    """An event that SIGTERM or Ctrl-C sets: a pass that runs is ended, none is begun."""
    stop = Event()

    def set_it(number: int, frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, set_it)
    return stop
