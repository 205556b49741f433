"""A database with real commits and a world in it, which all tests of a module share."""

from collections.abc import Iterator

import psycopg
import pytest
from django.test import override_settings

from portal.lib import redaction
from tests.audited.attempts import OWN
from tests.cast import make_cast
from tests.conftest import CommittedDatabase
from tests.hub.access_world import World, make_world
from tests.hub.conftest import an_account, install_stack


@pytest.fixture(scope="module")
def database(shared_database: CommittedDatabase) -> CommittedDatabase:
    """Commits are real here: what a failed request leaves behind is what everybody would find."""
    return shared_database


@pytest.fixture(scope="module", autouse=True)
def own_secrets() -> Iterator[None]:
    """Atrium as it was started with secrets that the tests plant."""
    redaction.own_secrets.cache_clear()
    with override_settings(**OWN):
        yield
    redaction.own_secrets.cache_clear()


@pytest.fixture(scope="module")
def world(database: CommittedDatabase, sandbox_url: str) -> World:
    account = an_account()
    install_stack(sandbox_url, account)
    return make_world(make_cast(), account)


@pytest.fixture(scope="module")
def owner(database: CommittedDatabase) -> Iterator[psycopg.Connection]:
    with psycopg.connect(database.environ["DATABASE_OWNER_URL"], autocommit=True) as connected:
        yield connected
