"""The stories of the access requests: asked, decided by the right people, provisioned in the sandbox, or not."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import ROUND_UP, Decimal

from governance.actions import approvals
from governance.models import Approval, UseCase, User
from hub.actions import access_requests, grants
from hub.answers import Answers
from hub.models import AccessRequest, FoundationModel, Grant
from hub.provisioning import reconciler
from hub.readiness import guardrail_choices
from hub.routes import Route, best_first, routes
from portal.demo.company import LINES
from portal.demo.deciding import decide, decide_all, open_step
from portal.demo.founding import person
from portal.demo.use_cases import CASES
from portal.demo.wishes import Wish
from portal.lib import clock
from portal.lib.money import to_nano, to_usd

LINE_OF = {case.name: next(line for line in LINES if line.slug == case.line) for case in CASES}


def wish(one: Wish, at: datetime) -> Iterator[datetime]:
    """The story of one request."""
    yield at
    case = UseCase.objects.select_related("tenant").get(name=one.case)
    builder = person(f"builder@{LINE_OF[one.case].domain}")
    model = FoundationModel.objects.get(model_id=one.model_id)
    if AccessRequest.objects.filter(use_case=case, model=model).exists():
        return
    answers = _answers(one, case, model)
    request = access_requests.start(typed=answers.typed(), by=builder)
    access_requests.save_draft(request, typed=answers.typed(), use_case=case, model=model, by=builder)
    if one.ending == "draft":
        return
    approval = access_requests.submit(request, answers=answers, by=builder)
    if one.ending in ("active", "frozen", "revoked", "expiring", "blocked"):
        yield from decide_all(approval)
        made = clock.now() + timedelta(minutes=2)
        yield made
        yield from _live(Grant.objects.get(request=request), one, made)
    else:
        yield from _other_ways(one, approval, request, builder, at)


def _live(grant: Grant, one: Wish, at: datetime) -> Iterator[datetime]:
    reconciler.reconcile(grant.pk)
    grant.refresh_from_db()
    if one.ending == "frozen":
        yield at + timedelta(days=58)
        grants.freeze(
            grant, reason="Prompts held customer names without redaction.", by=person("security@meridian.example")
        )
        reconciler.reconcile(grant.pk)
    if one.ending == "revoked":
        yield at + timedelta(days=40)
        grants.revoke(grant, reason="The comparison is done.", by=person(f"owner@{LINE_OF[one.case].domain}"))
        reconciler.reconcile(grant.pk)


def _other_ways(
    one: Wish, approval: Approval, request: AccessRequest, builder: User, at: datetime
) -> Iterator[datetime]:
    if one.ending == "withdrawn":
        yield at + timedelta(hours=30)
        access_requests.withdraw(request, by=builder)
        return
    if one.ending == "waiting":
        return
    yield at + timedelta(hours=5)
    _say(approval, "owner", "approve", "")
    if one.ending == "changes":
        yield at + timedelta(hours=31)
        _say(
            approval,
            "responsible_ai",
            "request_changes",
            "Say how a customer reaches a person when an answer is wrong.",
        )
    if one.ending == "rejected":
        yield at + timedelta(hours=50)
        _say(approval, "responsible_ai", "reject", "Scoring employees from their calls needs the works council first.")
    if one.ending == "overdue":
        yield at + timedelta(hours=20)
        approval.refresh_from_db()
        approvals.comment(approval, "Is a DPIA on file for applicants' data?", by=person("legal@meridian.example"))


def _say(approval: Approval, role: str, verdict: str, reason: str) -> None:
    step = open_step(approval, role)
    if step:
        decide(step, verdict, reason)


def _answers(one: Wish, case: UseCase, model: FoundationModel) -> Answers:
    route = _route(one, case, model)
    answers = Answers(
        use_case=case, model=model, data_class=case.data_class, audience=case.audience, environment=one.environment,
        route=route, role_arns=(f"arn:aws:iam::{route.account.number}:role/{one.role}",) if one.role else (),
        create_role=not one.role, calls_per_day=one.calls, input_tokens=one.tokens[0], output_tokens=one.tokens[1],
        cached_share=one.cached, months=one.months, why=one.why,
    )  # fmt: skip
    answers = replace(answers, monthly_budget_nano=_budget(answers))
    if not answers.guardrail_because:
        return answers
    versions = guardrail_choices(route)
    name = "customer-facing" if case.audience == UseCase.Audience.CUSTOMERS else "internal-assistant"
    pinned = next((version for version in versions if version.guardrail.name == name), versions[0])
    return replace(answers, guardrail_version=pinned)


def _route(one: Wish, case: UseCase, model: FoundationModel) -> Route:
    environment = "prod" if one.environment == "prod" else "nonprod"
    fitting = [route for route in routes(model, case.tenant) if route.account.environment == environment]
    fitting.sort(key=lambda route: route.region)  # Frankfurt first
    return best_first(fitting, tenant=case.tenant, model=model, data_class=case.data_class)[0]


def _budget(answers: Answers) -> int:
    """The estimate's upper end, rounded up to whole hundreds of dollars."""
    high = to_usd(answers.estimate.high_nano) if answers.estimate else Decimal(500)
    return to_nano((high / 100).to_integral_value(ROUND_UP) * 100)
