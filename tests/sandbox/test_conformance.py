"""Every answer of an added operation against botocore's own service model, as the raw JSON that went over the wire."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import botocore.session
import pytest
from botocore.model import OperationModel, Shape
from moto.core.utils import camelcase_to_underscores

from portal.sandbox.bedrock import SandboxBedrockResponse
from portal.sandbox.budgets import SandboxBudgetsResponse
from portal.sandbox.runtime import SandboxRuntimeResponse
from tests.sandbox.process import ACCOUNT, REGION, Session

HAIKU = "eu.anthropic.claude-haiku-4-5-20251001-v1:0"
PYTHON_TYPES = {
    "string": str,
    "integer": int,
    "long": int,
    "boolean": bool,
    "double": (int, float),
    "float": (int, float),
    "timestamp": (str, int, float),
    "map": dict,
    "list": list,
    "structure": dict,
}
# Values that AWS answers although botocore's enum does not list them (seen in public captures of ListFoundationModels).
BEYOND_THE_ENUM = {"ModelModality": {"VIDEO", "SPEECH", "AUDIO"}, "InferenceType": {"INFERENCE_PROFILE"}}


@dataclass(frozen=True)
class Step:
    """One call of an added operation: ``keep`` names a member of its answer that later arguments may use as {name}."""

    service: str
    operation: str
    arguments: dict[str, Any]
    keep: str = ""


MESSAGE = [{"role": "user", "content": [{"text": "Two sentences on the state of the harbour."}]}]
NATIVE = {"anthropic_version": "bedrock-2023-05-31", "max_tokens": 64, "messages": [{"role": "user", "content": "Hi"}]}
BUDGET = {
    "BudgetName": "conformance",
    "BudgetLimit": {"Amount": "100", "Unit": "USD"},
    "TimeUnit": "MONTHLY",
    "BudgetType": "COST",
}
STEPS = [
    Step("bedrock", "ListFoundationModels", {}),
    Step("bedrock", "ListFoundationModels", {"byProvider": "Amazon", "byOutputModality": "EMBEDDING"}),
    Step("bedrock", "GetFoundationModel", {"modelIdentifier": "amazon.nova-lite-v1:0"}),
    Step("bedrock", "GetFoundationModel", {"modelIdentifier": "anthropic.claude-sonnet-4-5-20250929-v1:0"}),
    Step("bedrock", "GetFoundationModelAvailability", {"modelId": "anthropic.claude-opus-5-5"}),
    Step("bedrock", "ListInferenceProfiles", {"maxResults": 3}),
    Step("bedrock", "GetInferenceProfile", {"inferenceProfileIdentifier": HAIKU}, keep="inferenceProfileArn"),
    Step(
        "bedrock",
        "CreateInferenceProfile",
        {
            "inferenceProfileName": "conformance",
            "description": "Made by a test",
            "modelSource": {"copyFrom": "{inferenceProfileArn}"},
            "tags": [{"key": "tenant", "value": "retail"}],
        },
        keep="inferenceProfileArn",
    ),
    Step("bedrock", "GetInferenceProfile", {"inferenceProfileIdentifier": "{inferenceProfileArn}"}),
    Step("bedrock", "ListInferenceProfiles", {"typeEquals": "APPLICATION"}),
    Step("bedrock", "TagResource", {"resourceARN": "{inferenceProfileArn}", "tags": [{"key": "a", "value": "b"}]}),
    Step("bedrock", "ListTagsForResource", {"resourceARN": "{inferenceProfileArn}"}),
    Step("bedrock", "UntagResource", {"resourceARN": "{inferenceProfileArn}", "tagKeys": ["a"]}),
    Step("bedrock-runtime", "Converse", {"modelId": "{inferenceProfileArn}", "messages": MESSAGE}),
    Step(
        "bedrock-runtime",
        "Converse",
        {
            "modelId": "{inferenceProfileArn}",
            "messages": MESSAGE,
            "system": [{"text": "rules " * 1000}, {"cachePoint": {"type": "default", "ttl": "1h"}}],
            "serviceTier": {"type": "flex"},
            "performanceConfig": {"latency": "optimized"},
            "requestMetadata": {"team": "harbour"},
        },
    ),
    Step("bedrock-runtime", "InvokeModel", {"modelId": "{inferenceProfileArn}", "body": json.dumps(NATIVE)}),
    Step("bedrock", "DeleteInferenceProfile", {"inferenceProfileIdentifier": "{inferenceProfileArn}"}),
    Step("bedrock", "ListGuardrails", {"maxResults": 1}),
    Step("bedrock", "GetGuardrail", {"guardrailIdentifier": "{guardrail}"}, keep="guardrailArn"),
    Step("bedrock", "ListGuardrails", {"guardrailIdentifier": "{guardrail}"}),
    Step("bedrock", "CreateGuardrailVersion", {"guardrailIdentifier": "{guardrail}", "description": "For a test"}),
    Step("bedrock", "GetModelInvocationLoggingConfiguration", {}, keep="loggingConfig"),
    Step("bedrock", "PutModelInvocationLoggingConfiguration", {"loggingConfig": "{loggingConfig}"}),
    Step("budgets", "UpdateBudget", {"AccountId": ACCOUNT, "NewBudget": BUDGET}),
]


def _members_over_the_wire(shape: Shape) -> Iterator[tuple[str, str, Shape]]:
    """(member, name in JSON, shape) of what stands in the body; headers are botocore's business."""
    for name, member in shape.members.items():
        if "location" not in member.serialization:
            yield name, member.serialization.get("name", name), member


def complaints(shape: Shape, value: Any, path: str) -> list[str]:
    """What is wrong with ``value`` as an answer of ``shape``: missing, unknown or of another type."""
    if not isinstance(value, PYTHON_TYPES[shape.type_name]):
        return [f"{path}: {type(value).__name__} is not {shape.type_name}"]
    if shape.type_name == "list":
        return [each for index, one in enumerate(value) for each in complaints(shape.member, one, f"{path}[{index}]")]
    if shape.type_name == "string":
        known = {*getattr(shape, "enum", []), *BEYOND_THE_ENUM.get(shape.name, set())}
        return (
            [f"{path}: {value} is not one of {sorted(known)}"]
            if getattr(shape, "enum", []) and value not in known
            else []
        )
    if shape.type_name != "structure":
        return []
    members = {name: (member, shape_) for member, name, shape_ in _members_over_the_wire(shape)}
    missing = [
        f"{path}.{name} is required"
        for name, (m, _) in members.items()
        if m in shape.required_members and name not in value
    ]
    if not getattr(shape, "is_tagged_union", False):
        missing += [f"{path}.{name} is unknown" for name in value if name not in members]
    inner = [complaints(members[name][1], one, f"{path}.{name}") for name, one in value.items() if name in members]
    return missing + [each for found in inner for each in found]


def _model(service: str, operation: str) -> OperationModel:
    return botocore.session.get_session().get_service_model(service).operation_model(operation)


def _filled(value: Any, kept: dict[str, Any]) -> Any:
    """``value`` with each {name} replaced by what was kept under it."""
    if isinstance(value, dict):
        return {key: _filled(one, kept) for key, one in value.items()}
    if isinstance(value, list):
        return [_filled(one, kept) for one in value]
    if isinstance(value, str) and value.startswith("{") and value[1:-1] in kept:
        return kept[value[1:-1]]
    return value


def _raw_answer(client: Any, operation: str, arguments: dict[str, Any]) -> tuple[bytes, dict[str, str], dict[str, Any]]:
    """(body as sent, headers, parsed answer) of one call."""
    seen: list[dict[str, Any]] = []
    client.meta.events.register("before-parse", lambda response_dict, **_: seen.append(response_dict))
    answer = getattr(client, camelcase_to_underscores(operation))(**arguments)
    return seen[-1]["body"], seen[-1]["headers"], answer


@pytest.fixture(scope="module")
def answers(control: Session, admin: Session) -> list[tuple[Step, bytes, dict[str, str]]]:
    """The raw answers of all steps, in order, each by a principal who may."""
    allow = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "bedrock:*", "Resource": "*"}]}
    control.client("iam").put_role_policy(
        RoleName="tech-codeassist", PolicyName="all", PolicyDocument=json.dumps(allow)
    )
    control.client("budgets", "us-east-1").create_budget(AccountId=ACCOUNT, Budget=BUDGET)
    workload = admin.assume(f"arn:aws:iam::{ACCOUNT}:role/tech-codeassist")
    kept: dict[str, Any] = {"guardrail": control.client("bedrock").list_guardrails()["guardrails"][0]["id"]}
    found = []
    for step in STEPS:
        session = workload if step.service == "bedrock-runtime" else control
        client = session.client(step.service, "us-east-1" if step.service == "budgets" else REGION)
        raw, headers, answer = _raw_answer(client, step.operation, _filled(step.arguments, kept))
        kept |= {step.keep: answer[step.keep]} if step.keep else {}
        found.append((step, raw, headers))
    return found


@pytest.mark.parametrize("number", range(len(STEPS)), ids=lambda number: f"{number}-{STEPS[number].operation}")
def test_an_answer_has_what_botocore_requires_and_nothing_that_it_does_not_know(
    number: int, answers: list[tuple[Step, bytes, dict[str, str]]]
) -> None:
    step, raw, headers = answers[number]
    shape = _model(step.service, step.operation).output_shape
    payload = shape.serialization.get("payload") if shape else None
    if payload:
        assert raw, f"{payload} is required"
        in_headers = [
            m.serialization["name"] for m in shape.members.values() if m.serialization.get("location") == "header"
        ]
        assert set(in_headers) <= {name.title() for name in headers} | set(headers)
    elif shape is None or not shape.members:
        assert raw in (b"", b"{}")
    else:
        assert complaints(shape, json.loads(raw), step.operation) == []


def test_every_added_operation_is_among_the_steps() -> None:
    added = {
        name
        for own in (SandboxBedrockResponse, SandboxRuntimeResponse, SandboxBudgetsResponse)
        for name, member in vars(own).items()
        if callable(member) and not name.startswith("_") and name != "call_action"
    }
    assert added == {camelcase_to_underscores(step.operation) for step in STEPS}


def test_an_answer_that_lacks_or_invents_a_member_is_found() -> None:
    shape = _model("bedrock", "GetFoundationModelAvailability").output_shape
    answer = {
        "modelId": "a.b",
        "agreementAvailability": {"status": "AVAILABLE"},
        "authorizationStatus": "AUTHORIZED",
        "entitlementAvailability": "AVAILABLE",
        "regionAvailability": "AVAILABLE",
    }
    assert complaints(shape, answer, "it") == []
    assert complaints(shape, answer | {"extra": 1}, "it") == ["it.extra is unknown"]
    assert complaints(shape, answer | {"modelId": 7}, "it") == ["it.modelId: int is not string"]
    assert complaints(shape, answer | {"agreementAvailability": {}}, "it") == [
        "it.agreementAvailability.status is required"
    ]
    assert "MAYBE is not one of" in complaints(shape, answer | {"authorizationStatus": "MAYBE"}, "it")[0]
