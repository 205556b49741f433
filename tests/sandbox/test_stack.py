"""A stack that is installed, and what its role may do then: judged by the statements that the template writes."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.process import ACCOUNT, EXTERNAL_ID, REGION, Server, Session, control_role, stack

PATH = f"/_sandbox/accounts/{ACCOUNT}/stack"
BUCKET = f"atrium-bedrock-logs-{ACCOUNT}-{REGION}"
EU_HAIKU = "eu.anthropic.claude-haiku-4-5-20251001-v1:0"
OTHER = f"arn:aws:iam::{ACCOUNT}:policy/other"
Call = Callable[[Session], Any]


def allow(action: str, resource: str, **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def attach(session: Session) -> Any:
    return session.client("iam").attach_role_policy(RoleName="retail-assistant", PolicyArn=OTHER)


def profile(session: Session) -> Any:
    return session.client("bedrock").get_inference_profile(inferenceProfileIdentifier=EU_HAIKU)


def listed(session: Session) -> Any:
    return session.client("s3").list_objects_v2(Bucket=BUCKET)


def budget(session: Session) -> Any:
    return session.client("budgets", "us-east-1").describe_budget(AccountId=ACCOUNT, BudgetName="atrium-none")


def role(session: Session) -> Any:
    return session.client("iam").get_role(RoleName="retail-assistant")


@pytest.fixture
def installed(sandbox: Server, home: Session) -> Any:
    """installed(*statements): a session of the role as it is then; afterwards it may do everything again."""

    def install(*statements: dict[str, Any]) -> Session:
        assert sandbox.control("PUT", PATH, stack(EXTERNAL_ID, *statements))[0] == 200
        return home.assume(control_role(), ExternalId=EXTERNAL_ID)

    yield install
    install()


def code(call: Call, session: Session) -> str:
    """What AWS answers: an error code, or "" """
    try:
        call(session)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    return ""


OWN_ONLY = {"Condition": {"ArnLike": {"iam:PolicyARN": f"arn:aws:iam::{ACCOUNT}:policy/atrium-*"}}}


@pytest.mark.parametrize(
    ("call", "statement", "answer"),
    [
        (profile, allow("bedrock:GetInferenceProfile", f"arn:aws:bedrock:*:{ACCOUNT}:inference-profile/*"), ""),
        (profile, allow("bedrock:GetInferenceProfile", f"arn:aws:bedrock:*:{ACCOUNT}:guardrail/*"),
         "AccessDeniedException"),
        (profile, allow("bedrock:GetGuardrail", "*"), "AccessDeniedException"),
        (listed, allow("s3:ListBucket", f"arn:aws:s3:::{BUCKET}"), ""),
        (listed, allow("s3:ListBucket", f"arn:aws:s3:::{BUCKET}/*"), "AccessDenied"),
        (listed, allow("s3:GetObject", "*"), "AccessDenied"),
        (budget, allow("budgets:ViewBudget", f"arn:aws:budgets::{ACCOUNT}:budget/atrium-*"), "NotFoundException"),
        (budget, allow("budgets:ViewBudget", f"arn:aws:budgets::{ACCOUNT}:budget/own-*"), "AccessDeniedException"),
        (role, allow("iam:GetRole", f"arn:aws:iam::{ACCOUNT}:role/*"), ""),
        (role, allow("iam:GetRole", f"arn:aws:iam::{ACCOUNT}:role/retail-callsummary"), "AccessDenied"),
        (attach, allow("iam:AttachRolePolicy", "*"), "NoSuchEntity"),
        (attach, allow("iam:AttachRolePolicy", "*", **OWN_ONLY), "AccessDenied"),
    ],
)  # fmt: skip
def test_a_role_may_do_what_its_statements_say(
    installed: Callable[..., Session], call: Call, statement: dict[str, Any], answer: str
) -> None:
    assert code(call, installed(statement)) == answer


def test_with_tags_a_thing_is_made_only_by_who_may_tag(installed: Callable[..., Session]) -> None:
    session = installed(allow("iam:CreatePolicy", "*"))
    with pytest.raises(ClientError, match=r"not authorized to perform: iam:TagPolicy on resource: .*policy/tagged"):
        session.client("iam").create_policy(
            PolicyName="tagged", PolicyDocument="{}", Tags=[{"Key": "atrium:grant", "Value": "x"}]
        )


def test_a_session_that_is_open_may_no_more_than_the_stack_that_came_after_it(
    installed: Callable[..., Session], sandbox: Server
) -> None:
    session = installed(allow("iam:GetRole", "*"))
    assert code(role, session) == ""
    sandbox.control("PUT", PATH, stack(EXTERNAL_ID, allow("iam:GetPolicy", "*")))
    assert code(role, session) == "AccessDenied"


@pytest.mark.parametrize(
    ("template", "sentence"),
    [
        ({}, "one resource, of the type AWS::IAM::Role"),
        ({"Resources": {"A": {"Type": "AWS::S3::Bucket"}}}, "one resource, of the type AWS::IAM::Role"),
        ({"Resources": {"A": {"Type": "AWS::IAM::Role", "Properties": {}}}}, "has no AssumeRolePolicyDocument"),
        ({"Resources": {"A": {"Type": "AWS::IAM::Role", "Properties": {"Path": "/"}}}}, "does not know the property"),
        (stack("x", {"Effect": "Perhaps"}), "Effect is Allow or Deny"),
        ([], "must be a CloudFormation template"),
    ],
)
def test_a_template_of_another_shape_is_refused_with_a_sentence(sandbox: Server, template: Any, sentence: str) -> None:
    status, answer = sandbox.control("PUT", PATH, template)
    assert status == 400
    assert sentence in answer["message"]
