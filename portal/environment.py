"""Reading the process environment; a missing variable fails with its cure."""

import os
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict


def required(name: str, cure: str) -> str:
    """The value of a variable that must be set; `cure` tells the operator what to do."""
    value = os.environ.get(name, "")
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. {cure}")
    return value


def database(url: str, *, pool_size: int) -> dict[str, Any]:
    """Django's settings of one PostgreSQL database from its URL.

    pool_size: connections kept by this process (its number of blocking threads); 0 opens one per task, which
    suits Celery's workers, where the pool would be closed around each task.
    """
    try:
        parts = conninfo_to_dict(url)
    except Exception as error:
        raise ImproperlyConfigured(
            f"DATABASE_URL cannot be read ({error}). Write it as postgresql://user:password@host:5432/name."
        ) from error
    known = {"dbname", "user", "password", "host", "port"}
    options: dict[str, Any] = {key: value for key, value in parts.items() if key not in known}
    if pool_size:
        options["pool"] = {"min_size": 1, "max_size": pool_size, "timeout": 10}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.get("dbname", ""),
        "USER": parts.get("user", ""),
        "PASSWORD": parts.get("password", ""),
        "HOST": parts.get("host", ""),
        "PORT": str(parts.get("port", "")),
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": bool(pool_size),
        "OPTIONS": options,
    }
