"""Token buckets that all processes share, in PostgreSQL: one statement for each call, on a connection of its own.

A transaction of the caller neither sees nor undoes it. While the database is away nobody waits for it: each process
then keeps to the rate by itself (portal.aws.pace).
"""

import logging
import os
import threading
import time
from typing import Any

import psycopg
from django.db import connections

logger = logging.getLogger(__name__)

# So long the database is not asked again after it failed.
LEFT_ALONE_S = 5.0
# A machine that is gone answers nothing: a call waits for it no longer than this.
PATIENCE = {"connect_timeout": 2, "tcp_user_timeout": 2000}
# The level is brought up to date, and one token taken out of it unless those who wait for theirs are too many: it falls
# below zero by what is owed. In ON CONFLICT every expression sees the row as it was, locked. The clock is that of the
# database, since processes run on many machines.
TAKE = """
    INSERT INTO portal_aws_bucket AS b (place, level, filled_at, granted)
    VALUES (%(place)s, %(burst)s::float8 - 1, clock_timestamp(), true)
    ON CONFLICT (place) DO UPDATE SET
        (level, granted, filled_at) = (
            SELECT CASE WHEN now.level - 1 >= %(least)s THEN now.level - 1 ELSE now.level END,
                   now.level - 1 >= %(least)s, greatest(b.filled_at, now.at)
            FROM (SELECT clock.at, least(%(burst)s::float8, b.level + %(rate)s::float8
                         * greatest(0, extract(epoch FROM clock.at - b.filled_at))) AS level
                  FROM (SELECT clock_timestamp() AS at) AS clock) AS now)
    RETURNING granted, level
"""

_open: dict[int, "psycopg.Connection[Any]"] = {}
_lock = threading.Lock()
_left_alone_until = 0.0


def reserve(place: str, *, per_second: float, burst: int, most_wait: float) -> float | None:
    """Take a token of `place`; seconds until it is there, more than `most_wait` if none was taken.

    None while the database does not answer.
    """
    values = {"place": place, "rate": per_second, "burst": burst, "least": -most_wait * per_second}
    with _lock:
        row = _asked(values)
    if row is None:
        return None
    granted, level = row
    return max(0.0, -level / per_second) if granted else (1 - level) / per_second


def forget() -> None:
    """Close the connection of this process; the next call opens one, and asks a database that was away."""
    global _left_alone_until
    with _lock:
        _left_alone_until = 0.0
        _close()


def _asked(values: dict[str, Any]) -> tuple[bool, float] | None:
    """(whether a token was taken, the level after it). A connection that broke since the last call is opened anew."""
    global _left_alone_until
    if time.monotonic() < _left_alone_until:
        return None
    for attempt in (1, 2):
        known = os.getpid() in _open
        try:
            return _connection().execute(TAKE, values).fetchone()
        except psycopg.Error as error:
            _close()
            if attempt == 2 or not known:
                _left_alone_until = time.monotonic() + LEFT_ALONE_S
                logger.warning("Rates towards AWS hold for this process alone for now: %s", error)
                return None
    return None


def _connection() -> "psycopg.Connection[Any]":
    """That of this process: a forked child has one of its own, and leaves its parent's alone."""
    if os.getpid() not in _open:
        known = connections["default"].settings_dict
        given = {"dbname": known["NAME"], "user": known["USER"], "password": known["PASSWORD"]}
        given |= {"host": known["HOST"], "port": known["PORT"]}
        more = {name: value for name, value in known["OPTIONS"].items() if name != "pool"}
        # A pooler in transaction mode keeps no prepared statements.
        _open[os.getpid()] = psycopg.connect(
            **(PATIENCE | more | {name: value for name, value in given.items() if value}),
            autocommit=True,
            prepare_threshold=None,
        )
    return _open[os.getpid()]


def _close() -> None:
    if known := _open.pop(os.getpid(), None):
        known.close()


def _begin_in_child() -> None:
    """The lock may have been held by another thread when the process was forked."""
    global _lock
    _lock = threading.Lock()


os.register_at_fork(after_in_child=_begin_in_child)
