"""Proof by calls, under each of the tenant's roles: one that must work, and one that must be refused."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from governance import audit
from governance.vocabulary import Verb
from hub.call_metadata import call_metadata
from hub.models import Grant, Probe
from hub.plans.demands import EMBEDDING
from hub.provisioning.ground import Ground
from portal.aws import runtime
from portal.aws import session as aws
from portal.aws.arns import role_name
from portal.aws.errors import AccessDenied, AwsError
from portal.aws.runtime import Answer
from portal.aws.session import Session
from portal.jobs.claims import fenced

PROMPT = "Answer with the word ready."


@dataclass(frozen=True, slots=True)
class Result:
    """What one call showed."""

    kind: str
    role_arn: str
    ok: bool
    detail: str


def prove_access(ground: Ground, probe: dict[str, Any]) -> list[Result]:
    """Both calls under each role of the plan's probe; written down. Raises a retryable AwsError when AWS is away."""
    results = [
        result
        for role_arn in probe["roles"]
        for result in (
            _must_work(ground, role_arn, lambda session: _call(ground, session, probe, guarded=True)),
            _must_be_refused(ground, role_arn, _shortcut(ground, probe), _shortcut_words(probe)),
        )
    ]
    _write(ground.grant, results)
    return results


def prove_denial(ground: Ground, probe: dict[str, Any]) -> list[Result]:
    """The call that worked before must be refused under each role; written down. Raises as `prove_access`."""
    results = [
        _must_be_refused(
            ground, role_arn, lambda session: _call(ground, session, probe, guarded=True), "through the profile"
        )
        for role_arn in probe["roles"]
    ]
    _write(ground.grant, results)
    return results


Call = Callable[[Session], Answer]


def _must_work(ground: Ground, role_arn: str, call: Call) -> Result:
    name = role_name(role_arn)
    try:
        answer = call(_as_role(ground, role_arn))
    except AwsError as error:
        if error.retryable:
            raise
        return Result(Probe.Kind.MUST_WORK, role_arn, False, f"{name} could not call the model. {error.sentence}")
    tokens = f"{answer.input_tokens} tokens in, {answer.output_tokens} out"
    detail = f"{name} called the model through the profile: {tokens} (request {answer.request_id})."
    return Result(Probe.Kind.MUST_WORK, role_arn, True, detail)


def _must_be_refused(ground: Ground, role_arn: str, call: Call, how: str) -> Result:
    """Only AWS's own refusal of the call counts: a role that cannot be assumed or a wrong request proves nothing."""
    kind, name = Probe.Kind.MUST_BE_REFUSED, role_name(role_arn)
    try:
        session = _as_role(ground, role_arn)
    except AwsError as error:
        if error.retryable:
            raise
        return Result(kind, role_arn, False, f"{name} could not be assumed, so nothing was tried. {error.sentence}")
    try:
        call(session)
    except AccessDenied as error:
        return Result(kind, role_arn, True, f"{name} was refused {how}. {error.sentence}")
    except AwsError as error:
        if error.retryable:
            raise
        return Result(kind, role_arn, False, f"The call {how} failed for another reason. {error.sentence}")
    return Result(kind, role_arn, False, f"{name} could call the model {how}, which must not work.")


def _as_role(ground: Ground, role_arn: str) -> Session:
    return aws.assume(ground.account, role_arn, f"grant-{ground.grant.uid}", ground.grant.region)


def _shortcut(ground: Ground, probe: dict[str, Any]) -> Call:
    """The call that must not work: without the guardrail that is demanded, or past the profile."""
    if probe["refused"] == "without_guardrail":
        return lambda session: _call(ground, session, probe, guarded=False)
    return lambda session: _call(ground, session, probe, guarded=False, target=probe["direct"])


def _shortcut_words(probe: dict[str, Any]) -> str:
    return "without the guardrail" if probe["refused"] == "without_guardrail" else "past the profile"


def _call(ground: Ground, session: Session, probe: dict[str, Any], *, guarded: bool, target: str = "") -> Answer:
    target = target or ground.grant.profile_arn
    if probe["modality"] == EMBEDDING:
        return runtime.embed(session, target, probe["model_id"], PROMPT)
    pin = probe["guardrail"] if guarded else None
    return runtime.converse(
        session,
        target,
        PROMPT,
        guardrail=(pin["id"], pin["version"]) if pin else None,
        metadata=call_metadata(ground.grant),
    )


def _write(grant: Grant, results: list[Result]) -> None:
    with fenced():
        Probe.objects.bulk_create(
            Probe(grant=grant, kind=r.kind, role_arn=r.role_arn, ok=r.ok, detail=r.detail) for r in results
        )
        proved = sum(result.ok for result in results)
        audit.record(Verb.GRANT_PROBED, grant, by=None, tenant=grant.tenant, proved=proved, calls=len(results))
