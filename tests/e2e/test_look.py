"""The gallery of components in a browser: nothing to object to at any width, and what the scripts do."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.cast import person
from tests.conftest import CommittedDatabase
from tests.e2e.screens import Look
from tests.e2e.seats import state_of
from tests.e2e.surveying import seat, survey

pytestmark = pytest.mark.e2e
WIDE = (Look(1440, "light"), Look(1440, "dark"), Look(960, "light"))
# 640 px is what a reader of 1280 px sees at 200 % zoom; 360 px is the narrowest that is promised.
NARROW = (Look(390, "dark"), Look(390, "light"), Look(360, "light"), Look(640, "dark"))


@pytest.fixture(scope="module")
def scene(shared_database: CommittedDatabase) -> Any:
    """Somebody without a role, signed in."""
    return state_of(person("Ana"))


@pytest.fixture
def page(scene: Any, browser: Browser) -> Iterator[Page]:
    """One of that person, wide and light."""
    look = {"width": 1440, "height": 1000}
    context = browser.new_context(viewport=look, color_scheme="light", storage_state=scene)
    yield context.new_page()
    context.close()


def background(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.body).backgroundColor"))


def bar_of_this_month(page: Page) -> str:
    page.wait_for_selector("[data-chart][data-drawn] .plot .point path")
    return str(page.evaluate("getComputedStyle(document.querySelectorAll('.plot .point path')[65]).fill"))


@pytest.mark.parametrize("looks", [WIDE, NARROW], ids=["wide", "narrow"])
@pytest.mark.parametrize("path", ["/ui/", "/account/login/"], ids=["gallery", "signing in"])
def test_it_has_nothing_to_object_to_at_any_width(
    scene: Any, browser: Browser, site: str, tmp_path: Path, path: str, looks: Sequence[Look]
) -> None:
    assert survey(seat(browser, scene if path == "/ui/" else None), site + path, "page", tmp_path, looks=looks) == []
    assert len(list(tmp_path.glob("page-*.png"))) == len(looks)


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


def test_without_scripts_the_figures_can_be_read_as_tables(scene: Any, browser: Browser, site: str) -> None:
    context = browser.new_context(java_script_enabled=False, storage_state=scene)
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
