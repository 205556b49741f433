"""The two database roles: one owns the tables and migrates, the other runs the application and owns nothing.

Append-only audit means something only because the application's role cannot alter the tables that it writes to.
"""

from collections.abc import Mapping

import psycopg
from psycopg import sql

from portal.local.errors import StartFailed

OWNER = "atrium_owner"
APPLICATION = "atrium"

OLDEST = 160000

# Set on the role, since poolers between us and the server refuse them as connection options.
TIMEOUTS = {
    "statement_timeout": "60s",
    "lock_timeout": "10s",
    "idle_in_transaction_session_timeout": "60s",
}


def ensure(admin_url: str, *, passwords: Mapping[str, str], database: str) -> None:
    """Create or update both roles, and the database with what the application may do to tables made later.

    admin_url: a superuser's URL of any other database of that server.
    """
    with psycopg.connect(admin_url, autocommit=True) as connection:
        for role in (OWNER, APPLICATION):
            _ensure_role(connection, role, passwords[role])
        for setting, value in TIMEOUTS.items():
            _run(connection, "ALTER ROLE {} SET {} = {}", sql.Identifier(APPLICATION), sql.Identifier(setting), value)
        _run(connection, "ALTER ROLE {} SET lock_timeout = {}", sql.Identifier(OWNER), TIMEOUTS["lock_timeout"])
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone()
        if not known:
            _run(connection, "CREATE DATABASE {} OWNER {}", sql.Identifier(database), sql.Identifier(OWNER))
    with psycopg.connect(psycopg.conninfo.make_conninfo(admin_url, dbname=database), autocommit=True) as connection:
        _grant_by_default(connection)


def check(url: str, owner_url: str) -> None:
    """Try both URLs that the operator gave. Raises StartFailed with one sentence when either cannot be used."""
    for name, value in (("DATABASE_URL", url), ("DATABASE_OWNER_URL", owner_url)):
        try:
            with psycopg.connect(value, connect_timeout=5) as connection:
                version = connection.info.server_version
        except psycopg.Error as error:
            reason = " ".join(str(error).split())
            raise StartFailed(
                f"{name} does not work ({reason}): correct it as postgresql://user:password@host:5432/name, "
                "or unset it to use the built-in PostgreSQL."
            ) from error
        if version < OLDEST:
            found, needed = version // 10000, OLDEST // 10000
            raise StartFailed(f"{name} leads to PostgreSQL {found}: Atrium needs {needed} or newer.")


def _ensure_role(connection: psycopg.Connection, role: str, password: str) -> None:
    exists = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone()
    verb = "ALTER" if exists else "CREATE"
    _run(
        connection,
        verb + " ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS PASSWORD {}",
        sql.Identifier(role),
        password,
    )


def _grant_by_default(connection: psycopg.Connection) -> None:
    """What the owner creates from now on, the application may use; single tables take rights away in migrations."""
    default = "ALTER DEFAULT PRIVILEGES FOR ROLE {} IN SCHEMA public GRANT "
    names = (sql.Identifier(OWNER), sql.Identifier(APPLICATION))
    _run(connection, default + "SELECT, INSERT, UPDATE, DELETE ON TABLES TO {}", *names)
    _run(connection, default + "USAGE, SELECT ON SEQUENCES TO {}", *names)
    _run(connection, "GRANT USAGE ON SCHEMA public TO {}", sql.Identifier(APPLICATION))


def _run(connection: psycopg.Connection, statement: str, *values: sql.Composable | str) -> None:
    parts = [value if isinstance(value, sql.Composable) else sql.Literal(value) for value in values]
    connection.execute(sql.SQL(statement).format(*parts))
