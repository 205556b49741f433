"""From a stored request to the inputs of its plan, and to the plan's lines for people."""

from governance.models import Tenant, UseCase
from hub.asked_budget import budget_facts
from hub.models import AccessRequest, AwsAccount, FoundationModel, Plan
from hub.plans import demands
from hub.plans.inputs import GuardrailPin, Inputs
from hub.plans.lines import Line, lines
from hub.plans.naming import slug
from hub.routes import Route


def parties(request: AccessRequest) -> tuple[Tenant, UseCase, FoundationModel, AwsAccount]:
    """Whose request for what where. Raises ValueError for a draft, which may lack any of them."""
    tenant, use_case, model, account = request.tenant, request.use_case, request.model, request.account
    if tenant is None or use_case is None or model is None or account is None:
        raise ValueError("A draft has no plan and no grant.")
    return tenant, use_case, model, account


def name_in_aws(request: AccessRequest) -> str:
    """The name of everything that a complete request makes in AWS."""
    tenant, use_case, _, _ = parties(request)
    return slug(
        tenant=tenant.line_of_business.slug,
        use_case=use_case.slug,
        environment=request.environment,
        number=request.number,
    )


def inputs(request: AccessRequest) -> Inputs:
    """The facts of a complete request that its plan is compiled from."""
    tenant, use_case, model, account = parties(request)
    profile = request.profile
    return Inputs(
        slug=name_in_aws(request),
        tenant_uid=str(tenant.uid),
        use_case_uid=str(use_case.uid),
        cost_centre=tenant.cost_centre,
        environment=request.environment,
        account=account.number,
        region=request.region,
        model_id=model.model_id,
        modality=demands.modality(model.output_modalities),
        scope=Route(account, request.region, profile).scope,
        profile_id=profile.profile_id if profile else "",
        profile_arn=profile.arn if profile else "",
        destinations=tuple(sorted(profile.destination_regions)) if profile else (),
        guardrail=_pin(request),
        role_arns=tuple(sorted(request.role_arns)),
        control_role=account.role_arn,
        budget_nano=request.monthly_budget_nano,
    )


def plan_lines(plan: Plan) -> list[Line]:
    """The plan as a diff, with what is known today about the budget that its use case shares."""
    _, _, _, account = parties(plan.request)
    return lines(plan.artefacts, account=account.number, region=plan.request.region, budget=budget_facts(plan))


def _pin(request: AccessRequest) -> GuardrailPin | None:
    version = request.guardrail_version
    if version is None:
        return None
    guardrail = version.guardrail
    return GuardrailPin(guardrail.guardrail_id, guardrail.arn, guardrail.name, version.version)
