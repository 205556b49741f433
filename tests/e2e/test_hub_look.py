"""The pages of the hub in a browser: nothing to object to at any width, and facets that narrow while one types."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test.testcases import LiveServerThread
from django.urls import reverse
from playwright.sync_api import expect

from governance.actions import approvals, people
from governance.models import User
from hub.actions import catalogue, model_reviews, prices
from hub.models import AwsAccount, FoundationModel, Guardrail, ModelReview
from tests.cast import Cast, make_cast
from tests.e2e.screens import chromium, shoot, sign_in
from tests.hub.conftest import DEV, PROD, an_account, install_stack

pytestmark = pytest.mark.e2e
PASSWORD = "a long enough pass phrase"
SONNET, GPT = "anthropic.claude-sonnet-4-6", "openai.gpt-oss-120b-1:0"


@pytest.fixture
def scene(committed_database: Any, sandbox_url: str) -> Cast:
    """A synced account, one that does not trust Atrium, an approved model and one in review."""
    cast = make_cast()
    account = an_account(PROD)
    install_stack(sandbox_url, account)
    for one in (account, an_account(DEV, external_id="nobody-installed-this")):
        catalogue.sync_account(one)
    prices.load_list_prices(by=None)
    for model_id in (SONNET, GPT):
        review = model_reviews.draft(
            model=FoundationModel.objects.get(model_id=model_id),
            data_classes=["internal", "confidential"],
            regions=["eu-central-1", "eu-west-1"],
            rationale="Most teams ask for it.",
            conditions="Only with a guardrail.",
            by=cast.builder_retail,
        )
        approval = model_reviews.submit(review=review, by=cast.builder_retail)
        for role in ("security", "legal", "responsible_ai") if model_id == SONNET else ():
            person = {"security": cast.security, "legal": cast.legal, "responsible_ai": cast.rai}[role]
            approvals.decide(approval.steps.get(role=role), "approve", by=person)
    for user in (cast.builder_retail, cast.finops_person, cast.platform_person):
        people.set_password(User.objects.get(pk=user.pk), PASSWORD)
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


def pages() -> dict[str, dict[str, str]]:
    """Who looks at which addresses, each with the name of its pictures."""
    sonnet, gpt = (FoundationModel.objects.get(model_id=model_id) for model_id in (SONNET, GPT))
    guardrail = Guardrail.objects.get(name="customer-facing", region="eu-central-1")
    connected, failing = AwsAccount.objects.get(number=PROD), AwsAccount.objects.get(number=DEV)
    new = FoundationModel.objects.filter(status="unreviewed", system_profiles__isnull=False).first()
    assert new is not None
    return {
        "builder_retail": {
            "hub": reverse("hub:index"),
            "model": reverse("hub:model-detail", args=[sonnet.uid]),
            "model-review": reverse("hub:review-detail", args=[ModelReview.objects.get(model=gpt).uid]),
            "model-propose": reverse("hub:review-new", args=[new.uid]),
            "guardrails": reverse("hub:guardrail-list"),
            "guardrail": reverse("hub:guardrail-detail", args=[guardrail.uid]),
        },
        "finops_person": {"prices": reverse("hub:price-list"), "price-new": reverse("hub:price-new")},
        "platform_person": {
            "model-stop": reverse("hub:model-detail", args=[sonnet.uid]),
            "accounts": reverse("hub:account-list"),
            "account": reverse("hub:account-detail", args=[connected.uid]),
            "account-failing": reverse("hub:account-detail", args=[failing.uid]),
            "account-new": reverse("hub:account-new"),
        },
    }


def test_the_pages_have_nothing_to_object_to(scene: Cast, site: str, tmp_path: Path) -> None:
    seen = pages()
    with chromium() as browser:
        for who, addresses in seen.items():
            state = sign_in(browser, site, getattr(scene, who).email, PASSWORD)
            for name, address in addresses.items():
                assert shoot(browser, f"{site}{address}", name, tmp_path, state=state) == []


def test_the_list_narrows_while_one_types(scene: Cast, site: str) -> None:
    with chromium() as browser:
        state = sign_in(browser, site, scene.builder_retail.email, PASSWORD)
        page = browser.new_context(storage_state=state).new_page()
        page.goto(f"{site}{reverse('hub:index')}")
        page.fill("[name=q]", "sonnet 4.6")
        expect(page.locator("#models tbody tr")).to_have_count(1)
        assert "Claude Sonnet 4.6" in page.inner_text("#models")
        assert "q=sonnet" in page.url
