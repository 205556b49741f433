"""What AWS has of a grant and of a role, as text in which the names of this one are neutral, so that two compare."""

import json

from django.conf import settings

from hub.models import Grant
from portal.aws import iam, profiles
from portal.aws.session import Session, for_account
from tests.hub.access_world import REGION, Aws, World


def of_grant(world: World, grant: Grant, role: str) -> str:
    """All that AWS has of a grant, as text, with the names of this one grant made neutral."""
    session = for_account(world.account.ref, REGION)
    policy, profile = iam.get_policy(session, f"atrium-{grant.slug}"), profiles.find(session, grant.slug)
    administrator = Aws(settings.AWS_ENDPOINT_URL, world.account.number)
    budgets = administrator.client("budgets").describe_budgets(AccountId=world.account.number).get("Budgets", [])
    versions = session.client("iam").list_policy_versions(PolicyArn=policy.arn)["Versions"] if policy else []
    found = {
        "profiles": [p["inferenceProfileName"] for p in _application_profiles(session)].count(grant.slug),
        "profile": profile and (profile.tags, profile.model_arns),
        "policy": policy and (policy.document, policy.roles, policy.tags),
        "versions": len(versions),
        "budget": [(b["BudgetLimit"], b["CostFilters"]) for b in budgets if str(grant.use_case.uid) in b["BudgetName"]],
    }
    text = json.dumps(found, sort_keys=True)
    for name in filter(None, (grant.profile_arn, grant.slug, str(grant.uid), role, str(grant.use_case.uid))):
        text = text.replace(name, "NAME")
    return text


def of_role(world: World, role: str) -> str:
    """What a named role trusts and carries, as text with neutral names."""
    session = for_account(world.account.ref, REGION)
    found = iam.get_role(session, f"arn:aws:iam::{world.account.number}:role/{role}")
    assert found is not None
    administrator = Aws(settings.AWS_ENDPOINT_URL, world.account.number).client("iam")
    attached = administrator.list_attached_role_policies(RoleName=role)["AttachedPolicies"]
    inline = administrator.list_role_policies(RoleName=role)["PolicyNames"]
    return json.dumps({"trust": found.trust["Statement"], "attached": len(attached), "inline": inline})


def _application_profiles(session: Session) -> list[dict[str, str]]:
    found: list[dict[str, str]] = session.client("bedrock").list_inference_profiles(typeEquals="APPLICATION")[
        "inferenceProfileSummaries"
    ]
    return found
