"""What is to be done after every job, whatever its end: each app registers at start-up. Not for effects of the job."""

import logging
from collections.abc import Callable

logger = logging.getLogger(__name__)

_registered: list[Callable[[], object]] = []


def after_each(done: Callable[[], object]) -> None:
    """At start-up: call `done()` in the worker after each job, outside its transaction."""
    if done not in _registered:
        _registered.append(done)


def close() -> None:
    """Call all of them. One that fails is logged and costs the job nothing: its outcome is written already."""
    for done in _registered:
        try:
            done()
        except Exception:
            logger.exception("%s failed after a job.", done.__qualname__)
