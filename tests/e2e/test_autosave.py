"""The form of an access request at any latency: nothing chosen or typed is lost, and one's own saving is no stranger's.

The line between page and server is held by hand, so that an answer comes exactly when the test lets it.
"""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.urls import reverse
from playwright.sync_api import Browser, Page, Route, expect

from governance.models import Tenant
from tests.cast import make_cast, person
from tests.conftest import CommittedDatabase
from tests.e2e.seats import choose, choose_use_case, state_of
from tests.hub.access_world import make_world
from tests.hub.conftest import PROD, an_account, install_stack

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("autosave")]
SAVE = re.compile(r"/save/$")


class Line:
    """Between a page and its server: each saving waits until it is let through, its answer too."""

    def __init__(self, page: Page) -> None:
        self.page, self._held, self._open = page, list[Route](), False
        page.route(SAVE, self._meet)

    def _meet(self, route: Route) -> None:
        if self._open:
            route.continue_()
        else:
            self._held.append(route)

    def saving(self, act: Callable[[], Any]) -> None:
        """Do something that makes the page save."""
        held = len(self._held)
        with self.page.expect_request(SAVE):
            act()
        # The request is announced a moment before it is handed to `_meet`.
        for _ in range(500):
            if self._open or len(self._held) > held:
                return
            self.page.wait_for_timeout(10)
        raise AssertionError("The saving never came to the line.")

    def let_through(self) -> None:
        """Everything that waits, and what follows from it, until the page says that all is saved."""
        self.let_go()
        saved(self.page)

    def let_go(self) -> None:
        """Hold nothing any more."""
        self._open = True
        while self._held:
            self._held.pop().continue_()

    def served(self) -> Callable[[], None]:
        """Let the saving reach the server; its answer waits for the function that this returns."""
        route = self._held.pop()
        answer = route.fetch()
        return lambda: route.fulfill(response=answer)

    def lost(self) -> None:
        """Let the saving reach the server, and lose its answer."""
        route = self._held.pop()
        route.fetch()
        route.abort()


def saved(page: Page) -> None:
    expect(page.locator("#saved")).to_have_text("Saved a moment ago")


@pytest.fixture(scope="module")
def scene(shared_database: CommittedDatabase, sandbox_url: str) -> Tenant:
    """A line of business whose builders may ask for a model that is cleared."""
    cast = make_cast()
    account = an_account(PROD)
    install_stack(sandbox_url, account)
    make_world(cast, account)
    return cast.retail


@pytest.fixture
def page(scene: Tenant, site: str, browser: Browser) -> Iterator[Page]:
    """The form, before somebody who never asked for anything."""
    with ThreadPoolExecutor(1) as away_from_playwright:
        state = away_from_playwright.submit(newcomer, scene).result()
    context = browser.new_context(base_url=site, storage_state=state)
    page = context.new_page()
    page.goto(reverse("access:request-new"))
    yield page
    context.close()


def newcomer(to: Tenant) -> Any:
    """Another builder, signed in."""
    try:
        return state_of(person(f"Builder {uuid4()}", "builder", to))
    finally:
        connection.close()


def first_four(page: Page) -> None:
    choose_use_case(page, "Call summary")
    choose(page, "Which model?", "Claude Haiku")
    choose(page, "What data will it see?", "Confidential")
    choose(page, "Who sees the answers?", "Employees")


def chosen(page: Page) -> set[str]:
    return set(page.eval_on_selector_all("form[data-autosave] input:checked", "all => all.map(one => one.name)"))


def complete(page: Page) -> None:
    """All that a request needs, and nothing under way any more."""
    first_four(page)
    for question, answer in (("Where does it run?", "Production"), ("Which account and Region?", "group-212")):
        expect(page.get_by_role("group", name=question)).to_be_visible()
        choose(page, question, answer)
    expect(page.get_by_role("group", name="Which guardrail?")).to_be_visible()
    page.locator("[name=guardrail_version]").first.check()
    for name, value in {"calls_per_day": "100", "input_tokens": "1900", "output_tokens": "240", "months": "6"}.items():
        page.fill(f"[name={name}]", value)
    page.fill("[name=monthly_budget]", "600")
    page.check("[name=create_role]")
    page.fill("[name=why]", "Agents write the notes by hand.")
    page.locator("[name=why]").blur()
    saved(page)


def test_what_is_chosen_while_an_answer_is_under_way_stays(page: Page) -> None:
    line = Line(page)
    line.saving(lambda: choose_use_case(page, "Call summary"))
    choose(page, "Which model?", "Claude Haiku")
    choose(page, "What data will it see?", "Confidential")
    choose(page, "Who sees the answers?", "Employees")
    line.let_through()
    expect(page.get_by_role("group", name="Where does it run?")).to_be_visible()
    assert chosen(page) == {"model", "data_class", "audience"}
    page.reload()
    assert chosen(page) == {"model", "data_class", "audience"}


def test_an_answer_to_what_stood_before_is_not_shown(page: Page) -> None:
    """It would put the older choice back; only what it says about the draft counts."""
    line = Line(page)
    line.saving(lambda: choose_use_case(page, "Call summary"))
    answer = line.served()
    page.get_by_role("radio", name=re.compile("^Confidential")).check()
    with page.expect_request(SAVE):
        answer()
    assert page.locator("#ask-data_class :disabled").count() == 0
    line.let_through()
    expect(page.locator("#ask-data_class :disabled")).to_have_count(1)
    expect(page.locator("#ask-data_class")).to_contain_text("Retail banking is not cleared for it.")
    assert page.get_by_role("radio", name=re.compile("^Confidential")).is_checked()


def test_who_types_keeps_words_and_place_while_questions_come(page: Page) -> None:
    first_four(page)
    why = page.locator("[name=why]")
    expect(why).to_be_visible()
    saved(page)
    line = Line(page)
    line.saving(lambda: choose(page, "Where does it run?", "Production"))
    answer = line.served()
    why.focus()
    page.keyboard.type("Agents write")
    with page.expect_request(SAVE):
        answer()
    page.keyboard.type(" the notes")
    line.let_through()
    page.keyboard.type(" by hand.")
    assert why.input_value() == "Agents write the notes by hand."
    why.blur()
    saved(page)
    page.reload()
    assert why.input_value() == "Agents write the notes by hand."


def test_a_card_under_the_hand_is_not_taken_away(page: Page) -> None:
    line = Line(page)
    line.saving(lambda: choose_use_case(page, "Call summary"))
    card = page.locator("label", has_text="Confidential").first
    card.hover()
    page.mouse.down()
    line.let_through()
    page.mouse.up()
    assert page.get_by_role("radio", name=re.compile("^Confidential")).is_checked()
    expect(page.locator("#ask-data_class :disabled")).to_have_count(1)
    assert page.get_by_role("radio", name=re.compile("^Confidential")).is_checked()


def test_what_was_answered_below_stays_when_a_first_answer_falls(page: Page) -> None:
    first_four(page)
    page.fill("[name=calls_per_day]", "38000")
    page.locator("[name=calls_per_day]").blur()
    saved(page)
    with page.expect_response(SAVE):
        page.select_option("[name=use_case]", index=0)
    saved(page)
    assert page.input_value("[name=calls_per_day]") == "38000"
    page.reload()
    assert page.input_value("[name=calls_per_day]") == "38000"


def test_sending_waits_for_what_is_being_saved(page: Page) -> None:
    complete(page)
    line = Line(page)
    line.saving(lambda: choose(page, "Where does it run?", "Test"))
    answer = line.served()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.url.endswith("/submit/") else None)
    page.click("text=Send for approval")
    expect(page.locator("#saved")).to_have_text("Sending…")
    assert sent == []
    answer()
    expect(page.get_by_role("heading", name="Claude Haiku 4.5 for Call summary")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Test")
    assert len(sent) == 1
    page.goto(f"{reverse('access:index')}?show=drafts")
    expect(page.get_by_role("heading", name="0 drafts")).to_be_visible()


def test_an_answer_that_was_lost_makes_no_second_draft(page: Page) -> None:
    first_four(page)
    saved(page)
    line = Line(page)
    line.saving(lambda: choose(page, "Where does it run?", "Production"))
    line.lost()
    expect(page.locator("#saved")).to_have_text("Not saved; what you typed is still here")
    line.saving(lambda: choose(page, "Where does it run?", "Test"))
    line.let_through()
    page.reload()
    assert page.get_by_role("radio", name=re.compile("^Test")).is_checked()
    expect(page.locator("main")).to_contain_text("Drafts (1)")


def test_two_tabs_are_told_of_each_other_and_nothing_is_lost(page: Page) -> None:
    first_four(page)
    saved(page)
    why = "[name=why]"
    expect(page.locator(why)).to_be_visible()
    other = page.context.new_page()
    other.goto(page.url)
    page.fill(why, "In the first tab.")
    page.locator(why).blur()
    saved(page)
    line = Line(other)
    other.fill(why, "In the second")
    line.saving(lambda: other.locator(why).blur())
    answer = line.served()
    other.locator(why).press_sequentially(" tab.")
    line.saving(answer)  # what was typed meanwhile follows to where the rest went
    line.let_go()
    expect(other.locator("main")).to_contain_text("was changed elsewhere meanwhile")
    assert other.url != page.url
    assert other.input_value(why) == "In the second tab."
    page.reload()
    assert page.input_value(why) == "In the first tab."
