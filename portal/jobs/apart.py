"""Doing the same to many things, each for itself."""

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

from django.db import connection

from portal.jobs.errors import ClaimLost, in_words
from portal.lib.errors import Refused

logger = logging.getLogger(__name__)

Thing = TypeVar("Thing")
Result = TypeVar("Result")
NAMED = 5  # of those that failed, in the sentence; the log has all


class NotAll(Refused):
    """Some of many things could not be done; the sentence names them. All others are done."""


def each(things: Iterable[Thing], do: Callable[[Thing], Result]) -> list[Result]:
    """Call `do`, which has a transaction of its own, with each thing; one that fails does not stop those after it.

    Returns what the calls returned. Raises NotAll once all were tried, so that the job which does this shows as failed.
    A lost claim or a database that went away ends it at once: nothing after it could be written.
    """
    results: list[Result] = []
    failed: list[str] = []
    tried = 0
    for thing in things:
        tried += 1
        try:
            results.append(do(thing))
        except ClaimLost:
            raise
        except Exception as error:
            if not connection.is_usable():
                raise
            logger.exception("%s failed; what comes after it goes on.", thing)
            failed.append(f"{thing}: {in_words(error)}")
    if failed:
        raise NotAll(_sentence(failed, tried))
    return results


def _sentence(failed: list[str], tried: int) -> str:
    more = f"; and {len(failed) - NAMED} more" if len(failed) > NAMED else ""
    return f"{len(failed)} of {tried} failed. {'; '.join(failed[:NAMED])}{more}"
