"""What all tests stand on: a database for each test process, the sandbox account, and no network but loopback."""

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from portal.local.clones import clone, rename
from portal.local.stack import Stack

# The cast imports models; tests that need no database also run without Django (`-p no:django`).
pytest_plugins = ["tests.cast"] if "ATRIUM_TEST_TEMPLATE" in os.environ else []

_numbers = itertools.count(1)


def pytest_configure(config: pytest.Config) -> None:
    """Without the stack there is no database: say so once, instead of in every test."""
    if config.pluginmanager.hasplugin("django") and "ATRIUM_TEST_TEMPLATE" not in os.environ:
        raise pytest.UsageError(
            "these tests need a database and a broker of their own: start them with `make test`, "
            "or a part of them with `make test ARGS='tests/hub -k name'`."
        )


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of one `xdist_group` go to one test process.

    xdist 3.8 writes the group into `_nodeid`; pytest 9.2 reads it no more, and scatters the group without a word
    (pytest-dev/pytest-xdist#1386).
    """
    for item in items:
        if grouped := vars(item).get("_nodeid"):
            item._id = type(item.id).parse(grouped)  # type: ignore[attr-defined]


def pytest_runtest_setup(item: pytest.Item) -> None:
    """A browser test without a browser is skipped with the reason; under CI it fails with it."""
    reason = os.environ.get("ATRIUM_NO_CHROMIUM")
    if reason and item.get_closest_marker("e2e"):
        end = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        end(f"no browser: {reason}")


@pytest.fixture(autouse=True)
def no_memory_of_aws() -> None:
    """What failed in one test keeps no call of the next from AWS, and what it called does not slow it down."""
    if "ATRIUM_TEST_TEMPLATE" in os.environ:
        _forget_aws()


@pytest.fixture(autouse=True)
def no_memory_of_readiness() -> None:
    """What /readyz saw in one test it does not tell in the next."""
    if "ATRIUM_TEST_TEMPLATE" in os.environ:
        _forget_readiness()


@pytest.fixture(scope="session")
def test_process(request: pytest.FixtureRequest) -> str:
    """The name of this test process: gw0, gw1, … or main."""
    return str(getattr(request.config, "workerinput", {}).get("workerid", "main"))


@pytest.fixture(scope="session")
def django_db_setup(test_process: str, django_db_blocker: Any) -> Iterator[None]:
    """In place of pytest-django's: this process's own copy of the migrated database, used as the role `atrium`."""
    with clone(_admin(), template=_template(), name=f"test_{test_process}") as name, django_db_blocker.unblock():
        before = _point_to(name)
        yield
        _point_to(before)


@dataclass(frozen=True)
class CommittedDatabase:
    """A database in which commits are real. environ: for other processes that work on the same one."""

    name: str
    environ: dict[str, str]


@pytest.fixture
def committed_database(test_process: str, django_db_blocker: Any) -> Iterator[CommittedDatabase]:
    """A copy of the migrated database for this test alone, with a broker database of its own; dropped at the end.

    For tests that need real commits or a second process. Not to be used together with `db`.
    """
    with django_db_blocker.unblock(), own_database(test_process) as database:
        yield database


@pytest.fixture(scope="module")
def shared_database(test_process: str, django_db_blocker: Any) -> Iterator[CommittedDatabase]:
    """What `committed_database` is, for all tests of a module: one finds what another left behind."""
    with django_db_blocker.unblock(), own_database(test_process) as database:
        yield database


@contextmanager
def own_database(test_process: str) -> Iterator[CommittedDatabase]:
    """What `committed_database` is, for a fixture that several tests share."""
    _forget_aws()
    number = next(_numbers)
    with clone(_admin(), template=_template(), name=f"committed_{test_process}_{number}") as name:
        before = _point_to(name)
        yield CommittedDatabase(name, _environ_of(name, _broker_number(test_process, number)))
        _point_to(before)


@pytest.fixture(scope="session")
def sandbox(test_process: str) -> Iterator[Stack]:
    """The sandbox accounts of this test process alone (part "sandbox"), with boto3's variables set to lead there."""
    from django.conf import settings

    folder = Path(os.environ["ATRIUM_TEST_FOLDER"]) / f"sandbox-{test_process}"
    with Stack(folder, ("sandbox",), durable=False) as stack, pytest.MonkeyPatch.context() as patch:
        provided = stack.part("sandbox").provides()
        for name, value in provided.items():
            patch.setenv(name, value)
        patch.setattr(settings, "AWS_ENDPOINT_URL", provided["AWS_ENDPOINT_URL"])
        yield stack


@pytest.fixture(scope="session")
def sandbox_url(sandbox: Stack) -> str:
    """The address of this test process's sandbox accounts."""
    return sandbox.part("sandbox").provides()["AWS_ENDPOINT_URL"]


def _forget_readiness() -> None:
    from portal import health

    health.looked.forget()


def _forget_aws() -> None:
    from django.conf import settings

    from portal.aws import breaker, pace

    breaker.forget()
    pace.forget()
    # The shared buckets are rows outside of a test's transaction: tests/portal/test_aws_pace.py turns them on.
    settings.AWS_RATES_SHARED = False


def _admin() -> str:
    return os.environ["DATABASE_ADMIN_URL"]


def _template() -> str:
    return os.environ["ATRIUM_TEST_TEMPLATE"]


def _point_to(database: str) -> str:
    """Let Django's default connection lead to another database. Returns the name of the one before."""
    from django.db import connection

    connection.close()
    before = str(connection.settings_dict["NAME"])
    connection.settings_dict["NAME"] = database
    return before


def _broker_number(test_process: str, number: int) -> int:
    """A Redis database for each committed database: 100 for each test process, used in turn."""
    place = int(test_process.removeprefix("gw")) + 1 if test_process.startswith("gw") else 0
    return 100 * (place % 5) + number % 100


def _environ_of(database: str, broker_number: int) -> dict[str, str]:
    """The environment for processes of a test, with the addresses of its own database and broker."""
    broker = os.environ["BROKER_URL"]
    broker = f"{broker.rsplit('/', 1)[0]}/{broker_number}" if broker.startswith("redis") else broker
    urls = {name: rename(os.environ[name], database) for name in ("DATABASE_URL", "DATABASE_OWNER_URL")}
    return {**os.environ, **urls, "BROKER_URL": broker}
