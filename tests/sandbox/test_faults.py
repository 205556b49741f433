"""Each fault reaches an unmodified boto3 in the shape that AWS has, hits what it is set for, and ends when it ends."""

import json
import time
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from tests.sandbox.process import ACCOUNT, EXTERNAL_ID, OTHER_ACCOUNT, Server, Session, control_role, workload_role

ONCE = Config(retries={"mode": "standard", "total_max_attempts": 1}, read_timeout=1)
TRUST = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
)


@pytest.fixture(autouse=True)
def no_faults_left(sandbox: Server) -> Iterator[None]:
    yield
    sandbox.control("DELETE", "/_sandbox/faults")


@pytest.fixture(scope="module")
def once(control: Session) -> Any:
    """once(service): a client of Atrium's role that tries each call a single time, with little patience."""
    made: dict[str, Any] = {}

    def client(service: str) -> Any:
        if service not in made:
            key, secret, token = control.keys
            made[service] = boto3.Session(key, secret, token, region_name="eu-central-1").client(
                service, endpoint_url=control.url, config=ONCE
            )
        return made[service]

    return client


def fault(sandbox: Server, kind: str, operation: str = "*", account: str = ACCOUNT, **more: object) -> int:
    """Set a fault. Returns its number."""
    status, answer = sandbox.control(
        "POST", "/_sandbox/faults", {"account": account, "operation": operation, "kind": kind, **more}
    )
    assert status == 200, answer
    return int(answer["number"])


def hits(sandbox: Server, number: int) -> int:
    """How often a fault struck."""
    _, answer = sandbox.control("GET", "/_sandbox/faults")
    return next(one["hits"] for one in answer["faults"] if one["number"] == number)


def refused(call: Any, **arguments: Any) -> tuple[str, int]:
    """(code, HTTP status) of the refusal that a call meets."""
    with pytest.raises(ClientError) as met:
        call(**arguments)
    return met.value.response["Error"]["Code"], met.value.response["ResponseMetadata"]["HTTPStatusCode"]


CALLS: dict[str, tuple[str, dict[str, Any]]] = {
    "bedrock": ("list_guardrails", {}),
    "iam": ("get_role", {"RoleName": "retail-assistant"}),
    "s3": ("list_objects_v2", {"Bucket": f"atrium-bedrock-logs-{ACCOUNT}-eu-central-1"}),
    "budgets": ("describe_budget", {"AccountId": ACCOUNT, "BudgetName": "none"}),
    "sts": ("get_caller_identity", {}),
}


@pytest.mark.parametrize(
    ("kind", "service", "code", "status"),
    [
        ("throttling", "bedrock", "ThrottlingException", 429),
        ("throttling", "iam", "Throttling", 400),
        ("throttling", "s3", "SlowDown", 503),
        ("throttling", "budgets", "ThrottlingException", 400),
        ("throttling", "sts", "Throttling", 400),
        ("server-error", "bedrock", "InternalServerException", 500),
        ("server-error", "iam", "ServiceFailure", 500),
        ("server-error", "s3", "InternalError", 500),
        ("expired-token", "bedrock", "ExpiredTokenException", 403),
        ("expired-token", "s3", "ExpiredToken", 400),
        ("access-denied", "bedrock", "AccessDeniedException", 403),
        ("access-denied", "iam", "AccessDenied", 403),
        ("access-denied", "budgets", "AccessDeniedException", 400),
    ],
)
def test_a_refusal_has_the_shape_that_the_service_gives_it(
    sandbox: Server, once: Any, kind: str, service: str, code: str, status: int
) -> None:
    number = fault(sandbox, kind, f"{service}:*")
    name, arguments = CALLS[service]
    assert refused(getattr(once(service), name), **arguments) == (code, status)
    assert hits(sandbox, number) == 1


def test_botocore_knows_throttling_and_server_errors_as_worth_trying_again(sandbox: Server, control: Session) -> None:
    for kind in ("throttling", "server-error"):
        number = fault(sandbox, kind, "bedrock:ListGuardrails")
        refused(control.client("bedrock").list_guardrails)
        assert hits(sandbox, number) == 3, f"{kind} was not tried as often as the client is set to"
        sandbox.control("DELETE", f"/_sandbox/faults/{number}")


def test_a_rate_hits_that_share_of_the_calls_and_the_same_ones_for_the_same_seed(sandbox: Server, once: Any) -> None:
    def run() -> list[bool]:
        number = fault(sandbox, "throttling", "bedrock:ListGuardrails", rate=0.4, seed=7)
        met = []
        for _ in range(40):
            try:
                once("bedrock").list_guardrails()
                met.append(False)
            except ClientError:
                met.append(True)
        assert hits(sandbox, number) == sum(met)
        sandbox.control("DELETE", f"/_sandbox/faults/{number}")
        return met

    first = run()
    assert 8 <= sum(first) <= 24
    assert run() == first


def test_a_fault_hits_its_operation_and_its_account_alone(sandbox: Server, once: Any, other_admin: Session) -> None:
    fault(sandbox, "access-denied", "bedrock:ListGuardrails")
    refused(once("bedrock").list_guardrails)
    assert once("bedrock").list_foundation_models()["modelSummaries"]
    assert other_admin.client("bedrock").list_guardrails()["guardrails"]
    fault(sandbox, "access-denied", "bedrock:ListFoundationModels", account="*")
    refused(other_admin.client("bedrock").list_foundation_models)


def test_a_timeout_answers_nothing_and_leaves_other_calls_alone(sandbox: Server, once: Any) -> None:
    number = fault(sandbox, "timeout", "iam:GetRole", seconds=20)
    with pytest.raises(ReadTimeoutError):
        once("iam").get_role(RoleName="retail-assistant")
    assert hits(sandbox, number) == 1
    assert once("bedrock").list_guardrails()["guardrails"]


def test_a_timeout_is_bounded(sandbox: Server, once: Any) -> None:
    fault(sandbox, "timeout", "iam:GetRole", seconds=0.2)
    with pytest.raises(ConnectionClosedError):
        once("iam").get_role(RoleName="retail-assistant")


def test_what_timed_out_did_not_happen(sandbox: Server, once: Any) -> None:
    number = fault(sandbox, "timeout", "iam:CreateRole", seconds=0.2)
    with pytest.raises(ConnectionClosedError):
        once("iam").create_role(RoleName="never-made", AssumeRolePolicyDocument=TRUST)
    assert hits(sandbox, number) == 1
    assert refused(once("iam").get_role, RoleName="never-made") == ("NoSuchEntity", 404)


def test_a_slow_answer_comes_late_and_whole(sandbox: Server, once: Any) -> None:
    number = fault(sandbox, "slow", "bedrock:ListGuardrails", seconds=0.4)
    began = time.monotonic()
    assert once("bedrock").list_guardrails()["guardrails"]
    assert time.monotonic() - began >= 0.4
    assert hits(sandbox, number) == 1


def test_only_a_session_has_a_token_that_can_expire(sandbox: Server, once: Any, admin: Session) -> None:
    fault(sandbox, "expired-token", "sts:GetCallerIdentity")
    assert refused(once("sts").get_caller_identity)[0] == "ExpiredToken"
    assert admin.client("sts").get_caller_identity()["Account"] == ACCOUNT


@pytest.mark.parametrize("service", ["bedrock", "s3", "iam"])
def test_half_pages_give_a_token_and_paginators_find_everything(
    sandbox: Server, control: Session, admin: Session, service: str
) -> None:
    whole = listed(control, admin, service)
    assert len(whole) > 1
    number = fault(sandbox, "half-pages", f"{service}:*")
    pages = list(paginated(control, service))
    assert hits(sandbox, number) == len(pages) == 2
    assert listed(control, admin, service) == whole


def paginated(control: Session, service: str) -> Iterator[dict[str, Any]]:
    method, arguments = {
        "bedrock": ("list_inference_profiles", {"typeEquals": "SYSTEM_DEFINED"}),
        "s3": ("list_objects_v2", {"Bucket": CALLS["s3"][1]["Bucket"], "Prefix": "half/"}),
        "iam": ("list_entities_for_policy", {"PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/half"}),
    }[service]
    return iter(control.client(service).get_paginator(method).paginate(**arguments))


def listed(control: Session, admin: Session, service: str) -> list[str]:
    """What a paginator finds, after the things that it shall find were made."""
    bucket = CALLS["s3"][1]["Bucket"]
    if service == "s3":
        for name in "abc":
            admin.client("s3").put_object(Bucket=bucket, Key=f"half/{name}", Body=b"")
        return [one["Key"] for page in paginated(control, service) for one in page["Contents"]]
    if service == "iam":
        iam, arn = control.client("iam"), f"arn:aws:iam::{ACCOUNT}:policy/half"
        if not any(one["PolicyName"] == "half" for one in iam.list_policies(Scope="Local")["Policies"]):
            iam.create_policy(PolicyName="half", PolicyDocument=TRUST)
        for role in ("retail-assistant", "wealth-advisor", "treasury-report"):
            iam.attach_role_policy(RoleName=role, PolicyArn=arn)
        return [one["RoleName"] for page in paginated(control, service) for one in page["PolicyRoles"]]
    return [
        one["inferenceProfileId"] for page in paginated(control, service) for one in page["inferenceProfileSummaries"]
    ]


def test_what_was_made_is_seen_by_reads_after_a_while(sandbox: Server, once: Any) -> None:
    number = fault(sandbox, "late-reads", "iam:CreateRole", seconds=1)
    once("iam").create_role(RoleName="seen-late", AssumeRolePolicyDocument=TRUST)
    assert hits(sandbox, number) == 1
    assert refused(once("iam").get_role, RoleName="seen-late") == ("NoSuchEntity", 404)
    assert "seen-late" not in {one["RoleName"] for one in once("iam").list_roles()["Roles"]}
    # A write meets the truth: the name is taken.
    assert refused(once("iam").create_role, RoleName="seen-late", AssumeRolePolicyDocument=TRUST)[0] == (
        "EntityAlreadyExists"
    )
    deadline = time.monotonic() + 20
    while True:
        try:
            assert once("iam").get_role(RoleName="seen-late")["Role"]["RoleName"] == "seen-late"
            break
        except once("iam").exceptions.NoSuchEntityException:
            assert time.monotonic() < deadline, "it never became visible"
            time.sleep(0.1)


def test_late_reads_hide_a_profile_and_no_session(sandbox: Server, home: Session, control: Session) -> None:
    bedrock = control.client("bedrock")
    model = bedrock.list_foundation_models(byInferenceType="ON_DEMAND")["modelSummaries"][0]["modelArn"]
    number = fault(sandbox, "late-reads", seconds=30)
    made = bedrock.create_inference_profile(inferenceProfileName="late", modelSource={"copyFrom": model})
    fresh = home.assume(control_role(), ExternalId=EXTERNAL_ID)
    arn = made["inferenceProfileArn"]
    assert refused(fresh.client("bedrock").get_inference_profile, inferenceProfileIdentifier=arn) == (
        "ResourceNotFoundException", 404,
    )  # fmt: skip
    assert hits(sandbox, number) >= 1
    sandbox.control("DELETE", "/_sandbox/faults")
    assert fresh.client("bedrock").get_inference_profile(inferenceProfileIdentifier=arn)["status"] == "ACTIVE"


def test_reset_takes_every_fault_away(sandbox: Server, once: Any) -> None:
    fault(sandbox, "throttling")
    fault(sandbox, "server-error", account=OTHER_ACCOUNT)
    refused(once("bedrock").list_guardrails)
    assert sandbox.control("DELETE", "/_sandbox/faults") == (200, {"cleared": 2})
    assert once("bedrock").list_guardrails()["guardrails"]
    assert sandbox.control("GET", "/_sandbox/faults")[1]["faults"] == []


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"kind": "rain"}, "There is no such kind of fault"),
        ({"kind": "slow", "account": "123456789012"}, "The sandbox has no account 123456789012."),
        ({"kind": "slow", "operation": "ListGuardrails"}, "Write the operation as service:Name"),
        ({"kind": "slow", "operation": "bedrock:ListGuardrail"}, "AWS has no operation ListGuardrail in bedrock."),
        ({"kind": "throttling", "rate": 2}, "The rate must be between 0 and 1."),
        ({"kind": "timeout", "seconds": 1000}, "The seconds must be between 0 and 120."),
        ({"kind": "half-pages", "operation": "iam:GetRole"}, "is not a list that AWS gives in pages"),
        ({"kind": "late-reads", "operation": "s3:PutObject"}, "S3 shows at once"),
        ({"kind": "slow", "where": "here"}, "A fault has no where."),
    ],
)
def test_a_fault_that_cannot_be_is_refused_in_words(sandbox: Server, given: dict[str, object], sentence: str) -> None:
    status, answer = sandbox.control("POST", "/_sandbox/faults", given)
    assert status == 400
    assert sentence in answer["message"]


def test_a_fault_of_a_workload_call_names_the_runtime(sandbox: Server, admin: Session) -> None:
    workload = admin.assume(workload_role("treasury-report"))
    fault(sandbox, "throttling", "bedrock-runtime:Converse")
    arguments = {"modelId": "amazon.nova-lite-v1:0", "messages": [{"role": "user", "content": [{"text": "Hello"}]}]}
    assert refused(workload.client("bedrock-runtime").converse, **arguments) == ("ThrottlingException", 429)
