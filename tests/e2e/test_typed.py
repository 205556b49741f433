"""What somebody typed survives a sign-in that expired meanwhile."""

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.cast import person, tenant
from tests.conftest import CommittedDatabase

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("typed")]
PASSWORD = "a quiet harbour at noon"


@pytest.fixture(scope="module")
def scene(shared_database: CommittedDatabase) -> None:
    """Olga owns a line of business."""
    owner = person("Olga", "owner", tenant("Retail"))
    owner.set_password(PASSWORD)
    owner.save()


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
    sign_in(page)
    page.wait_for_url(f"{site}/ui/")
    page.goto(address)
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
