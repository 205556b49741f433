"""The pages of governance and Platform in a browser: nothing to object to at any width."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test.testcases import LiveServerThread
from django.urls import reverse

from governance.actions import approvals, onboardings, people
from governance.models import User
from portal.jobs.models import Job, SyncRun
from tests.cast import Cast, make_cast, tenant, use_case
from tests.e2e.screens import Look, chromium, shoot, sign_in

pytestmark = pytest.mark.e2e
PASSWORD = "a long enough pass phrase"
# Both widths and both schemes, in two looks instead of four.
TWO = (Look(1440, "light"), Look(390, "dark"))

ASKED: dict[str, Any] = {
    "cost_centre": "CC-7000",
    "purpose": "Traders read research in half the time.",
    "data_classes": ["internal", "confidential"],
    "regions": ["eu-central-1", "eu-west-1"],
    "monthly_budget_usd": Decimal(2500),
    "owner_email": "tess@meridian.example",
    "builder_emails": ["tim@meridian.example"],
}


@pytest.fixture
def scene(committed_database: Any) -> Cast:
    """A company in the middle of its work. Made before a browser starts: its event loop keeps the ORM out."""
    cast = make_cast()
    tenant("Cards", parent=cast.retail)
    use_case(cast.retail, cast.builder_retail, "Complaint answers", audience="customers", stage="pilot")
    done = onboardings.submit(
        onboardings.ask(name="Treasury", **ASKED, by=cast.platform_person), by=cast.platform_person
    )
    for role, who in (("platform", cast.platform_two), ("finops", cast.finops_person)):
        approvals.decide(done.steps.get(role=role), "approve", "Name a second owner by March.", by=who)
    onboardings.submit(onboardings.ask(name="Wealth", **ASKED, by=cast.platform_person), by=cast.platform_person)
    for user in (cast.finops_person, cast.platform_person, cast.builder_retail):
        people.set_password(User.objects.get(pk=user.pk), PASSWORD)
    Job.objects.create(
        name="hub.sync", key="hub.sync:1", state="dead", error="AccessDenied: the role may not list models."
    )
    SyncRun.objects.create(kind="catalogue", scope="447100000212/eu-central-1", state="failed", error="AccessDenied")
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


def pages(cast: Cast) -> dict[str, list[str]]:
    """Who looks at which addresses."""
    from governance.models import Approval, Onboarding, Tenant

    waiting = Approval.objects.get(state="in_review")
    return {
        "finops_person": [
            reverse("governance:index"),
            reverse("governance:review-detail", args=[waiting.uid]),
            reverse("governance:notification-list"),
        ],
        "builder_retail": [
            reverse("governance:use-case-list"),
            reverse("governance:use-case-new"),
            reverse("governance:use-case-detail", args=[cast.call_summary.uid]),
            reverse("search") + "?q=call",
        ],
        "platform_person": [
            reverse("governance:tenant-list"),
            reverse("governance:tenant-detail", args=[Tenant.objects.get(name="Treasury").uid]),
            reverse("governance:onboarding-new"),
            reverse("governance:onboarding-detail", args=[Onboarding.objects.get(name="Wealth").uid]),
            reverse("platform:index"),
            reverse("platform:people-list"),
            reverse("platform:person-detail", args=[cast.legal.uid]),
            reverse("platform:person-invite"),
            reverse("platform:routing-policy-list"),
            reverse("platform:routing-policy-detail", args=[1]) + "?kind=governance.onboarding",
            reverse("platform:sync-list"),
            reverse("platform:job-list"),
        ],
        "auditor": [reverse("governance:audit-list")],
    }


def test_no_page_of_governance_or_platform_has_anything_to_object_to(scene: Cast, site: str, tmp_path: Path) -> None:
    people.set_password(scene.auditor, PASSWORD)
    seen = {getattr(scene, who).email: urls for who, urls in pages(scene).items()}
    findings = []
    with chromium() as browser:
        for email, urls in seen.items():
            state = sign_in(browser, site, email, PASSWORD)
            for url in urls:
                name = url.partition("?")[0].strip("/").replace("/", "-")
                findings += shoot(browser, site + url, name, tmp_path, looks=TWO, state=state)
    assert "\n".join(map(str, findings)) == ""
