"""What a workload's policies let it call: a truth table, run through the real server with boto3.

Each row names the page of docs.aws.amazon.com that it follows. ``{profile}`` is an application profile over the EU
profile of Haiku 4.5, ``{global_profile}`` one over its global profile, ``{single_profile}`` one over gpt-oss-20b in
eu-central-1 alone, and ``{model}`` that model.
"""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.process import ACCOUNT, REGION, Session, workload_role

LOGIC = "IAM/latest/UserGuide/reference_policies_evaluation-logic.html"
GEOGRAPHIC = "bedrock/latest/userguide/geographic-cross-region-inference.html"
GLOBAL = "bedrock/latest/userguide/global-cross-region-inference.html"
PROFILES = "bedrock/latest/userguide/inference-profiles-prereq.html"
GUARDRAILS = "bedrock/latest/userguide/guardrails-permissions-id.html"
APPLY = "bedrock/latest/userguide/guardrails-permissions.html"
OPERATORS = "IAM/latest/UserGuide/reference_policies_elements_condition_operators.html"
MULTIVALUED = "IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html"
NOT_ACTION = "IAM/latest/UserGuide/reference_policies_elements_notaction.html"
NOT_RESOURCE = "IAM/latest/UserGuide/reference_policies_elements_notresource.html"
ACTION = "IAM/latest/UserGuide/reference_policies_elements_action.html"
RESOURCE = "IAM/latest/UserGuide/reference_policies_elements_resource.html"
KEYS = "IAM/latest/UserGuide/reference_policies_condition-keys.html"
BOUNDARIES = "IAM/latest/UserGuide/access_policies_boundaries.html"
SESSION_POLICIES = "IAM/latest/UserGuide/access_policies.html"
VARIABLES = "IAM/latest/UserGuide/reference_policies_variables.html"

HAIKU = "anthropic.claude-haiku-4-5-20251001-v1:0"
EU = ("eu-central-1", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-3")
ALLOWED = ""
NO_ALLOW = "because no identity-based policy allows the bedrock:InvokeModel action"
DENIED = "with an explicit deny in an identity-based policy"


def allow(
    resource: Any, condition: dict[str, Any] | None = None, action: Any = "bedrock:InvokeModel"
) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource} | ({"Condition": condition} if condition else {})


def deny(resource: Any, condition: dict[str, Any] | None = None, action: Any = "bedrock:InvokeModel") -> dict[str, Any]:
    return allow(resource, condition, action) | {"Effect": "Deny"}


def model_in(*regions: str) -> list[str]:
    return [f"arn:aws:bedrock:{region}::foundation-model/{HAIKU}" for region in regions]


EVERYTHING = allow("*", action="bedrock:*")
PROFILE_HALF = allow("{profile}")
MODEL_HALF = allow(model_in(*EU), {"StringEquals": {"bedrock:InferenceProfileArn": "{profile}"}})
BOTH = [PROFILE_HALF, MODEL_HALF]
APPLIES = allow("{guardrail}", action="bedrock:ApplyGuardrail")
ONLY_VERSION_3 = {"StringEquals": {"bedrock:GuardrailIdentifier": "{guardrail}:3"}}
GLOBAL_SOURCE = {"StringEquals": {"aws:RequestedRegion": "eu-central-1"}}
GLOBAL_ANYWHERE = {
    "StringEquals": {"aws:RequestedRegion": "unspecified", "bedrock:InferenceProfileArn": "{global_profile}"}
}
GLOBAL_THREE = [
    allow("{global_profile}", GLOBAL_SOURCE),
    allow(model_in("eu-central-1"), {"StringEquals": {"bedrock:InferenceProfileArn": "{global_profile}"}}),
    allow(model_in(""), GLOBAL_ANYWHERE),
]


@dataclass(frozen=True)
class Row:
    """``because`` is part of AWS's sentence, empty if the call is allowed; ``on`` is part of the refused resource."""

    says: str
    page: str
    statements: list[dict[str, Any]]
    because: str
    on: str = ""
    call: str = "{profile}"
    version: str = ""
    limits: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


ROWS = [
    Row("without a policy the answer is no", LOGIC, [], NO_ALLOW, "application-inference-profile/"),
    Row("profile and models of all destinations are allowed", GEOGRAPHIC, BOTH, ALLOWED),
    Row("the half of the models is missing", PROFILES, [PROFILE_HALF], NO_ALLOW, "foundation-model/"),
    Row("the half of the profile is missing", PROFILES, [MODEL_HALF], NO_ALLOW, "application-inference-profile/"),
    Row(
        "one destination Region is missing",
        GEOGRAPHIC,
        [PROFILE_HALF, allow(model_in(*EU[:-1]), {"StringEquals": {"bedrock:InferenceProfileArn": "{profile}"}})],
        NO_ALLOW,
        "eu-west-3::foundation-model/",
    ),
    Row("a wildcard stands for the Regions", RESOURCE, [PROFILE_HALF, allow(model_in("*"))], ALLOWED),
    Row(
        "a model that only the profile opens is closed when called itself",
        PROFILES,
        [
            allow("{single_profile}"),
            allow("{model}", {"StringEquals": {"bedrock:InferenceProfileArn": "{single_profile}"}}),
        ],
        NO_ALLOW,
        "foundation-model/openai.gpt-oss-20b-1:0",
        "{model}",
    ),
    Row(
        "and open through the profile",
        PROFILES,
        [
            allow("{single_profile}"),
            allow("{model}", {"StringEquals": {"bedrock:InferenceProfileArn": "{single_profile}"}}),
        ],
        ALLOWED,
        call="{single_profile}",
    ),
    Row(
        "the models are opened for another profile",
        PROFILES,
        [PROFILE_HALF, allow(model_in(*EU), {"ArnEquals": {"bedrock:InferenceProfileArn": "{single_profile}"}})],
        NO_ALLOW,
        "foundation-model/",
    ),
    Row(
        "ArnLike opens the models for every profile of the account",
        OPERATORS,
        [
            PROFILE_HALF,
            allow(
                model_in(*EU),
                {
                    "ArnLike": {
                        "bedrock:InferenceProfileArn": f"arn:aws:bedrock:*:{ACCOUNT}:application-inference-profile/*"
                    }
                },
            ),
        ],
        ALLOWED,
    ),
    Row(
        "an explicit deny wins over an allow",
        LOGIC,
        [*BOTH, deny("{profile}")],
        DENIED,
        "application-inference-profile/",
    ),
    Row("a deny of another resource changes nothing", LOGIC, [*BOTH, deny("{single_profile}")], ALLOWED),
    Row(
        "a deny of one destination stops the profile",
        GEOGRAPHIC,
        [*BOTH, deny(model_in("eu-south-2"))],
        DENIED,
        "eu-south-2",
    ),
    Row("the guardrail is demanded and absent", GUARDRAILS, [allow("*", ONLY_VERSION_3), APPLIES], NO_ALLOW),
    Row("the guardrail is demanded and given", GUARDRAILS, [allow("*", ONLY_VERSION_3), APPLIES], ALLOWED, version="3"),
    Row(
        "another version of the guardrail is given",
        GUARDRAILS,
        [allow("*", ONLY_VERSION_3), APPLIES],
        NO_ALLOW,
        version="2",
    ),
    Row(
        "the draft has no version in the condition",
        GUARDRAILS,
        [allow("*", {"StringEquals": {"bedrock:GuardrailIdentifier": "{guardrail}"}}), APPLIES],
        ALLOWED,
        version="DRAFT",
    ),
    Row(
        "any number of the guardrail will do",
        GUARDRAILS,
        [allow("*", {"StringLike": {"bedrock:GuardrailIdentifier": "{guardrail}:*"}}), APPLIES],
        ALLOWED,
        version="5",
    ),
    Row(
        "a number is demanded and the draft given",
        GUARDRAILS,
        [allow("*", {"StringLike": {"bedrock:GuardrailIdentifier": "{guardrail}:*"}}), APPLIES],
        NO_ALLOW,
        version="DRAFT",
    ),
    Row(
        "calls without the guardrail are denied, since a missing key satisfies a negated operator",
        GUARDRAILS,
        [EVERYTHING, deny("*", {"StringNotEquals": {"bedrock:GuardrailIdentifier": "{guardrail}:3"}})],
        DENIED,
    ),
    Row(
        "calls with it are not",
        GUARDRAILS,
        [EVERYTHING, deny("*", {"StringNotEquals": {"bedrock:GuardrailIdentifier": "{guardrail}:3"}})],
        ALLOWED,
        version="3",
    ),
    Row(
        "Null denies calls without any guardrail",
        OPERATORS,
        [EVERYTHING, deny("*", {"Null": {"bedrock:GuardrailIdentifier": "true"}})],
        DENIED,
    ),
    Row(
        "using a guardrail is a permission of its own",
        APPLY,
        BOTH,
        "because no identity-based policy allows the bedrock:ApplyGuardrail action",
        "guardrail/",
        version="3",
    ),
    Row("the Region of the call is allowed", KEYS, [allow("*", GLOBAL_SOURCE)], ALLOWED, call="{model}"),
    Row(
        "another Region is allowed only",
        KEYS,
        [allow("*", {"StringEquals": {"aws:RequestedRegion": "us-east-1"}})],
        NO_ALLOW,
        call="{model}",
    ),
    Row(
        "a fence around all destinations lets the profile through",
        GEOGRAPHIC,
        [*BOTH, deny("*", {"StringNotEquals": {"aws:RequestedRegion": list(EU)}})],
        ALLOWED,
    ),
    Row(
        "a fence around the source Region alone stops it at a destination",
        GEOGRAPHIC,
        [*BOTH, deny("*", {"StringNotEquals": {"aws:RequestedRegion": "eu-central-1"}})],
        DENIED,
        "eu-north-1",
    ),
    Row("the three statements of a global profile", GLOBAL, GLOBAL_THREE, ALLOWED, call="{global_profile}"),
    Row(
        "a global profile without its model that has no Region",
        GLOBAL,
        GLOBAL_THREE[:2],
        NO_ALLOW,
        "arn:aws:bedrock:::foundation-model/",
        "{global_profile}",
    ),
    Row(
        "a global profile without the model of its source Region",
        GLOBAL,
        [GLOBAL_THREE[0], GLOBAL_THREE[2]],
        NO_ALLOW,
        "eu-central-1::foundation-model/",
        "{global_profile}",
    ),
    Row(
        "a fence around Regions stops a global profile",
        GLOBAL,
        [*GLOBAL_THREE, deny("*", {"StringNotEquals": {"aws:RequestedRegion": list(EU)}})],
        DENIED,
        "arn:aws:bedrock:::foundation-model/",
        "{global_profile}",
    ),
    Row(
        "unless the fence names what is unspecified",
        GLOBAL,
        [*GLOBAL_THREE, deny("*", {"StringNotEquals": {"aws:RequestedRegion": ["unspecified", *EU]}})],
        ALLOWED,
        call="{global_profile}",
    ),
    Row(
        "the wildcard for Regions covers the model that has none",
        RESOURCE,
        [allow("{global_profile}"), allow(model_in("*"))],
        ALLOWED,
        call="{global_profile}",
    ),
    Row(
        "names of actions know no case and take wildcards",
        ACTION,
        [allow(["{profile}", *model_in(*EU)], action="BEDROCK:invoke*")],
        ALLOWED,
    ),
    Row(
        "Converse is authorised as InvokeModel, not under its own name",
        ACTION,
        [allow("*", action="bedrock:Converse")],
        NO_ALLOW,
    ),
    Row(
        "NotAction denies all but the named",
        NOT_ACTION,
        [*BOTH, {"Effect": "Deny", "NotAction": "bedrock:List*", "Resource": "*"}],
        DENIED,
    ),
    Row(
        "NotAction spares the named",
        NOT_ACTION,
        [*BOTH, {"Effect": "Deny", "NotAction": "bedrock:InvokeModel", "Resource": "*"}],
        ALLOWED,
    ),
    Row(
        "NotResource allows all but the named",
        NOT_RESOURCE,
        [{"Effect": "Allow", "Action": "bedrock:InvokeModel", "NotResource": "{single_profile}"}],
        ALLOWED,
    ),
    Row(
        "NotResource does not allow the named",
        NOT_RESOURCE,
        [{"Effect": "Allow", "Action": "bedrock:InvokeModel", "NotResource": "{profile}"}],
        NO_ALLOW,
        "application-inference-profile/",
    ),
    Row(
        "the tags of the profile decide",
        KEYS,
        [allow("{profile}", {"StringEquals": {"aws:ResourceTag/tenant": "retail"}}), MODEL_HALF],
        ALLOWED,
    ),
    Row(
        "other tags do not",
        KEYS,
        [allow("{profile}", {"StringEquals": {"aws:ResourceTag/tenant": "wealth"}}), MODEL_HALF],
        NO_ALLOW,
    ),
    Row(
        "IfExists passes a key that is not there",
        OPERATORS,
        [allow("*", {"StringEqualsIfExists": {"bedrock:GuardrailIdentifier": "{guardrail}:3"}})],
        ALLOWED,
    ),
    Row(
        "ForAnyValue needs a value",
        MULTIVALUED,
        [allow("*", {"ForAnyValue:StringLike": {"bedrock:GuardrailIdentifier": "*"}})],
        NO_ALLOW,
    ),
    Row(
        "ForAllValues holds without one",
        MULTIVALUED,
        [allow("*", {"ForAllValues:StringEquals": {"bedrock:GuardrailIdentifier": "{guardrail}:3"}})],
        ALLOWED,
    ),
    Row(
        "a permissions boundary limits what policies allow",
        BOUNDARIES,
        BOTH,
        "because no permissions boundary allows the bedrock:InvokeModel action",
        limits={"boundary": [allow("*", action="s3:*")]},
    ),
    Row(
        "a session policy limits the session",
        SESSION_POLICIES,
        BOTH,
        "because no session policy allows the bedrock:InvokeModel action",
        limits={"session": [allow("*", action="s3:*")]},
    ),
    Row(
        "a session policy can deny",
        SESSION_POLICIES,
        BOTH,
        "with an explicit deny in a session policy",
        limits={"session": [EVERYTHING, deny("{profile}")]},
    ),
]


@pytest.fixture(scope="module")
def names(control: Session) -> dict[str, str]:
    """The ARNs that the rows' placeholders stand for."""
    bedrock = control.client("bedrock")

    def made(name: str, source: str) -> str:
        answer = bedrock.create_inference_profile(
            inferenceProfileName=name, modelSource={"copyFrom": source}, tags=[{"key": "tenant", "value": "retail"}]
        )
        return str(answer["inferenceProfileArn"])

    system, model = (
        f"arn:aws:bedrock:{REGION}:{ACCOUNT}:inference-profile",
        f"arn:aws:bedrock:{REGION}::foundation-model",
    )
    return {
        "{profile}": made("permissions", f"{system}/eu.{HAIKU}"),
        "{global_profile}": made("permissions-global", f"{system}/global.{HAIKU}"),
        "{single_profile}": made("permissions-single", f"{model}/openai.gpt-oss-20b-1:0"),
        "{model}": f"{model}/openai.gpt-oss-20b-1:0",
        "{guardrail}": bedrock.list_guardrails()["guardrails"][0]["arn"],
    }


def _document(statements: list[dict[str, Any]], names: dict[str, str]) -> str:
    text = json.dumps({"Version": "2012-10-17", "Statement": statements})
    for placeholder, arn in names.items():
        text = text.replace(placeholder, arn)
    return text


def _role_with(row: Row, number: int, names: dict[str, str], control: Session) -> str:
    """A role of its own for the row, trusted by the account."""
    iam, name = control.client("iam"), f"row-{number}"
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
    options = {}
    if "boundary" in row.limits:
        document = _document(row.limits["boundary"], names)
        policy = iam.create_policy(PolicyName=name, PolicyDocument=document)["Policy"]
        options["PermissionsBoundary"] = policy["Arn"]
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=_document([trust], names), **options)
    if row.statements:
        iam.put_role_policy(RoleName=name, PolicyName="row", PolicyDocument=_document(row.statements, names))
    return workload_role(name)


def _converse(session: Session, model: str, guardrail: dict[str, str] | None) -> None:
    client = session.client("bedrock-runtime")
    message = [{"role": "user", "content": [{"text": "Is the harbour open?"}]}]
    client.converse(modelId=model, messages=message, **({"guardrailConfig": guardrail} if guardrail else {}))


@pytest.mark.parametrize("number", range(len(ROWS)), ids=lambda number: ROWS[number].says.replace(" ", "-"))
def test_a_call_is_allowed_or_refused_as_aws_documents_it(
    number: int, names: dict[str, str], control: Session, admin: Session
) -> None:
    row = ROWS[number]
    session_policy = {"Policy": _document(row.limits["session"], names)} if "session" in row.limits else {}
    session = admin.assume(_role_with(row, number, names, control), **session_policy)
    guardrail = {"guardrailIdentifier": names["{guardrail}"], "guardrailVersion": row.version} if row.version else None
    if row.because == ALLOWED:
        _converse(session, names[row.call], guardrail)
        return
    with pytest.raises(ClientError) as refused:
        _converse(session, names[row.call], guardrail)
    error = refused.value.response["Error"]
    assert error["Code"] == "AccessDeniedException"
    assert error["Message"].startswith(f"User: arn:aws:sts::{ACCOUNT}:assumed-role/row-{number}/test is not authorized")
    assert row.because in error["Message"]
    assert row.on in error["Message"]


def test_an_attached_deny_is_named_by_its_arn_and_follows_the_default_version(
    names: dict[str, str], control: Session, admin: Session
) -> None:
    iam = control.client("iam")
    role = _role_with(Row("", "", [EVERYTHING], ALLOWED), len(ROWS), names, control)
    policy = iam.create_policy(PolicyName="freeze", PolicyDocument=_document([deny("*")], names))["Policy"]["Arn"]
    _converse(admin.assume(role), names["{profile}"], None)
    iam.attach_role_policy(RoleName=role.split("/")[1], PolicyArn=policy)
    with pytest.raises(ClientError, match=f"{DENIED}: {policy}"):
        _converse(admin.assume(role), names["{profile}"], None)
    thawed = _document([deny("*", action="s3:*")], names)
    iam.create_policy_version(PolicyArn=policy, PolicyDocument=thawed, SetAsDefault=True)
    _converse(admin.assume(role), names["{profile}"], None)
    iam.set_default_policy_version(PolicyArn=policy, VersionId="v1")
    with pytest.raises(ClientError, match=DENIED):
        _converse(admin.assume(role), names["{profile}"], None)
    iam.detach_role_policy(RoleName=role.split("/")[1], PolicyArn=policy)
    _converse(admin.assume(role), names["{profile}"], None)


@pytest.mark.parametrize(
    ("page", "condition", "sentence"),
    [
        (
            OPERATORS,
            {"NumericLessThan": {"aws:MultiFactorAuthAge": "300"}},
            "does not know the condition operator NumericLessThan",
        ),
        (
            VARIABLES,
            {"StringEquals": {"aws:PrincipalTag/team": "${aws:username}"}},
            "does not replace policy variables",
        ),
    ],
)
def test_what_the_evaluator_does_not_know_is_refused_aloud(
    page: str, condition: dict[str, Any], sentence: str, names: dict[str, str], control: Session, admin: Session
) -> None:
    """AWS knows both; the sandbox says that it does not, instead of guessing."""
    number = 900 + len(sentence)
    role = _role_with(Row("", page, [allow("*", condition)], ALLOWED), number, names, control)
    with pytest.raises(ClientError, match=sentence) as refused:
        _converse(admin.assume(role), names["{profile}"], None)
    assert refused.value.response["Error"]["Code"] == "PolicyNotUnderstood"
