"""Atrium's settings with the jobs of the fault tests."""

from portal.settings import *  # noqa: F403
from portal.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.faults.effects"]
# How long a worker that is stopped softly waits for what it began; it always waits the whole of it.
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 5
