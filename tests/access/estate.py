"""Two lines of business with the same belongings, and people of every kind who look at them."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Model

from finops.models import Budget, OwnerDay, SpendDay, UsageHandle
from governance.actions import approvals, credentials, onboardings, people
from governance.models import (
    Approval,
    ApprovalStep,
    Membership,
    Notification,
    Onboarding,
    PersonToken,
    RoutingPolicy,
    ServiceKey,
    Tenant,
    UseCase,
    User,
)  # fmt: skip
from hub.actions import access_requests, model_reviews
from hub.answers import Answers
from hub.models import AccessRequest, AwsAccount, FoundationModel, Grant, Guardrail, GuardrailVersion, ModelReview
from hub.routes import Route
from portal.jobs.models import Job, SyncRun
from portal.lib import clock
from portal.lib.digest import sha256
from tests.cast import LONG_AGO, make_cast, person, tenant, use_case
from tests.governance.test_forms import ONBOARDING
from tests.hub.access_world import NANO, World, make_world, offered
from tests.hub.conftest import an_account, install_stack

PROPOSAL = {"data_classes": ["internal"], "regions": ["eu-central-1"], "rationale": "It is better."}
CREDENTIAL = {"scopes": ["use_cases:read"], "days": 30}
ARN = "arn:aws:bedrock:eu-central-1:447100000212:application-inference-profile/{}"


@dataclass(frozen=True)
class Belongings:
    """What there is of one line of business, each thing asked for by `builder`."""

    tenant: Tenant
    builder: User
    owner: User
    use_case: UseCase
    request: AccessRequest
    draft: AccessRequest
    ready: AccessRequest  # a draft with every answer
    approval: Approval
    step: ApprovalStep
    active: Grant
    frozen: Grant
    failed: Grant
    onboarding: Onboarding
    budget: Budget
    spend: SpendDay
    account: AwsAccount
    guardrail: Guardrail
    pinned: GuardrailVersion
    review: ModelReview
    notification: Notification
    token: PersonToken
    service: User
    key: ServiceKey

    @property
    def things(self) -> Iterator[Model]:
        """Each row, without the two people."""
        for field in fields(self):
            if field.name not in ("builder", "owner"):
                yield getattr(self, field.name)

    @property
    def secret(self) -> set[str]:
        """What nobody may read who may not see this tenant; proposals of models and names of people are open."""
        uids = {str(thing.uid) for thing in self.things if thing != self.review and hasattr(thing, "uid")}
        return uids | {self.tenant.name, self.use_case.name, self.account.name, self.guardrail.name, self.service.name}

    @property
    def answers(self) -> Answers:
        """A request that leads into the account of this line of business alone, with its guardrail."""
        route = Route(self.account, self.guardrail.region, None)
        return Answers(
            use_case=self.use_case, model=self.request.model, data_class="confidential", audience="employees",
            environment="prod", route=route, guardrail_version=self.pinned, role_arns=(self.role,), calls_per_day=100,
            input_tokens=1900, output_tokens=240, monthly_budget_nano=600 * NANO, months=2, why="For the agents.",
        )  # fmt: skip

    @property
    def route(self) -> str:
        return self.answers.typed()["route"][0]

    @property
    def role(self) -> str:
        return f"arn:aws:iam::{self.account.number}:role/caller"

    @property
    def pin(self) -> str:
        return f"{self.guardrail.uid}:{self.pinned.version}"


@dataclass(frozen=True)
class Estate:
    """Both lines of business, and what belongs to the whole company."""

    world: World
    own: Belongings
    foreign: Belongings
    people: dict[str, User]
    model: FoundationModel
    newcomer: User
    inactive: User
    membership: Membership
    job: Job
    sync: SyncRun

    @property
    def routing_policy(self) -> RoutingPolicy:
        return self.world.cast.routing_policy


def make_estate(sandbox_url: str) -> Estate:
    """In the database that is connected now, with an account of the sandbox that trusts Atrium."""
    account = an_account()
    install_stack(sandbox_url, account)
    world = make_world(make_cast(), account)
    cast = world.cast
    for line, name in ((cast.retail, "Quokka banking"), (cast.insurance, "Zephyr insurance")):
        line.name, line.regions = name, cast.retail.regions
        line.save()
    own = _belongings(world, cast.retail, cast.builder_retail, cast.owner_retail)
    foreign = _belongings(world, cast.insurance, cast.builder_insurance, cast.owner_insurance)
    newcomer, inactive = _invited(world, "Nora New"), _invited(world, "Ingo Inactive")
    people.deactivate(inactive, by=cast.platform_person)
    return Estate(
        world, own, foreign, _people(world), _model(world), newcomer, inactive,
        people.give_role(_invited(world, "Lou Legal"), "legal", by=cast.platform_person),
        Job.objects.create(name="governance.seal_audit", key="dead", state="dead", error="It failed."),
        SyncRun.objects.create(kind="catalogue", scope="all", state="failed", job=_failed_job()),
    )  # fmt: skip


def _people(world: World) -> dict[str, User]:
    """Somebody of every kind. Who builds in the first line of business has asked for all that is there."""
    cast = world.cast
    team = tenant("Branches", cast.retail)
    former = person("Flo Former")
    Membership.objects.create(
        user=former, role="builder", tenant=cast.retail, since=LONG_AGO, until=clock.now() - timedelta(days=1)
    )
    return {
        "nobody": cast.nobody,
        "former": former,
        "deactivated": person("Dan Deactivated", "owner", cast.retail),
        "builder": cast.builder_retail,
        "colleague": person("Cleo Colleague", "builder", cast.retail),
        "team": person("Tina Team", "builder", team),
        "owner": cast.owner_retail,
        "security": cast.security,
        "legal": cast.legal,
        "responsible_ai": cast.rai,
        "platform": cast.platform_person,
        "finops": cast.finops_person,
        "executive": cast.executive,
        "auditor": cast.auditor,
    }


def _belongings(world: World, line: Tenant, builder: User, owner: User) -> Belongings:
    word = line.name.split()[0]
    case = use_case(line, builder, f"{word} summaries")
    account = an_account(f"4471{line.pk:08d}", name=f"{word}-prod", tenant=line)
    offered(world.model, account, inference_types=["ON_DEMAND"])
    guardrail = Guardrail.objects.create(
        account=account, region="eu-central-1", guardrail_id=word.lower(), arn="arn", name=f"{word}-guardrail"
    )
    service = credentials.make_service(name=f"{word} intake", tenant=line, by=owner)
    request = world.submitted(by=builder, use_case=case)
    draft = access_requests.start(typed={"why": [f"{word} drafts."]}, by=builder)
    ready = access_requests.start(typed=world.answers(use_case=case, months=2).typed(), by=builder)
    approval = Approval.objects.get(kind=access_requests.KIND, subject_id=request.pk)
    return Belongings(
        tenant=line, builder=builder, owner=owner, use_case=case, request=request, draft=draft, ready=ready,
        approval=approval,
        step=approval.steps.get(state="open"),
        active=_grant(world, case, owner, state="active", activated_at=clock.now()),
        frozen=_grant(world, case, owner, state="frozen", wanted="denial"),
        failed=_grant(world, case, owner, state="provisioning_failed"),
        onboarding=_onboarding(world, line, word),
        budget=Budget.objects.create(tenant=line, amount_nano=10**12, since=clock.today().replace(day=1), set_by=owner),
        spend=_spend(line, case, account),
        account=account,
        guardrail=guardrail,
        pinned=GuardrailVersion.objects.create(
            guardrail=guardrail, version="1", status="READY", content={}, digest=sha256({})
        ),
        review=model_reviews.draft(model=_model(world), by=builder, **PROPOSAL),  # type: ignore[arg-type]
        notification=Notification.objects.create(
            user=builder, kind="comment", sentence=f"{word} news", url="/", key=word
        ),
        token=credentials.make_token(name="nightly", **CREDENTIAL, by=builder)[0],  # type: ignore[arg-type]
        service=service,
        key=credentials.make_key(service, name="nightly", **CREDENTIAL, by=owner)[0],  # type: ignore[arg-type]
    )  # fmt: skip


def _grant(world: World, case: UseCase, owner: User, **changes: Any) -> Grant:
    """By the database's word alone: nothing of it is in AWS."""
    request = world.submitted(by=case.owner, use_case=case, months=len(changes) + case.grants.count() + 3)
    approval = Approval.objects.get(kind=access_requests.KIND, subject_id=request.pk)
    deciders = {
        "owner": owner,
        "security": world.cast.security,
        "legal": world.cast.legal,
        "responsible_ai": world.cast.rai,
    }
    while step := approval.steps.filter(state="open").first():
        approvals.decide(step, "approve", by=deciders[step.role])
    made = Grant.objects.get(request=request)
    given = {"applied_at": clock.now(), "profile_arn": ARN.format(made.pk), "since": clock.now()}
    Grant.objects.filter(pk=made.pk).update(**(given | changes))
    return Grant.objects.get(pk=made.pk)


def _onboarding(world: World, line: Tenant, word: str) -> Onboarding:
    given = ONBOARDING | {"name": f"{word} desk", "parent": line, "monthly_budget_usd": Decimal(2500)}
    given["builder_emails"] = []
    return onboardings.ask(**given, by=world.cast.platform_person)


def _spend(line: Tenant, case: UseCase, account: AwsAccount) -> SpendDay:
    given: dict[str, Any] = {
        "day": clock.today(), "line_of_business": line, "tenant": line, "use_case": case, "priced": True,
        "requests": 7, "errors": 0, "input": 10, "output": 10, "cache_read": 0, "cache_write": 0, "cost_nano": 10**9,
    }  # fmt: skip
    OwnerDay.objects.create(**given)
    UsageHandle.objects.create(kind="account", value=account.number, use_case=case, since=LONG_AGO)
    place = {"model_id": f"acme.{line.pk}", "mapped": True, "account": account.number, "region": "eu-central-1"}
    return SpendDay.objects.create(**given, **place, method="account")


def _model(world: World) -> FoundationModel:
    """A model that nobody has proposed yet and that the shared account offers."""
    number = FoundationModel.objects.count()
    made = FoundationModel.objects.create(
        model_id=f"acme.model-{number}", provider="Acme", name=f"Model {number}", output_modalities=["TEXT"]
    )
    offered(made, world.account)
    return made


def _invited(world: World, name: str) -> User:
    email = f"{name.lower().replace(' ', '.')}@meridian.example"
    return people.invite(email=email, name=name, by=world.cast.platform_person)


def _failed_job() -> Job:
    return Job.objects.create(name="hub.sync_catalogue", key="all", state="dead", error="It failed.")
