"""The facets of the model list narrow while one types."""

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, expect

from hub.actions import catalogue
from tests.cast import make_cast
from tests.conftest import CommittedDatabase
from tests.e2e.seats import state_of
from tests.hub.conftest import PROD, an_account, install_stack

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def scene(shared_database: CommittedDatabase, sandbox_url: str) -> Any:
    """An account whose catalogue was read, and a builder who is signed in."""
    cast = make_cast()
    account = an_account(PROD)
    install_stack(sandbox_url, account)
    catalogue.sync_account(account)
    return state_of(cast.builder_retail)


def test_the_list_narrows_while_one_types(scene: Any, site: str, browser: Browser) -> None:
    page = browser.new_context(storage_state=scene).new_page()
    page.goto(f"{site}{reverse('hub:index')}")
    page.fill("[name=q]", "sonnet 4.6")
    expect(page.locator("#models tbody tr")).to_have_count(1)
    assert "Claude Sonnet 4.6" in page.inner_text("#models")
    assert "q=sonnet" in page.url
