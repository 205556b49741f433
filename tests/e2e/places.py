"""Every page of Atrium and the states that it can be in: who looks at it and where it is. Data, read from a company."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.test import RequestFactory
from django.urls import reverse
from django.views.defaults import server_error

from finops.actions import attribution
from finops.models import Budget, SpendDay, UsageHandle
from finops.reports import unattributed
from governance.actions import onboardings
from governance.models import Approval, Onboarding, Tenant, UseCase, User
from hub.actions import model_reviews
from hub.models import AccessRequest, AwsAccount, FoundationModel, Grant, Guardrail, ModelReview
from portal.lib import clock

BUILDER, OWNER = "builder@retail.example", "owner@retail.example"
SECURITY, LEGAL, RAI = "security@meridian.example", "legal@meridian.example", "rai@meridian.example"
PLATFORM, FINOPS = "platform@meridian.example", "finops@meridian.example"
EXECUTIVE, AUDITOR = "executive@meridian.example", "auditor@meridian.example"
NOBODY = ""


@dataclass(frozen=True, slots=True)
class Place:
    """name: of its pictures; who: an email, "" for nobody; route: its URL name; query: after the "?".

    status: what it answers; press: the name of a button or link that is pressed before it is looked at; document: what
    stands in place of the body of its answer, for a page that nobody can bring about.
    """

    name: str
    who: str
    route: str
    args: tuple[Any, ...] = ()
    query: str = ""
    status: int = 200
    press: str = ""
    document: str = ""

    @property
    def path(self) -> str:
        return reverse(self.route, args=self.args) + (f"?{self.query}" if self.query else "")


# Parts of pages, loaded by htmx into a page that is looked at; and addresses for machines.
NO_PAGES = {
    "healthz": "for the load balancer",
    "readyz": "for the load balancer",
    "metrics": "for Prometheus",
    "api-document": "for programs",
    "governance:onboarding-evidence": "in review-tenant",
    "governance:use-case-risk": "in use-case-new",
    "governance:onboarding-reach": "in onboarding-new",
    "hub:review-evidence": "in review-model",
    "access:request-evidence": "in review",
    "access:use-case-panel": "in use-case",
    "costs:use-case-panel": "in use-case and grant",
    "costs:tenant-panel": "in tenant",
}


def begin() -> None:
    """What the demo company has finished or sent is begun anew; and one of its callers is given an owner."""
    platform = User.objects.get(email=PLATFORM)
    onboardings.ask(
        name="Private equity", cost_centre="CC-1700", purpose="Analysts read data rooms in a day.",
        data_classes=["internal", "confidential"], regions=["eu-central-1"], monthly_budget_usd=Decimal(900),
        owner_email="owner@equity.example", by=platform,
    )  # fmt: skip
    model_reviews.draft(
        model=FoundationModel.objects.get(model_id="amazon.nova-micro-v1:0"), data_classes=["public", "internal"],
        regions=["eu-central-1"], rationale="Cheapest for short texts.", by=platform,
    )  # fmt: skip
    attribution.assign(
        kind="principal", value="arn:aws:iam::447100000339:role/hackathon", since=clock.now() - timedelta(days=20),
        use_case=UseCase.objects.get(name="Architecture review notes"), by=User.objects.get(email=FINOPS),
    )  # fmt: skip


def places() -> Iterator[Place]:
    """All of them, for a company that has its access requests and some days of usage."""
    yield from _entrance()
    yield from _home()
    yield from _governance()
    yield from _hub()
    yield from _access()
    yield from _costs()
    yield from _platform()
    yield from _admin()


def _entrance() -> Iterator[Place]:
    yield Place("login", NOBODY, "account_login")
    yield Place("login-refused", NOBODY, "account_login", press="Sign in")
    yield Place("password-reset", NOBODY, "account_reset_password")
    yield Place("password-reset-sent", NOBODY, "account_reset_password_done")
    yield Place("password-new-expired", NOBODY, "account_reset_password_from_key", ("1", "gone"))
    yield Place("password-new-done", NOBODY, "account_reset_password_from_key_done")
    yield Place("account-inactive", NOBODY, "account_inactive")
    yield Place("signup-closed", NOBODY, "account_signup")
    yield Place("logout", BUILDER, "account_logout")


def _home() -> Iterator[Place]:
    for who in (BUILDER, OWNER, SECURITY, PLATFORM, FINOPS, EXECUTIVE):
        yield Place(f"home-{who.partition('@')[0]}", who, "home")
    yield Place("search", BUILDER, "search", query="q=claude")
    yield Place("search-dialog", BUILDER, "home", press="Search")
    yield Place("search-nothing", BUILDER, "search", query="q=zzzz")
    yield Place("gallery", BUILDER, "ui")
    yield Place("not-found", BUILDER, "access:grant-detail", ("00000000-0000-7000-8000-000000000000",), status=404)
    yield Place("not-allowed", SECURITY, "costs:index", status=403)
    # No page fails on demand, so the document is rendered here; its styles and scripts come from the server.
    failed = server_error(RequestFactory().get("/")).content.decode()
    yield Place("failed-as-rendered", NOBODY, "account_login", status=500, document=failed)


def _governance() -> Iterator[Place]:
    yield Place("reviews", SECURITY, "governance:index")
    yield Place("reviews-nothing", BUILDER, "governance:index")
    yield Place("reviews-decided", SECURITY, "governance:index", query="show=decided")
    waiting = Approval.objects.filter(kind="hub.access_request", state="in_review")
    yield Place("review", RAI, "governance:review-detail", (_open_to(waiting, "responsible_ai").uid,))
    asked, own = _open_to(waiting, "responsible_ai"), waiting.filter(requested_by__email=BUILDER)[0]
    yield Place("review-errors", RAI, "governance:review-detail", (asked.uid,), press="Reject")
    yield Place("review-own", BUILDER, "governance:review-detail", (own.uid,))
    model = Approval.objects.filter(kind="hub.model_review", state="in_review")
    yield Place("review-model", LEGAL, "governance:review-detail", (_open_to(model, "legal").uid,))
    tenant = Approval.objects.filter(kind="governance.onboarding")[0]
    yield Place("review-tenant", FINOPS, "governance:review-detail", (tenant.uid,))
    yield Place("tenants", PLATFORM, "governance:tenant-list")
    retail = Tenant.objects.get(name="Retail banking")
    yield Place("tenant", OWNER, "governance:tenant-detail", (retail.uid,))
    yield Place("tenant-edit", PLATFORM, "governance:tenant-edit", (retail.uid,))
    yield Place("onboarding-new", PLATFORM, "governance:onboarding-new")
    yield Place("onboarding-errors", PLATFORM, "governance:onboarding-new", press="Save and look it over")
    done, begun = Onboarding.objects.order_by("pk")[0], Onboarding.objects.get(state="draft")
    yield Place("onboarding", PLATFORM, "governance:onboarding-detail", (done.uid,))
    yield Place("onboarding-begun", PLATFORM, "governance:onboarding-detail", (begun.uid,))
    yield Place("onboarding-edit", PLATFORM, "governance:onboarding-edit", (begun.uid,))
    case = UseCase.objects.get(name="Call summary")
    yield Place("use-cases", BUILDER, "governance:use-case-list")
    yield Place("use-cases-nothing", BUILDER, "governance:use-case-list", query="q=zzzz")
    yield Place("use-case", BUILDER, "governance:use-case-detail", (case.uid,))
    yield Place("use-case-new", BUILDER, "governance:use-case-new")
    yield Place("use-case-errors", BUILDER, "governance:use-case-new", press="Create it")
    yield Place("use-case-edit", BUILDER, "governance:use-case-edit", (case.uid,))
    yield Place("audit", AUDITOR, "governance:audit-list")
    yield Place("audit-nothing", AUDITOR, "governance:audit-list", query="who=zzzz")
    yield Place("api-access", OWNER, "governance:api-access")
    yield Place("api-access-errors", BUILDER, "governance:api-access", press="Make a token")
    yield Place("api-docs", BUILDER, "api-docs")
    yield Place("notifications", BUILDER, "governance:notification-list")


def _open_to(found: Any, role: str) -> Approval:
    return found.filter(steps__role=role, steps__state="open").order_by("opened_at")[0]


def _hub() -> Iterator[Place]:
    sonnet = FoundationModel.objects.get(model_id="anthropic.claude-sonnet-4-6")
    unreviewed = FoundationModel.objects.filter(status="unreviewed", vanished_at=None).order_by("name")[0]
    review, begun = (
        ModelReview.objects.filter(state="in_review").order_by("pk")[0],
        ModelReview.objects.get(state="draft"),
    )
    guardrail = Guardrail.objects.filter(name="customer-facing").order_by("pk")[0]
    account = AwsAccount.objects.order_by("pk")[0]
    yield Place("models", BUILDER, "hub:index")
    yield Place("models-nothing", BUILDER, "hub:index", query="q=zzzz")
    yield Place("model", BUILDER, "hub:model-detail", (sonnet.uid,))
    yield Place("model-unreviewed", BUILDER, "hub:model-detail", (unreviewed.uid,))
    yield Place("model-platform", PLATFORM, "hub:model-detail", (sonnet.uid,))
    yield Place("model-propose", BUILDER, "hub:review-new", (unreviewed.uid,))
    yield Place("model-review", LEGAL, "hub:review-detail", (review.uid,))
    yield Place("model-review-begun", PLATFORM, "hub:review-detail", (begun.uid,))
    yield Place("model-review-edit", PLATFORM, "hub:review-edit", (begun.uid,))
    yield Place("prices", FINOPS, "hub:price-list")
    yield Place("price-new", FINOPS, "hub:price-new")
    yield Place("guardrails", BUILDER, "hub:guardrail-list")
    yield Place("guardrail", BUILDER, "hub:guardrail-detail", (guardrail.uid,))
    yield Place("accounts", PLATFORM, "hub:account-list")
    yield Place("account", PLATFORM, "hub:account-detail", (account.uid,))
    yield Place("account-new", PLATFORM, "hub:account-new")
    yield Place("account-edit", PLATFORM, "hub:account-edit", (account.uid,))


def _access() -> Iterator[Place]:
    of_mine = AccessRequest.objects.filter(requested_by__email=BUILDER)
    yield Place("requests", BUILDER, "access:index")
    yield Place("requests-all", BUILDER, "access:index", query="show=all")
    yield Place("requests-nothing", BUILDER, "access:index", query="q=zzzz")
    yield Place("request", BUILDER, "access:request-detail", (of_mine.filter(state="in_review")[0].uid,))
    yield Place("request-new", BUILDER, "access:request-new")
    yield Place("request-form", BUILDER, "access:request-edit", (of_mine.filter(state="changes_requested")[0].uid,))
    grants = Grant.objects.order_by("pk")
    own = grants.filter(state="active", request__requested_by__email=BUILDER)
    ended, stopped = grants.filter(state="revoked"), grants.filter(state="frozen")
    stuck = grants.exclude(state__in=("active", "frozen", "revoked", "expired"))
    for name, who, found in (
        ("grant", BUILDER, own),
        ("grant-owner", OWNER, own),
        ("grant-frozen", SECURITY, stopped),
        ("grant-revoked", SECURITY, ended),
        ("grant-failed", PLATFORM, stuck),
    ):
        yield Place(name, who, "access:grant-detail", (found[0].uid,))
    yield Place("grants", BUILDER, "access:grant-list")
    yield Place("grants-nothing", BUILDER, "access:grant-list", query="q=zzzz")


def _costs() -> Iterator[Place]:
    yield Place("costs", EXECUTIVE, "costs:index")
    yield Place("costs-owner", OWNER, "costs:index")
    yield Place("costs-nothing", EXECUTIVE, "costs:index", query="month=2024-01")
    yield Place("rows", FINOPS, "costs:rows")
    row = SpendDay.objects.filter(use_case__name="Call summary").order_by("-day", "pk")[0]
    yield Place("rows-day", FINOPS, "costs:rows", query=f"day={row.day:%Y-%m-%d}")
    yield Place("facts", FINOPS, "costs:facts", (row.pk,))
    yield Place("budgets", FINOPS, "costs:budget-list")
    yield Place("budget", OWNER, "costs:budget-detail", (_budget(use_case=None).uid,))
    of_requests = _budget(use_case__isnull=False, set_by=None)
    yield Place("budget-of-requests", OWNER, "costs:budget-detail", (of_requests.uid,))
    yield Place("budget-new", OWNER, "costs:budget-new")
    yield Place("budget-errors", OWNER, "costs:budget-new", press="Set the budget")
    yield Place("unattributed", FINOPS, "costs:unattributed")
    stray = unattributed.queue(User.objects.get(email=FINOPS))[0]
    about = {"kind": stray.kind, "value": stray.value, "since": f"{stray.first:%Y-%m-%d}"}
    yield Place("assign", FINOPS, "costs:assign", query=urlencode(about))
    said = UsageHandle.objects.of_people()[0]
    about = {"kind": said.kind, "value": said.value, "since": f"{said.since:%Y-%m-%d}"}
    yield Place("assign-again", FINOPS, "costs:assign", query=urlencode(about))
    yield Place("meters", FINOPS, "costs:meters")


def _budget(**given: Any) -> Budget:
    return Budget.objects.filter(tenant__name="Retail banking", **given)[0]


def _platform() -> Iterator[Place]:
    yield Place("platform", PLATFORM, "platform:index")
    yield Place("people", PLATFORM, "platform:people-list")
    yield Place("person", PLATFORM, "platform:person-detail", (User.objects.get(email=BUILDER).uid,))
    yield Place("invite", PLATFORM, "platform:person-invite")
    yield Place("invite-errors", PLATFORM, "platform:person-invite", press="Invite")
    yield Place("routing", PLATFORM, "platform:routing-policy-list")
    yield Place("routing-policy", PLATFORM, "platform:routing-policy-detail", (1,))
    yield Place("syncs", PLATFORM, "platform:sync-list")
    yield Place("sandbox-faults", PLATFORM, "platform:sandbox-fault-list")
    yield Place("jobs", PLATFORM, "platform:job-list")


def _admin() -> Iterator[Place]:
    """Django's own pages: the start, a list with its filters, and things of which nothing can be changed."""
    decided = Approval.objects.filter(state="approved").order_by("pk")[0]
    yield Place("admin", PLATFORM, "admin:index")
    yield Place("admin-approvals", PLATFORM, "admin:governance_approval_changelist")
    yield Place("admin-approval", PLATFORM, "admin:governance_approval_change", (decided.pk,))
    case = UseCase.objects.get(name="Call summary")
    yield Place("admin-use-case", PLATFORM, "admin:governance_usecase_change", (case.pk,))
    yield Place("admin-use-case-history", PLATFORM, "admin:governance_usecase_history", (case.pk,))
