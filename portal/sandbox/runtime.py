"""``bedrock-runtime``: Converse and InvokeModel, which obey the caller's IAM policies and write the invocation log.

Source: docs.aws.amazon.com/bedrock/latest/APIReference/API_Operations_Amazon_Bedrock_Runtime.html; what is authorised
for a call through a profile: docs.aws.amazon.com/bedrock/latest/userguide/geographic-cross-region-inference.html and
global-cross-region-inference.html; guardrails: guardrails-permissions-id.html in the same guide.
"""

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from moto.bedrock.models import bedrock_backends
from moto.bedrockruntime.responses import BedrockRuntimeResponse
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult

from portal.sandbox.answers import answer
from portal.sandbox.bedrock import SandboxBedrockBackend
from portal.sandbox.callers import Caller, caller_of
from portal.sandbox.catalogue import models
from portal.sandbox.errors import AccessDenied, ValidationError
from portal.sandbox.guardrails import DRAFT
from portal.sandbox.iam.conditions import Context
from portal.sandbox.iam.decision import decide
from portal.sandbox.invocation_log import Call, deliver
from portal.sandbox.native import converse_answer, converse_prompt, native_answer, native_prompt
from portal.sandbox.profiles import Target, resolve

INVOKE = "bedrock:InvokeModel"
APPLY_GUARDRAIL = "bedrock:ApplyGuardrail"
Check = tuple[str, str, dict[str, tuple[str, ...]]]  # action, resource, request context


class SandboxRuntimeResponse(BedrockRuntimeResponse):
    def __init__(self) -> None:
        super().__init__()
        self.request_id = str(uuid4())

    @property
    def bedrock(self) -> SandboxBedrockBackend:
        """The control plane's backend of this account and Region: profiles, guardrails and logging live there."""
        backend: SandboxBedrockBackend = bedrock_backends[self.current_account][self.region]
        return backend

    def _enrich_response(self, headers: dict[str, str], body: Any) -> tuple[dict[str, str], Any]:
        """The request id of the answer is the one in the log."""
        headers = {name: str(value) for name, value in headers.items()}
        return headers | {"x-amzn-requestid": self.request_id}, body

    def converse(self) -> ActionResult:
        body = _parsed(self.body)
        guardrail = body.get("guardrailConfig") or {}
        call = self._call(
            "Converse",
            body,
            metadata=body.get("requestMetadata"),
            latency=_nested(body, "performanceConfig", "latency"),
        )
        try:
            target, call = self._admitted(call, guardrail.get("guardrailIdentifier"), guardrail.get("guardrailVersion"))
            if "TEXT" not in models()[target.model_id].output:
                raise ValidationError(
                    "This action doesn't support the model that you provided: it does not answer in text."
                )
            said = answer(converse_prompt(body), model_id=target.model_id, cache=self.bedrock.cached_prompts)
            result = converse_answer(said, tier=_nested(body, "serviceTier", "type"), latency=call.latency)
        except ServiceException as error:
            deliver(replace(call, error_code=error.code), self.bedrock.log_destination)
            raise
        deliver(replace(call, response_body=result, usage=said.usage), self.bedrock.log_destination)
        return ActionResult(result)

    def invoke_model(self) -> ActionResult:
        body = _parsed(self._get_param("body") or b"{}")
        metadata, latency = self._get_param("requestMetadata"), self._get_param("performanceConfigLatency") or ""
        call = self._call("InvokeModel", body, metadata=_parsed(metadata or "{}"), latency=latency)
        try:
            target, call = self._admitted(
                call, self._get_param("guardrailIdentifier"), self._get_param("guardrailVersion")
            )
            said = answer(
                native_prompt(target.model_id, body), model_id=target.model_id, cache=self.bedrock.cached_prompts
            )
        except ServiceException as error:
            deliver(replace(call, error_code=error.code), self.bedrock.log_destination)
            raise
        embedding = "EMBEDDING" in models()[target.model_id].output
        result, usage = native_answer(target.model_id, body, said), dict(said.usage)
        if embedding:
            usage |= {"outputTokens": 0}
        deliver(replace(call, response_body=result, usage=usage, embedding=embedding), self.bedrock.log_destination)
        self.response_headers["x-amzn-bedrock-input-token-count"] = str(usage["inputTokens"])
        self.response_headers["x-amzn-bedrock-output-token-count"] = str(usage["outputTokens"])
        options = {
            "performanceConfigLatency": latency or "standard",
            "serviceTier": self._get_param("serviceTier") or "default",
        }
        return ActionResult({"body": json.dumps(result), "contentType": "application/json"} | options)

    def _call(self, operation: str, body: Any, *, metadata: dict[str, str] | None, latency: str) -> Call:
        """The call as it arrived, before it is known whether it may be made."""
        return Call(
            account=self.current_account,
            region=self.region,
            request_id=self.request_id,
            operation=operation,
            model_id=self._get_param("modelId"),
            caller_arn=caller_of(self.access_key).arn,
            at=datetime.now(UTC),
            request_body=body,
            request_metadata=metadata or {},
            latency=latency,
        )

    def _admitted(self, call: Call, guardrail_id: str | None, guardrail_version: str | None) -> tuple[Target, Call]:
        """The target of a call that may be made, and the call with the Region that serves it."""
        target = resolve(self.bedrock.profiles, call.model_id)
        version, guardrail = guardrail_version or DRAFT, ""
        if guardrail_id:
            guardrail = self.bedrock.guardrails.for_invocation(guardrail_id, version).arn
        tags = self.bedrock.tags(target.profile_arn) if target.profile_arn else {}
        checks = authorisations(target, self.region, guardrail_arn=guardrail, guardrail_version=version, tags=tags)
        authorise(caller_of(self.access_key), checks)
        region = _serving_region(target, self.request_id) if target.profile_arn else ""
        return target, replace(call, inference_region=region)


def authorisations(
    target: Target, region: str, *, guardrail_arn: str, guardrail_version: str, tags: dict[str, str]
) -> list[Check]:
    """Everything that a call must be allowed, in the order in which it is asked; ``tags`` are those of the profile.

    A call through a profile needs the profile and each model that the profile routes to. The model of a global profile
    has no Region, and ``aws:RequestedRegion`` is then "unspecified". A guardrail's condition value ends in its version
    unless it is the draft.
    """
    common: dict[str, tuple[str, ...]] = {}
    checks: list[Check] = []
    if guardrail_arn:
        named = guardrail_arn if guardrail_version == DRAFT else f"{guardrail_arn}:{guardrail_version}"
        common["bedrock:guardrailidentifier"] = (named,)
        checks.append((APPLY_GUARDRAIL, guardrail_arn, {"aws:requestedregion": (region,)}))
    if target.profile_arn:
        owned = {f"aws:resourcetag/{key.lower()}": (value,) for key, value in tags.items()}
        checks.append((INVOKE, target.profile_arn, common | owned | {"aws:requestedregion": (region,)}))
        common["bedrock:inferenceprofilearn"] = (target.profile_arn,)
    for arn in target.model_arns:
        where = arn.split(":")[3] or "unspecified"
        checks.append((INVOKE, arn, common | {"aws:requestedregion": (where,)}))
    return checks


def authorise(caller: Caller, checks: list[Check]) -> None:
    """Raises AccessDenied with AWS's sentence for the first check that fails."""
    for action, resource, context in checks:
        whole: Context = caller.context | context
        decision = decide(action, resource, whole, identity=caller.identity, limits=caller.limits)
        if not decision.allowed:
            raise AccessDenied(
                f"User: {caller.arn} is not authorized to perform: {action} on resource: {resource} {decision.because}"
            )


def _serving_region(target: Target, request_id: str) -> str:
    """The Region that serves this request: one of the profile's, chosen by the request id."""
    regions = [arn.split(":")[3] for arn in target.model_arns]
    if "" in regions:
        regions = list(models()[target.model_id].profiles["global"])
    return regions[int(hashlib.sha256(request_id.encode()).hexdigest(), 16) % len(regions)]


def _parsed(text: str | bytes) -> dict[str, Any]:
    try:
        body: dict[str, Any] = json.loads(text)
    except ValueError as error:
        raise ValidationError(f"Malformed input request: {error}.") from error
    if not isinstance(body, dict):
        raise ValidationError("Malformed input request: a JSON object is required.")
    return body


def _nested(body: dict[str, Any], outer: str, inner: str) -> str:
    return str((body.get(outer) or {}).get(inner) or "")
