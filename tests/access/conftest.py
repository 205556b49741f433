"""One database with two lines of business in it, which all walks of a module share and none of them changes."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.access.estate import Estate, make_estate
from tests.access.visitors import Visitor, people_of, programs_of
from tests.conftest import own_database


@pytest.fixture(scope="package")
def estate(test_process: str, django_db_blocker: Any, sandbox_url: str) -> Iterator[Estate]:
    with django_db_blocker.unblock(), own_database(test_process):
        yield make_estate(sandbox_url)


@pytest.fixture(scope="package")
def visitors(estate: Estate) -> list[Visitor]:
    """Everybody with a browser."""
    return people_of(estate)


@pytest.fixture(scope="package")
def callers(estate: Estate, visitors: list[Visitor]) -> list[Visitor]:
    """Everybody who can call the API: people by their sessions, programs by their credentials."""
    return [*visitors, *programs_of(estate)]
