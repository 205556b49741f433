"""The facets of the model list narrow while one types."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test.testcases import LiveServerThread
from django.urls import reverse
from playwright.sync_api import expect

from governance.actions import people
from governance.models import User
from hub.actions import catalogue
from tests.cast import Cast, make_cast
from tests.e2e.screens import chromium, sign_in
from tests.hub.conftest import PROD, an_account, install_stack

pytestmark = pytest.mark.e2e
PASSWORD = "a long enough pass phrase"


@pytest.fixture
def scene(committed_database: Any, sandbox_url: str) -> Cast:
    """An account whose catalogue was read."""
    cast = make_cast()
    account = an_account(PROD)
    install_stack(sandbox_url, account)
    catalogue.sync_account(account)
    people.set_password(User.objects.get(pk=cast.builder_retail.pk), PASSWORD)
    return cast


@pytest.fixture
def site(scene: Cast) -> Iterator[str]:
    server = LiveServerThread("127.0.0.1", StaticFilesHandler)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    if server.error:
        raise server.error
    yield f"http://127.0.0.1:{server.port}"
    server.terminate()


def test_the_list_narrows_while_one_types(scene: Cast, site: str) -> None:
    with chromium() as browser:
        state = sign_in(browser, site, scene.builder_retail.email, PASSWORD)
        page = browser.new_context(storage_state=state).new_page()
        page.goto(f"{site}{reverse('hub:index')}")
        page.fill("[name=q]", "sonnet 4.6")
        expect(page.locator("#models tbody tr")).to_have_count(1)
        assert "Claude Sonnet 4.6" in page.inner_text("#models")
        assert "q=sonnet" in page.url
