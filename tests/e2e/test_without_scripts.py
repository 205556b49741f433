"""Asking, deciding and setting a budget in a browser that runs no script."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.conftest import CommittedDatabase
from tests.e2e import company
from tests.e2e.screens import chromium
from tests.e2e.seats import Seats, choose, choose_use_case, expect_words, main

pytestmark = pytest.mark.e2e
BUILDER, OWNER = "builder@retail.example", "owner@retail.example"


@pytest.fixture
def seats(committed_database: CommittedDatabase) -> Iterator[Seats]:
    """Nothing here waits for AWS, so no worker runs."""
    with (
        company.running(committed_database.environ, wishes=0, parts=("web",)) as stack,
        chromium() as browser,
    ):
        yield Seats(browser, stack.environ["ATRIUM_URL"], javascript=False)


def test_one_can_ask_decide_and_set_a_budget_without_scripts(seats: Seats) -> None:
    ask(seats[BUILDER])
    approve(seats[OWNER])
    set_budget(seats[OWNER])


def ask(page: Page) -> None:
    """The form unfolds by its buttons: Continue, then Save."""
    page.goto("/access/requests/new/")
    choose_use_case(page, "Call summary")
    for question, answer in (
        ("Which model?", "Claude Sonnet 4.6"),
        ("What data will it see?", "Confidential"),
        ("Who sees the answers?", "Employees"),
    ):
        choose(page, question, answer)
    page.get_by_role("button", name="Continue").click()
    choose(page, "Where does it run?", "Production")
    choose(page, "Which account and Region?", "Group production · Frankfurt, through the EU profile")
    page.get_by_label("How many calls a day?").fill("about 900")
    page.get_by_role("button", name="Save").click()
    expect_words(page, "“about 900” could not be read")
    choose(page, "Which guardrail?", "internal-assistant")
    page.get_by_label("How many calls a day?").fill("900")
    page.get_by_label("Tokens into a call").fill("5200")
    page.get_by_label("Tokens out of a call").fill("420")
    page.get_by_label("There is none yet: let Atrium make one").check()
    page.get_by_label("Budget in US dollars a month").fill("1200")
    page.get_by_label("For how many months?").fill("12")
    page.get_by_label("Why do you need it?").fill("Agents write notes for 70 seconds after each call.")
    page.get_by_role("button", name="Send for approval").click()
    expect_words(page, "What changes in AWS", "Ingrid Olsen")


def approve(page: Page) -> None:
    page.goto("/")
    main(page).locator("li", has_text="Call summary").get_by_role("link", name="Review").first.click()
    expect(main(page).get_by_role("link", name="See what changes")).to_be_visible()
    page.get_by_label(re.compile("reason", re.I)).fill("It replaces notes by hand.")
    page.get_by_role("button", name="Approve").click()
    expect_words(page, "You decided.", "It replaces notes by hand.")


def set_budget(page: Page) -> None:
    page.goto("/costs/budgets/new/")
    page.get_by_label("Whose budget is it?").select_option(label="Retail banking")
    page.get_by_label("How much a month?").fill("4700")
    page.get_by_role("button", name="Set the budget").click()
    expect_words(page, "Retail banking", "$4,700")
