"""People, tenants and use cases of the company, as its founders would have made them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal

from finops.actions import budgets
from governance.actions import onboardings, people, routing_policies, tenants, use_cases
from governance.default_policy import RULES
from governance.models import Approval, Onboarding, RoutingPolicy, Tenant, UseCase, User
from portal.demo.company import LINES, PASSWORD, PEOPLE, Line
from portal.demo.deciding import decide_all
from portal.demo.use_cases import CASES, Case
from portal.lib import clock
from portal.lib.money import to_nano

FIRST, SECOND = PEOPLE[:2]  # the platform engineers, by whom everybody else comes in
WAY = ("idea", "poc", "pilot", "production")
BUDGET_CASES = {"Claims triage": 2_600, "Coding assistant": 4_500, "Advisor copilot": 1_500, "Call summary": 1_600}


def person(email: str) -> User:
    """A fresh read, so that roles are those of the moment."""
    return User.objects.get(email=email)


def addresses() -> list[str]:
    """Everybody of the company; who was invited by somebody else sets a password of their own."""
    return [one.email for one in PEOPLE] + [f"{who}@{line.domain}" for line in LINES for who in ("owner", "builder")]


def found_company() -> None:
    """Platform engineers, the routing policy, and everybody who has a role in the whole company."""
    if not User.objects.filter(email=FIRST.email).exists():
        people.found(people=[(FIRST.email, FIRST.name), (SECOND.email, SECOND.name)])
    for one in PEOPLE[2:]:
        _invite(one.email, one.name, one.role)
    for line in LINES:
        _invite(f"owner@{line.domain}", line.owner)
        _invite(f"builder@{line.domain}", line.builder)
    for user in User.objects.filter(email__in=addresses()):
        if not user.has_usable_password():
            people.set_password(user, PASSWORD)
    if not RoutingPolicy.objects.exists():
        routing_policies.activate(rules=RULES, proposed_by=person(FIRST.email), by=person(SECOND.email))


def take_in(line: Line, at: datetime) -> Iterator[datetime]:
    """The story of a line of business: asked for, approved, its budget set, its teams made, its use cases entered."""
    yield at
    if not Tenant.objects.filter(name=line.name).exists():
        yield from decide_all(_ask(line), reason="Cost centre and people checked.")
    at = clock.now() + timedelta(hours=3)
    yield at
    tenant = Tenant.objects.get(name=line.name)
    for team in line.teams:
        if not tenant.teams.filter(name=team).exists():
            tenants.create(
                name=team, cost_centre=f"{line.cost_centre}-{team[:3].upper()}", parent=tenant,
                data_classes=line.data_classes, regions=line.regions, by=person(FIRST.email),
            )  # fmt: skip
    if not tenant.budgets.exists():
        _budget(tenant, None, line.budget)
    for number, case in enumerate(one for one in CASES if one.line == line.slug):
        yield at + timedelta(days=1, hours=number)
        # Every third belongs to the line of business itself, the others to its teams in turn.
        places = [tenant, *tenant.teams.order_by("pk")]
        _enter(case, places[number % len(places)], line)


def _invite(email: str, name: str, role: str = "") -> None:
    if not User.objects.filter(email=email).exists():
        roles = [(role, None)] if role else []
        people.invite(email=email, name=name, roles=roles, mail=False, by=person(FIRST.email))


def _ask(line: Line) -> Approval:
    onboarding = Onboarding.objects.filter(name=line.name).exclude(state="rejected").first()
    asker = person(SECOND.email)
    onboarding = onboarding or onboardings.ask(
        name=line.name, cost_centre=line.cost_centre, purpose=line.purpose, data_classes=line.data_classes,
        regions=line.regions, monthly_budget_usd=Decimal(line.budget), owner_email=f"owner@{line.domain}",
        builder_emails=[f"builder@{line.domain}"], by=asker,
    )  # fmt: skip
    return onboardings.submit(onboarding, by=asker)


def _budget(tenant: Tenant, case: UseCase | None, usd: int) -> None:
    budgets.set_monthly(
        tenant=tenant, use_case=case, amount_nano=to_nano(Decimal(usd)), by=person("finops@meridian.example")
    )


def _enter(case: Case, tenant: Tenant, line: Line) -> None:
    if UseCase.objects.filter(tenant=tenant, name=case.name).exists():
        return
    builder = person(f"builder@{line.domain}")
    kpi, baseline, target = case.kpi
    made = use_cases.create(
        tenant=tenant, name=case.name, purpose=case.purpose, outcome=case.outcome, kpi=kpi,
        kpi_baseline=Decimal(baseline), kpi_target=Decimal(target), sponsor=line.owner, data_class=case.data,
        audience=case.audience, people=case.people, autonomy=case.autonomy, affects_people=case.affects_people,
        by=builder,
    )  # fmt: skip
    for stage in (*WAY[1 : WAY.index(case.stage) + 1],) if case.stage in WAY else ("poc", case.stage):
        use_cases.move_stage(made, stage, by=builder)
    if case.name in BUDGET_CASES:
        _budget(tenant, made, BUDGET_CASES[case.name])
