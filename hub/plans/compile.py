"""From the facts of a request to the ordered list of typed artefacts, byte for byte the same for the same facts."""

from typing import Any

from hub.plans import policies
from hub.plans.inputs import Inputs
from hub.plans.naming import budget_name, prefixed
from hub.plans.symbols import GRANT_UID
from portal.aws import arns
from portal.lib import digest

Artefact = dict[str, Any]

# Ids, never names: tags travel to every tool that reads the bill, and names change.
TAG_TENANT = "atrium:tenant"
TAG_USE_CASE = "atrium:use_case"
TAG_ENVIRONMENT = "atrium:environment"
TAG_COST_CENTRE = "atrium:cost_centre"
TAG_GRANT = "atrium:grant"


def compiled(inputs: Inputs) -> list[Artefact]:
    """The artefacts in the order in which they are applied. Each has `kind`, `key` and `name`; the rest is its kind's.

    Symbols (hub.plans.symbols) stand for what AWS or the approval gives later.
    """
    made = [_logging(inputs), *_guardrail(inputs), _profile(inputs), *_roles(inputs)]
    return [*made, _policy(inputs), *_budget(inputs), _probe(inputs)]


def plan_digest(artefacts: list[Artefact]) -> str:
    """SHA-256 over the canonical JSON of the artefacts."""
    return digest.sha256(artefacts)


def role_arns(inputs: Inputs) -> list[str]:
    """The roles that get the policy: those that are named, or the one that is made."""
    named = sorted(set(inputs.role_arns))
    return named or [arns.role(inputs.account, prefixed(inputs.slug))]


def tags(inputs: Inputs) -> dict[str, str]:
    """The tags of everything that is made for a grant."""
    return {
        TAG_TENANT: inputs.tenant_uid,
        TAG_USE_CASE: inputs.use_case_uid,
        TAG_ENVIRONMENT: inputs.environment,
        TAG_COST_CENTRE: inputs.cost_centre,
        TAG_GRANT: GRANT_UID,
    }


def _logging(inputs: Inputs) -> Artefact:
    name = f"{inputs.account}/{inputs.region}"
    return {"kind": "invocation_logging", "key": "invocation_logging", "name": name, "region": inputs.region}


def _guardrail(inputs: Inputs) -> list[Artefact]:
    pin = inputs.guardrail
    if pin is None:
        return []
    facts = {"guardrail_id": pin.guardrail_id, "arn": pin.arn, "version": pin.version}
    return [{"kind": "guardrail_version", "key": "guardrail_version", "name": pin.name} | facts]


def _profile(inputs: Inputs) -> Artefact:
    return {
        "kind": "inference_profile",
        "key": "inference_profile",
        "name": inputs.slug,
        "region": inputs.region,
        "copy_from": inputs.copy_from,
        "source": inputs.profile_id or inputs.model_id,
        "model_id": inputs.model_id,
        "tags": tags(inputs),
    }


def _roles(inputs: Inputs) -> list[Artefact]:
    """One role to make, or the probe's trust on each role that is named."""
    if not inputs.role_arns:
        trust = policies.made_role_trust(inputs.account, inputs.control_role)
        name = prefixed(inputs.slug)
        return [{"kind": "role", "key": "role", "name": name, "trust": trust, "tags": tags(inputs)}]
    statement = policies.probe_trust(inputs.control_role)
    return [
        {
            "kind": "role_trust",
            # By name, which is unique in the account: an ARN may be longer than a key.
            "key": f"role_trust:{arns.role_name(arn)}",
            "name": arns.role_name(arn),
            "role": arn,
            "statement": statement,
        }
        for arn in role_arns(inputs)
    ]


def _policy(inputs: Inputs) -> Artefact:
    return {
        "kind": "iam_policy",
        "key": "iam_policy",
        "name": prefixed(inputs.slug),
        "document": policies.grant_policy(inputs),
        "roles": role_arns(inputs),
        "tags": tags(inputs),
    }


def _budget(inputs: Inputs) -> list[Artefact]:
    """This grant's share of the one AWS Budget of its use case in the account; applying it sums the shares."""
    if not inputs.budget_nano:
        return []
    name = budget_name(inputs.use_case_uid)
    by_tag = {"tag": TAG_USE_CASE, "value": inputs.use_case_uid}
    return [{"kind": "aws_budget", "key": "aws_budget", "name": name, "share_nano": inputs.budget_nano} | by_tag]


def _probe(inputs: Inputs) -> Artefact:
    """What is called as each role: through the profile as it must be, and once in a way that must be refused."""
    pin = inputs.guardrail
    return {
        "kind": "probe",
        "key": "probe",
        "name": "probe",
        "modality": inputs.modality,
        "model_id": inputs.model_id,
        "roles": role_arns(inputs),
        "guardrail": {"id": pin.guardrail_id, "version": pin.version} if pin else None,
        "refused": "without_guardrail" if pin else "without_profile",
        "direct": inputs.profile_id or inputs.model_id,
    }
