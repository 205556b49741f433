"""The one clock of business time; demo and tests may set it. The database's now() is never used for business times."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime

_set_to: ContextVar[datetime | None] = ContextVar("clock", default=None)


def now() -> datetime:
    """The current moment, aware, in UTC."""
    return _set_to.get() or datetime.now(UTC)


def today() -> date:
    """The current UTC date."""
    return now().date()


def wall() -> datetime:
    """The machine's own time, which nobody sets: for when a thing was recorded, and for claims between processes."""
    return datetime.now(UTC)


@contextmanager
def set_to(moment: datetime) -> Iterator[None]:
    """Run a block as if it were `moment` (aware)."""
    if moment.tzinfo is None:
        raise ValueError("The clock can only be set to an aware datetime.")
    token = _set_to.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _set_to.reset(token)
