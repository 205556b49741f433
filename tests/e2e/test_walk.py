"""The whole sentence, as a new user would walk it: asked, decided, made true in AWS, measured, proven."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from hub.models import AwsAccount
from portal.lib.numbers import usd, usd_exact
from portal.local.stack import Stack
from tests.conftest import CommittedDatabase
from tests.e2e import company
from tests.e2e.screens import chromium
from tests.e2e.seats import PATIENCE_MS, Seats, choose, choose_use_case, expect_words, main
from tests.e2e.workload import Workload, cost

pytestmark = pytest.mark.e2e
BUILDER, OWNER, SECURITY = "builder@retail.example", "owner@retail.example", "security@meridian.example"
PLATFORM, EXECUTIVE = "platform@meridian.example", "executive@meridian.example"
ACCOUNT, REGION = "447100000212", "eu-central-1"
# Long enough that its cost is seen in whole dollars: 400,000 tokens at four characters each.
CORRESPONDENCE = "The caller asks why the card was declined. " * 37_300


@pytest.fixture
def atrium(committed_database: CommittedDatabase) -> Iterator[Stack]:
    with company.running(committed_database.environ, wishes=0) as stack:
        yield stack


@pytest.fixture
def workload(atrium: Stack) -> Workload:
    """The program of the service centre, which has had its role in the account for long."""
    return Workload(
        endpoint=atrium.environ["AWS_ENDPOINT_URL"], account=ACCOUNT, region=REGION, role="retail-callsummary",
        external_id=AwsAccount.objects.get(number=ACCOUNT).external_id,
    )  # fmt: skip


@pytest.fixture
def seats(atrium: Stack, workload: Workload) -> Iterator[Seats]:
    """Opened after the database was read: Django keeps the ORM out of a thread in which Playwright runs."""
    with chromium() as browser:
        yield Seats(browser, atrium.environ["ATRIUM_URL"])


def test_from_a_request_to_a_metered_bill(atrium: Stack, seats: Seats, workload: Workload) -> None:
    request = ask(seats[BUILDER], workload.role_arn)
    cannot_decide_on_their_own(seats[BUILDER])
    approve(seats[OWNER], "It replaces notes by hand.")
    expect_words(seats[OWNER], "You decided.", "It replaces notes by hand.")
    approve(seats[SECURITY], "The guardrail is pinned.")
    profile = becomes_active_by_itself(seats[BUILDER], request)
    grant = seats[BUILDER].url

    guardrail = works(workload, seats[BUILDER], profile)
    spent = cost(workload.logged(profile))
    assert spent > 1, "the long call is there"
    sync(seats[PLATFORM])
    executive_sees(seats[EXECUTIVE], usd(spent), usd_exact(spent))

    freeze(seats[OWNER], grant)
    assert workload.refusal(profile, **guardrail) == "AccessDeniedException"
    unfreeze(seats[OWNER], grant)
    assert workload.refusal(profile, **guardrail) == ""
    revoke(seats[OWNER], grant)
    assert workload.refusal(profile, **guardrail) != ""
    assert profile not in workload.profiles()
    assert "The audit chain holds." in company.manage(atrium, "verify_audit")


def ask(page: Page, role_arn: str) -> str:
    """Fill the form as it unfolds, send it, and return the address of the request."""
    page.goto("/")
    page.get_by_role("link", name="Ask for a model").first.click()
    answered(page, lambda: choose_use_case(page, "Call summary"))
    for question, answer in (
        ("Which model?", "Claude Sonnet 4.6"),
        ("What data will it see?", "Confidential"),
        ("Who sees the answers?", "Employees"),
        ("Where does it run?", "Production"),
        ("Which account and Region?", "Group production · Frankfurt, through the EU profile"),
        ("Which guardrail?", "internal-assistant"),
    ):
        answered(page, lambda question=question, answer=answer: choose(page, question, answer))
    page.get_by_label("How many calls a day?").fill("900")
    page.get_by_label("Tokens into a call").fill("5,200")
    page.get_by_label("Tokens out of a call").fill("420")
    page.get_by_label("Which IAM roles call it?").fill(role_arn)
    page.get_by_label("Budget in US dollars a month").fill("1,200")
    page.get_by_label("For how many months?").fill("12")
    page.get_by_label("Why do you need it?").fill("Agents write notes for 70 seconds after each call.")
    expect(page.locator("#verdict")).to_contain_text("Owner → Security", timeout=PATIENCE_MS)
    expect(page.locator("#verdict")).to_contain_text("a month")
    page.get_by_role("button", name="Send for approval").click()
    expect_words(page, "What changes in AWS", "nference profile", role_arn)
    return page.url


def answered(page: Page, act: Any) -> None:
    """Do something to the form and wait until its answer is drawn: other questions may apply now."""
    with page.expect_response(lambda response: response.url.endswith("/save/")):
        act()
    expect(page.locator(".htmx-request")).to_have_count(0)
    expect(page.locator(".htmx-settling, .htmx-swapping")).to_have_count(0)


def cannot_decide_on_their_own(page: Page) -> None:
    page.get_by_role("link", name="Open the review").click()
    expect_words(page, "You asked for this; nobody decides on their own request.")
    expect(page.get_by_role("button", name="Approve")).to_be_disabled()


def approve(page: Page, reason: str) -> None:
    """Find the review on the first screen and decide it."""
    page.goto("/")
    main(page).locator("li", has_text="Call summary").get_by_role("link", name="Review").first.click()
    expect_words(page, "What changes in AWS", "waits for you")
    page.get_by_label(re.compile("reason", re.I)).fill(reason)
    page.get_by_role("button", name="Approve").click()
    expect(main(page)).not_to_contain_text("waits for you", timeout=PATIENCE_MS)


def becomes_active_by_itself(page: Page, request: str) -> str:
    """The page of the grant follows the worker without being loaded again. Returns the ARN of the profile."""
    page.goto(request)
    page.get_by_role("link", name="Open the grant").click()
    expect_words(page, "Sven Keller approved as Security", "Proved by calls, and active")
    expect(main(page).get_by_text("proved", exact=True)).to_have_count(2)
    code = page.locator("#boto3").inner_text()
    found = re.search(r"arn:aws:bedrock:[^\"]+application-inference-profile/[^\"]+", code)
    assert found, code
    return found.group()


def works(workload: Workload, page: Page, profile: str) -> dict[str, Any]:
    """The code of the page as it stands, then a long call. Returns the guardrail that both name."""
    code = page.locator("#boto3").inner_text()
    assert "[sandbox, not AWS]" in workload.run(code)
    pins = dict(re.findall(r'"(guardrailIdentifier|guardrailVersion)": "([^"]+)"', code))
    workload.converse(profile, CORRESPONDENCE, guardrailConfig=pins)
    assert workload.refusal(profile) == "AccessDeniedException", "without its guardrail the call is refused"
    return {"guardrailConfig": pins}


def sync(page: Page) -> None:
    """A platform engineer does not wait for the schedule."""
    page.goto("/platform/syncs/")
    page.locator("form", has=page.locator('[value="finops.sync_logs"]')).get_by_role("button").click()
    expect_words(page, "runs as soon as a worker is free")


def executive_sees(page: Page, figure: str, exact: str) -> None:
    """The month's figure, and below it the row of the use case with the very same dollars."""
    page.goto("/costs/")
    shown = page.locator(f'main .figures [title="{exact}"]')
    for _ in range(60):
        if shown.count():
            break
        page.wait_for_timeout(1_000)
        page.reload()
    expect(shown.first).to_have_text(figure)
    page.get_by_role("link", name="Retail banking").first.click()
    row = page.get_by_role("row", name=re.compile("^Call summary"))
    expect(row.locator(f'[title="{exact}"]')).to_have_text(figure)


def freeze(page: Page, grant: str) -> None:
    _decide(page, grant, "Freeze", "Names were seen in prompts.", "frozen")


def unfreeze(page: Page, grant: str) -> None:
    _decide(page, grant, "Unfreeze", "Redaction is in place.", "active")


def revoke(page: Page, grant: str) -> None:
    _decide(page, grant, "Revoke for good", "The trial is over.", "revoked")


def _decide(page: Page, grant: str, button: str, reason: str, then: str) -> None:
    """Press a button of the grant's page and wait until the page itself says that AWS has followed."""
    page.goto(grant)
    page.get_by_label("Why").fill(reason)
    page.get_by_role("button", name=button, exact=True).click()
    expect(main(page).get_by_text(then, exact=True).first).to_be_visible(timeout=PATIENCE_MS)
