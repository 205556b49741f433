"""What an approval is bound to: the content of the request and the digest of its plan. Only that is ever applied."""

from typing import Any

from hub.models import AccessRequest, Grant, Plan
from hub.plans.compile import plan_digest
from hub.provisioning.found import Blocked
from portal.lib import digest

UNBOUND = "is not what was approved, so nothing is applied. Ask again, so that it can be decided on as it is now."


def content(request: AccessRequest) -> dict[str, Any]:
    """What was asked for, as JSON: everything that a decision depends on, nothing that changes by itself."""
    guardrail = request.guardrail_version
    return {
        "tenant": str(request.tenant.uid) if request.tenant else "",
        "use_case": str(request.use_case.uid) if request.use_case else "",
        "model": request.model.model_id if request.model else "",
        "account": request.account.number if request.account else "",
        "region": request.region,
        "profile": request.profile.arn if request.profile else "",
        "environment": request.environment,
        "data_class": request.data_class,
        "audience": request.audience,
        "guardrail": f"{guardrail.guardrail.arn}:{guardrail.version}" if guardrail else "",
        "role_arns": sorted(request.role_arns),
        "create_role": request.create_role,
        "calls_per_day": request.calls_per_day,
        "input_tokens": request.input_tokens,
        "output_tokens": request.output_tokens,
        "cached_share": f"{request.cached_share:.3f}",
        "monthly_budget_nano": request.monthly_budget_nano,
        "why": request.why,
        "months": request.months,
    }


def subject_digest(request: AccessRequest, plan: Plan) -> str:
    """SHA-256 over the request's content and the digest of its plan's artefacts as they are stored."""
    return digest.sha256({"request": content(request), "plan": plan_digest(plan.artefacts)})


def check_bound(grant: Grant) -> None:
    """Raise Blocked unless request, plan and artefacts are byte for byte what was approved."""
    if subject_digest(grant.request, grant.plan) != grant.approved_digest:
        raise Blocked(f"The request or its plan {UNBOUND}")
    planned = {artefact["key"]: artefact for artefact in grant.plan.artefacts if artefact["kind"] != "probe"}
    stored = {artefact.key: artefact.desired for artefact in grant.artefacts.exclude(kind="denial")}
    if stored != planned:
        raise Blocked(f"A step of the plan {UNBOUND}")
