"""Not waiting for what another transaction holds locked."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import OperationalError, transaction
from psycopg.errors import LockNotAvailable

logger = logging.getLogger(__name__)


@contextmanager
def unless_locked(what: str) -> Iterator[None]:
    """Run a block in a savepoint; when it meets a lock for longer than `lock_timeout`, leave it for the next time."""
    try:
        with transaction.atomic():
            yield
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        logger.info("Another transaction holds %s; the next sweep sees to it.", what)
