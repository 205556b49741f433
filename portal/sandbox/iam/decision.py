"""May this principal do this: identity policies, their limits, and the trust of a role.

Source: docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html; the wording of refusals
follows docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.sandbox.iam.conditions import Context
from portal.sandbox.iam.policies import Policy, Statement


@dataclass(frozen=True)
class Decision:
    """``because`` ends AWS's sentence "… is not authorized to perform: A on resource: R "; empty if allowed."""

    allowed: bool
    because: str = ""


ALLOWED = Decision(allowed=True)


@dataclass(frozen=True)
class Trust:
    """What a role's trust policy says to a principal. ``by_name``: it names the principal, not only its account."""

    allowed: bool
    denied: bool
    by_name: bool


def decide(
    action: str,
    resource: str,
    context: Context,
    *,
    identity: Sequence[Policy],
    limits: Sequence[tuple[str, Sequence[Policy]]] = (),
) -> Decision:
    """The decision for one action on one resource.

    ``limits`` are pairs of AWS's name of a limit ("permissions boundary", "session policy") and its policies; each must
    allow too. An explicit deny anywhere wins; without an allow the answer is no.
    """
    layers = [("identity-based policy", identity), *limits]
    for kind, policies in layers:
        denying = _first("Deny", policies, action, resource, context)
        if denying is not None:
            article = "an" if kind[0] in "aeiou" else "a"
            return Decision(
                False, f"with an explicit deny in {article} {kind}" + (f": {denying.arn}" if denying.arn else "")
            )
    for kind, policies in layers:
        if _first("Allow", policies, action, resource, context) is None:
            return Decision(False, f"because no {kind} allows the {action} action")
    return ALLOWED


def _first(effect: str, policies: Sequence[Policy], action: str, resource: str, context: Context) -> Policy | None:
    for policy in policies:
        for statement in policy.statements:
            if statement.effect == effect and statement.covers(action, resource, context):
                return policy
    return None


def trust(
    policy: Policy, *, action: str, role_arn: str, principal_arns: Sequence[str], account: str, context: Context
) -> Trust:
    """What a trust policy says to the principal known by ``principal_arns`` (session, role or user) in ``account``."""
    speaking = [s for s in policy.statements if s.covers(action, role_arn, context)]
    named = [s for s in speaking if _names(s, principal_arns)]
    through_account = [s for s in speaking if _names_account(s, account)]
    every = [*named, *through_account]
    return Trust(
        allowed=any(s.effect == "Allow" for s in every),
        denied=any(s.effect == "Deny" for s in every),
        by_name=any(s.effect == "Allow" for s in named),
    )


def _names(statement: Statement, principal_arns: Sequence[str]) -> bool:
    return any(kind == "AWS" and value in principal_arns for kind, value in statement.principals)


def _names_account(statement: Statement, account: str) -> bool:
    whole_account = {account, f"arn:aws:iam::{account}:root", "*"}
    return any(kind == "AWS" and value in whole_account for kind, value in statement.principals)
