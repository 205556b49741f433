"""The database that a test gets."""

import pytest
from django.db import ProgrammingError, connection


def _one(statement: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchone()[0]


@pytest.mark.django_db
def test_the_application_runs_as_a_role_that_owns_no_table() -> None:
    assert _one("SELECT current_user") == "atrium"
    assert _one("SELECT count(*) FROM pg_tables WHERE tableowner = current_user") == 0
    assert _one("SELECT count(*) FROM pg_tables WHERE tableowner = 'atrium_owner'") != 0


@pytest.mark.django_db
def test_the_application_cannot_create_a_table() -> None:
    with pytest.raises(ProgrammingError, match="permission denied for schema public"), connection.cursor() as cursor:
        cursor.execute("CREATE TABLE mine (id bigint)")


@pytest.mark.django_db
def test_the_application_may_write_to_tables_that_the_owner_made() -> None:
    assert _one("SELECT has_table_privilege('django_session', 'INSERT')") is True
    assert _one("SELECT has_table_privilege('django_session', 'TRUNCATE')") is False


@pytest.mark.django_db
def test_the_role_brings_its_timeouts() -> None:
    assert _one("SHOW statement_timeout") == "1min"
    assert _one("SHOW lock_timeout") == "10s"
    assert _one("SHOW idle_in_transaction_session_timeout") == "1min"
