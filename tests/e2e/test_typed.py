"""What somebody typed survives a sign-in that expired meanwhile."""

from collections.abc import Iterator

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test.testcases import LiveServerThread
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.cast import person, tenant
from tests.conftest import CommittedDatabase
from tests.e2e.screens import chromium

pytestmark = pytest.mark.e2e
PASSWORD = "a quiet harbour at noon"


@pytest.fixture
def site(committed_database: CommittedDatabase) -> Iterator[str]:
    """A server on a database of its own, where Olga owns a line of business."""
    retail = tenant("Retail")
    owner = person("Olga", "owner", retail)
    owner.set_password(PASSWORD)
    owner.save()
    server = LiveServerThread("127.0.0.1", StaticFilesHandler)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    if server.error:
        raise server.error
    yield f"http://127.0.0.1:{server.port}"
    server.terminate()


@pytest.fixture
def page(site: str) -> Iterator[Page]:
    """Opened after the database and closed before it: Django refuses a database while Playwright's loop runs."""
    with chromium() as browser:
        yield browser.new_page()


def sign_in(page: Page) -> None:
    page.fill("[name=login]", "olga@meridian.example")
    page.fill("[name=password]", PASSWORD)
    page.click("main form button:not([type=button])")


def test_a_form_sent_after_the_sign_in_expired_comes_back_as_it_was_typed(page: Page, site: str) -> None:
    address = site + reverse("costs:budget-new")
    page.goto(address)
    sign_in(page)
    page.wait_for_url(address)
    page.fill("[name=amount]", "4700")
    page.select_option("[name=tenant]", label="Retail")
    page.context.clear_cookies(name="sessionid")
    page.click("main form button.primary")
    assert "/account/login/" in page.url
    sign_in(page)
    page.wait_for_url(address)
    assert page.input_value("[name=amount]") == "4700"
    assert page.locator("[name=tenant] option:checked").inner_text() == "Retail"
    assert page.is_visible("#given-back")
    page.click("main form button.primary")
    assert "$4,700" in page.inner_text("main")


def test_what_was_typed_is_given_back_once_and_to_nobody_else(page: Page, site: str) -> None:
    address = site + reverse("costs:budget-new")
    page.goto(address)
    sign_in(page)
    page.wait_for_url(address)
    page.fill("[name=amount]", "4700")
    page.context.clear_cookies(name="sessionid")
    page.click("main form button.primary")
    page.goto(f"{site}/ui/")
    page.goto(address)
    sign_in(page)
    page.wait_for_url(address)
    assert page.input_value("[name=amount]") == ""


def test_who_is_signed_out_meanwhile_is_told_in_sight_until_signed_in_again(page: Page, site: str) -> None:
    address = site + reverse("governance:use-case-new")
    page.goto(address)
    sign_in(page)
    page.wait_for_url(address)
    page.locator("main form button").last.scroll_into_view_if_needed()
    cookies = page.context.cookies()
    page.context.clear_cookies(name="sessionid")
    page.locator("[name=people]").fill("40")
    page.locator("[name=people]").blur()
    told = page.locator("#signed-out")
    expect(told).to_be_in_viewport()
    page.context.add_cookies([cookie for cookie in cookies if cookie["name"] == "sessionid"])
    page.locator("[name=people]").fill("41")
    page.locator("[name=people]").blur()
    expect(told).to_be_hidden()
    assert page.input_value("[name=people]") == "41"
