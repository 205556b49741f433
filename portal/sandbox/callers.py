"""Who is calling: the user or assumed role behind an access key and the policies that bind it, from moto's backends."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

from portal.sandbox.errors import Refusal
from portal.sandbox.iam.conditions import Context
from portal.sandbox.iam.policies import Policy, parse_policy


@dataclass(frozen=True)
class Caller:
    """A principal. ``principal_arns``: names by which a trust policy may mean it; ``limits`` as in decision.decide."""

    account: str
    arn: str
    principal_arns: tuple[str, ...]
    identity: tuple[Policy, ...]
    limits: tuple[tuple[str, tuple[Policy, ...]], ...] = ()
    context: dict[str, tuple[str, ...]] = field(default_factory=dict)


def account_of(access_key_id: str) -> str | None:
    """The account that an access key belongs to, None if no account knows it."""
    for account, partitions in list(iam_backends.items()):
        if access_key_id in partitions["aws"].access_keys:
            return str(account)
    return None


def caller_of(access_key_id: str) -> Caller:
    """The principal behind an access key. Raises Refusal for a key that nobody has and for a session that is over."""
    account = account_of(access_key_id)
    if account is None:
        raise Refusal("UnrecognizedClientException", "The security token included in the request is invalid.", 403)
    session = sts_backends[account]["aws"].get_assumed_role_from_access_key(access_key_id)
    if session is not None:
        return _session_caller(account, session)
    for user in iam_backends[account]["aws"].users.values():
        if user.has_access_key(access_key_id):
            return _caller(account, user.arn, (user.arn,), user, {})
    raise Refusal("UnrecognizedClientException", "The security token included in the request is invalid.", 403)


def _session_caller(account: str, session: Any) -> Caller:
    if session.expiration.replace(tzinfo=UTC) <= datetime.now(UTC):
        raise Refusal("ExpiredTokenException", "The security token included in the request is expired.", 403)
    role = next((r for r in iam_backends[account]["aws"].roles.values() if r.arn == session.role_arn), None)
    if role is None:
        return Caller(account, session.arn, (session.arn,), ())
    tags = {f"aws:principaltag/{tag['Key'].lower()}": (str(tag["Value"]),) for tag in role.tags or []}
    caller = _caller(account, session.arn, (session.arn, role.arn), role, tags)
    if not session.policy:
        return caller
    limit = ("session policy", (parse_policy(session.policy, name="session"),))
    return Caller(account, caller.arn, caller.principal_arns, caller.identity, (*caller.limits, limit), caller.context)


def _caller(account: str, arn: str, names: tuple[str, ...], owner: Any, tags: Context) -> Caller:
    context = {"aws:principalarn": (names[-1],), "aws:principalaccount": (account,), "aws:securetransport": ("true",)}
    return Caller(account, arn, names, _identity(owner), _limits(account, owner), {**context, **tags})


def _identity(owner: Any) -> tuple[Policy, ...]:
    """Inline policies of a role or user, then the attached ones."""
    inline = [_parsed(document, name) for name, document in owner.policies.items()]
    return (*inline, *(_managed(policy) for policy in owner.managed_policies.values()))


@lru_cache(maxsize=1024)
def _parsed(document: str, name: str, arn: str = "") -> Policy:
    """A policy, taken apart once: every call of a session is judged by it."""
    return parse_policy(document, name=name, arn=arn)


def _managed(policy: Any) -> Policy:
    version = next(v for v in policy.versions if v.version_id == policy.default_version_id)
    return _parsed(version.document, policy.name, policy.arn)


def _limits(account: str, owner: Any) -> tuple[tuple[str, tuple[Policy, ...]], ...]:
    boundary = getattr(owner, "permissions_boundary_arn", None)
    if not boundary:
        return ()
    return (("permissions boundary", (_managed(iam_backends[account]["aws"].managed_policies[boundary]),)),)
