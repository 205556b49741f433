"""Schemathesis, as two people of different lines of business, against the whole API and planted flaws beside it."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from portal.local.stack import Stack
from tests.access.estate import make_estate
from tests.access.strangers import PLANTED, SINGLE, Played, document, play
from tests.access.test_operations import operations
from tests.conftest import own_database

CANARIES = {
    "DJANGO_SETTINGS_MODULE": "tests.access.canary_settings",
    "ATRIUM_API_BURST": "1000000",
    "ATRIUM_API_REQUESTS_A_MINUTE": "1000000",
}


@pytest.fixture(scope="module")
def played(test_process: str, django_db_blocker: Any, sandbox_url: str) -> Iterator[Played]:
    """What Schemathesis made of the product's own server, with a database of its own: what is sent is written."""
    folder = Path(tempfile.mkdtemp(prefix="strangers-", dir=os.environ["ATRIUM_TEST_FOLDER"]))
    with django_db_blocker.unblock(), own_database(test_process) as database:
        estate = make_estate(sandbox_url)
        with Stack(folder / "web", ("web",), environ={**database.environ, **CANARIES}) as stack:
            base = stack.part("web").provides()["ATRIUM_URL"]
            yield play(base, (estate.own.owner, estate.foreign.owner), folder)


def test_what_one_is_shown_the_other_is_not_and_the_planted_flaws_are_found(played: Played) -> None:
    """One test, because it is one run. Models are everybody's, and the canaries are those that were shown."""
    for name, flaw in PLANTED.items():
        assert [one for one in played.findings[name] if flaw in one], played.said
    assert {name: told for name in operations() if (told := played.findings[name])} == {}
    single = {path for path, methods in document()["paths"].items() if path.endswith(SINGLE) and "get" in methods}
    reached = {path for path in single if played.refused(path)}
    assert single - reached == {"/api/v1/models/{uid}/", "/api/v1/canaries/{uid}/"}
