"""Reading the process environment; a missing variable fails with its cure. Nothing else reads it for the settings."""

import os
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict


def optional(name: str, default: str) -> str:
    """The value of a variable, or `default` when it is not set or empty."""
    return os.environ.get(name) or default


def required(name: str, cure: str, default: str = "") -> str:
    """The value of a variable that must be set where there is no `default`; `cure` tells the operator what to do."""
    value = os.environ.get(name) or default
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. {cure}")
    return value


def secret(name: str) -> str:
    """The value of a variable, or what stands in the file that NAME_FILE names; "" when neither is set.

    Files are how Docker and Kubernetes hand over secrets without showing them in the environment of the process.
    """
    value, path = os.environ.get(name, ""), os.environ.get(f"{name}_FILE", "")
    if value and path:
        raise ImproperlyConfigured(f"{name} and {name}_FILE are both set: unset one of them.")
    if not path:
        return value
    try:
        return Path(path).read_text().strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ImproperlyConfigured(f"{name}_FILE names {path}, which cannot be read ({error}).") from error


def required_secret(name: str, cure: str) -> str:
    """The value of a secret that must be set; `cure` tells the operator what to do."""
    value = secret(name)
    if not value:
        raise ImproperlyConfigured(f"Neither {name} nor {name}_FILE is set. {cure}")
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


def broker_options(url: str) -> dict[str, Any]:
    """Celery's options of the transport to the broker at a URL: RabbitMQ (amqp…), else Redis or what speaks like it."""
    if url.startswith("amqp"):
        # Without the timeouts a page would wait for ever for a confirmation from a broker that fell silent.
        return {"confirm_publish": True, "max_retries": 0, "read_timeout": 5, "write_timeout": 5}
    return {
        "visibility_timeout": 1200,
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "unacked_mutex_expire": 20,
        "health_check_interval": 10,
        "socket_keepalive": True,
        "socket_connect_timeout": 3,
        "socket_timeout": 5,
        # A page must not wait for a broker that is away: its job is in the database, and the sweeper sends it later.
        "max_retries": 0,
    }
