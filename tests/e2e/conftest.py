"""A server in this process and a browser before it, which all tests of a module share.

What the server shows is the module's own `scene`. The browser is opened after the database and closed before it:
Django keeps the ORM out of a thread in which Playwright runs.
"""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test.testcases import LiveServerThread
from playwright.sync_api import Browser, Page

from tests.e2e.screens import chromium


@pytest.fixture(scope="module")
def scene(django_db_setup: None) -> Any:
    """An empty database; a module that shows more has a fixture of this name."""


@pytest.fixture(scope="module")
def site(scene: Any) -> Iterator[str]:
    """The server's address."""
    server = LiveServerThread("127.0.0.1", StaticFilesHandler)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    if server.error:
        raise server.error
    yield f"http://127.0.0.1:{server.port}"
    server.terminate()


@pytest.fixture(scope="module")
def browser(site: str) -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """One without any cookies, wide and light."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000}, color_scheme="light")
    yield context.new_page()
    context.close()
