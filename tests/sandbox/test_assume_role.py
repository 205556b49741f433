"""Who may assume which role (docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_common-scenarios_third-party.html)."""

import json

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.process import (
    ACCOUNT,
    EXTERNAL_ID,
    OTHER_ACCOUNT,
    Server,
    Session,
    control_role,
    stack,
    workload_role,
)


def test_atrium_assumes_its_role_with_the_external_id_that_it_made(home: Session) -> None:
    identity = home.assume(control_role(), ExternalId=EXTERNAL_ID).client("sts").get_caller_identity()
    assert identity["Account"] == ACCOUNT
    assert identity["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/atrium-control/test"


@pytest.mark.parametrize("options", [{}, {"ExternalId": "somebody-elses"}])
def test_another_external_id_or_none_is_refused(home: Session, options: dict[str, str]) -> None:
    with pytest.raises(ClientError, match=r"is not authorized to perform: sts:AssumeRole on resource: ") as refused:
        home.assume(control_role(), **options)
    assert refused.value.response["Error"]["Code"] == "AccessDenied"
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_a_role_that_does_not_exist_is_refused_like_one_that_does(home: Session) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        home.assume(f"arn:aws:iam::{ACCOUNT}:role/nobody-made-this", ExternalId=EXTERNAL_ID)


def test_an_account_without_the_stack_refuses_until_it_is_installed(sandbox: Server, home: Session) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        home.assume(control_role(OTHER_ACCOUNT), ExternalId="second-id")
    path = f"/_sandbox/accounts/{OTHER_ACCOUNT}/stack"
    assert sandbox.put(path, json.dumps(stack("second-id")).encode()) == 200
    home.assume(control_role(OTHER_ACCOUNT), ExternalId="second-id")
    assert sandbox.put(path, json.dumps(stack("third-id")).encode()) == 200
    with pytest.raises(ClientError, match="AccessDenied"):
        home.assume(control_role(OTHER_ACCOUNT), ExternalId="second-id")


def test_atrium_cannot_assume_a_workload_role_before_its_trust_names_it(control: Session, admin: Session) -> None:
    role, iam = workload_role("insurance-claims"), control.client("iam")
    with pytest.raises(ClientError, match="AccessDenied"):
        control.assume(role)
    trust = iam.get_role(RoleName="insurance-claims")["Role"]["AssumeRolePolicyDocument"]
    trust["Statement"].append({"Effect": "Allow", "Principal": {"AWS": control_role()}, "Action": "sts:AssumeRole"})
    iam.update_assume_role_policy(RoleName="insurance-claims", PolicyDocument=json.dumps(trust))
    assert "insurance-claims" in control.assume(role).client("sts").get_caller_identity()["Arn"]
    assert "insurance-claims" in admin.assume(role).client("sts").get_caller_identity()["Arn"]


def test_a_trust_with_an_explicit_deny_refuses_everybody(control: Session, admin: Session) -> None:
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"},
            {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"},
        ],
    }
    control.client("iam").create_role(RoleName="closed", AssumeRolePolicyDocument=json.dumps(trust))
    with pytest.raises(ClientError, match="AccessDenied"):
        admin.assume(workload_role("closed"))


def test_another_account_needs_the_permission_of_its_own_account_too(control: Session, other_admin: Session) -> None:
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{OTHER_ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
        ],
    }
    control.client("iam").create_role(RoleName="for-the-other", AssumeRolePolicyDocument=json.dumps(trust))
    with pytest.raises(ClientError, match="AccessDenied"):
        other_admin.assume(workload_role("for-the-other"))


def test_an_access_key_that_nobody_has_is_refused(sandbox: Server) -> None:
    with pytest.raises(ClientError, match="The security token included in the request is invalid") as refused:
        sandbox.session("AKIANOBODYHASTHISKEY").client("bedrock").list_foundation_models()
    assert refused.value.response["Error"]["Code"] == "UnrecognizedClientException"
