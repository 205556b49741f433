"""The gallery of components in a browser: nothing to object to at any width, and what the scripts do."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test.testcases import LiveServerThread
from playwright.sync_api import Browser, Page

from tests.e2e.screens import LOOKS, Look, chromium, shoot

pytestmark = pytest.mark.e2e
# 640 px is what a reader of 1280 px sees at 200 % zoom; 360 px is the narrowest that is promised.
FURTHER = (Look(360, "light"), Look(640, "dark"), Look(960, "light"))


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """The address of a server in this process; for pages that need no database."""
    server = LiveServerThread("127.0.0.1", StaticFilesHandler)
    server.daemon = True
    server.start()
    server.is_ready.wait()
    if server.error:
        raise server.error
    yield f"http://127.0.0.1:{server.port}"
    server.terminate()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 1000}, color_scheme="light")
    yield context.new_page()
    context.close()


def background(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def bar_of_this_month(page: Page) -> str:
    page.wait_for_selector("[data-chart][data-drawn] .plot .point path")
    return str(page.evaluate("getComputedStyle(document.querySelectorAll('.plot .point path')[65]).fill"))


def test_the_gallery_has_nothing_to_object_to_at_any_width(browser: Browser, site: str, tmp_path: Path) -> None:
    assert shoot(browser, f"{site}/ui/", "ui", tmp_path, looks=LOOKS + FURTHER) == []
    assert len(list(tmp_path.glob("ui-*.png"))) == len(LOOKS + FURTHER)


def test_signing_in_has_nothing_to_object_to(browser: Browser, site: str, tmp_path: Path) -> None:
    assert shoot(browser, f"{site}/account/login/", "login", tmp_path) == []


def test_the_chosen_theme_recolours_page_and_charts_and_stays(page: Page, site: str) -> None:
    page.goto(f"{site}/ui/")
    light = background(page), bar_of_this_month(page)
    page.click(".me summary")
    page.click("text=Dark")
    page.wait_for_function(
        "was => getComputedStyle(document.querySelectorAll('.plot .point path')[65]).fill !== was", arg=light[1]
    )
    assert background(page) != light[0]
    page.reload()
    assert background(page) != light[0]
    assert page.get_attribute("text=Dark", "aria-pressed") == "true"


def test_a_dialog_opens_from_its_link_and_closes_by_the_keyboard(page: Page, site: str) -> None:
    page.goto(f"{site}/ui/")
    page.click("text=Open a dialog")
    assert page.is_visible("#confirm")
    page.keyboard.press("Escape")
    assert not page.is_visible("#confirm")


def test_the_first_tab_stop_leads_past_the_rail(page: Page, site: str) -> None:
    page.goto(f"{site}/ui/")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"


def test_without_scripts_the_figures_can_be_read_as_tables(browser: Browser, site: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/ui/")
    page.click("#charts summary")
    assert page.is_visible("#charts td")
    assert page.locator("main form").first.is_visible()
    context.close()


def test_a_refused_page_of_charts_still_shows_its_tables(page: Page, site: str) -> None:
    page.route("**/plotly.min.js", lambda route: route.abort())
    page.goto(f"{site}/ui/")
    page.wait_for_selector("#charts details[open]")
    assert page.is_visible("#charts td")
