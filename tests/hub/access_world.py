"""A world in which a model can be asked for: a connected account, a cleared model with its profile, a guardrail."""

from dataclasses import dataclass
from typing import Any

import boto3
import pytest

from governance.actions import approvals
from governance.models import Approval, Tenant, UseCase, User
from hub.actions import access_requests
from hub.answers import Answers
from hub.models import (
    AccessRequest,
    AwsAccount,
    Clearance,
    FoundationModel,
    Grant,
    Guardrail,
    GuardrailVersion,
    ModelOffer,
    ModelReview,
    SystemProfile,
)
from hub.routes import Route
from portal.aws import bedrock
from portal.aws.session import for_account
from portal.lib.digest import sha256
from tests.cast import Cast, person, use_case

MODEL = "anthropic.claude-haiku-4-5-20251001-v1:0"
REGION = "eu-central-1"
ROLE = "retail-callsummary"
NANO = 10**9


@dataclass(frozen=True)
class World:
    cast: Cast
    account: AwsAccount
    model: FoundationModel
    profile: SystemProfile
    guardrail: GuardrailVersion

    @property
    def role_arn(self) -> str:
        return f"arn:aws:iam::{self.account.number}:role/{ROLE}"

    def answers(self, **changes: Any) -> Answers:
        """A complete request of medium risk: confidential data, a guardrail, a named role."""
        given = {
            "use_case": self.cast.call_summary,
            "model": self.model,
            "data_class": "confidential",
            "audience": "employees",
            "environment": "prod",
            "route": Route(self.account, REGION, self.profile),
            "guardrail_version": self.guardrail,
            "role_arns": (self.role_arn,),
            "calls_per_day": 100,
            "input_tokens": 1900,
            "output_tokens": 240,
            "monthly_budget_nano": 600 * NANO,
            "months": 6,
            "why": "Agents write the notes of 38,000 calls a day by hand.",
        }
        return Answers(**(given | changes))

    def submitted(self, by: User | None = None, **changes: Any) -> AccessRequest:
        by = by or self.cast.builder_retail
        request = access_requests.start(by=by)
        access_requests.submit(request, answers=self.answers(**changes), by=by)
        request.refresh_from_db()
        return request

    def approved(self, **changes: Any) -> Grant:
        """A grant as the last decision leaves it: nothing of it exists in AWS yet."""
        return approve(self.submitted(**changes), self.cast)


def approve(request: AccessRequest, cast: Cast) -> Grant:
    """Let everybody who is asked approve."""
    deciders = {
        "owner": cast.owner_retail,
        "security": cast.security,
        "legal": cast.legal,
        "responsible_ai": cast.rai,
        "finops": cast.finops_person,
    }
    approval = Approval.objects.filter(subject_id=request.pk, kind="hub.access_request").latest("id")
    while step := approval.steps.filter(state="open").first():
        approvals.decide(step, "approve", by=deciders[step.role])
    return Grant.objects.get(request=request)


def cleared_model(model_id: str = MODEL, *, by: User, regions: list[str], **changes: Any) -> FoundationModel:
    """A model that went through its review: cleared for confidential data in `regions`."""
    given = {"provider": "Anthropic", "name": "Claude Haiku 4.5", "output_modalities": ["TEXT"], "status": "approved"}
    model = FoundationModel.objects.create(model_id=model_id, input_modalities=["TEXT"], **(given | changes))
    review = ModelReview.objects.create(model=model, requested_by=by, regions=regions, state="approved", rationale="x")
    Clearance.objects.create(model=model, review=review, data_class="confidential", regions=regions)
    return model


def offered(model: FoundationModel, account: AwsAccount, region: str = REGION, **changes: Any) -> ModelOffer:
    given = {
        "arn": f"arn:aws:bedrock:{region}::foundation-model/{model.model_id}",
        "inference_types": ["INFERENCE_PROFILE"],
        "agreement": "AVAILABLE",
        "authorization": "AUTHORIZED",
        "entitlement": "AVAILABLE",
        "region_availability": "AVAILABLE",
    }
    return ModelOffer.objects.create(model=model, account=account, region=region, **(given | changes))


def make_world(cast: Cast, account: AwsAccount) -> World:
    """Rows as a sync would write them, read from the sandbox where it matters: profile and guardrail."""
    session = for_account(account.ref, REGION)
    found = next(one for one in bedrock.list_system_profiles(session) if one.profile_id == f"eu.{MODEL}")
    regions = sorted({REGION, *found.destination_regions})
    Tenant.objects.filter(pk=cast.retail.pk).update(regions=regions)
    cast.retail.regions = regions
    model = cleared_model(by=cast.platform_person, regions=regions)
    offered(model, account)
    profile = SystemProfile.objects.create(
        account=account,
        region=REGION,
        profile_id=found.profile_id,
        arn=found.arn,
        name=found.name,
        model=model,
        scope="geo",
        destination_regions=list(found.destination_regions),
    )
    return World(cast, account, model, profile, guardrail_version(account))


def guardrail_version(account: AwsAccount, region: str = REGION) -> GuardrailVersion:
    """The newest numbered version of the sandbox's customer-facing guardrail."""
    session = for_account(account.ref, region)
    info = next(one for one in bedrock.list_guardrails(session) if "customer" in one.name)
    versions = [v for v in bedrock.list_guardrail_versions(session, info.guardrail_id) if v.version != "DRAFT"]
    version = max(versions, key=lambda one: int(one.version))
    guardrail = Guardrail.objects.create(
        account=account, region=region, guardrail_id=info.guardrail_id, arn=info.arn, name=info.name
    )
    return GuardrailVersion.objects.create(
        guardrail=guardrail, version=version.version, status="READY", content={}, digest=sha256({})
    )


def use_case_of(world: World, name: str = "Complaint summary", **changes: Any) -> UseCase:
    """Another use case of retail, with confidential data unless it is said otherwise."""
    return use_case(world.cast.retail, world.cast.builder_retail, name=name, **changes)


@dataclass(frozen=True)
class Aws:
    """The account as its own administrator sees it, past Atrium."""

    sandbox_url: str
    number: str

    def client(self, service: str, region: str = REGION) -> Any:
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=self.sandbox_url,
            aws_access_key_id=f"AKIASANDBOXWORK{self.number[-5:]}",
            aws_secret_access_key="sandbox",
        )


@pytest.fixture
def world(cast: Cast, prod_account: AwsAccount) -> World:
    return make_world(cast, prod_account)


@pytest.fixture
def another_builder(cast: Cast) -> User:
    return person("Bob Builder", "builder", cast.retail)
