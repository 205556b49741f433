"""Databases for tests: copies of one migrated template on the stack's own server, made in a tenth of a second."""

import contextlib
from collections.abc import Iterator

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from portal.local.roles import OWNER


def rename(url: str, database: str) -> str:
    """The same URL for another database of that server."""
    parts = conninfo_to_dict(url)
    return f"postgresql://{parts['user']}:{parts['password']}@{parts['host']}:{parts['port']}/{database}"


@contextlib.contextmanager
def clone(admin_url: str, *, template: str, name: str) -> Iterator[str]:
    """A copy of the template under a new name, dropped at the end whoever is still connected to it.

    It belongs to the owner of the tables as the original does: only then may that role create in its schema.
    admin_url: a superuser's URL of a database that is neither of the two. Yields the name.
    """
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    create = sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}").format(
        sql.Identifier(name), sql.Identifier(template), sql.Identifier(OWNER)
    )
    with psycopg.connect(admin_url, autocommit=True) as connection:
        connection.execute(drop)
        connection.execute(create)
    try:
        yield name
    finally:
        with psycopg.connect(admin_url, autocommit=True) as connection:
            connection.execute(drop)
