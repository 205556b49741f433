"""What one account makes, another does not see; what one Region holds, another does not."""

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.process import ACCOUNT, OTHER_ACCOUNT, REGION, Session

HAIKU = "eu.anthropic.claude-haiku-4-5-20251001-v1:0"


@pytest.fixture(scope="module")
def profile(control: Session) -> str:
    source = f"arn:aws:bedrock:{REGION}:{ACCOUNT}:inference-profile/{HAIKU}"
    made = control.client("bedrock").create_inference_profile(
        inferenceProfileName="mine-alone", modelSource={"copyFrom": source}
    )
    return str(made["inferenceProfileArn"])


def test_a_profile_is_seen_in_its_own_account_and_region_alone(
    profile: str, control: Session, other_admin: Session
) -> None:
    for client in (other_admin.client("bedrock"), control.client("bedrock", "eu-west-1")):
        assert client.list_inference_profiles(typeEquals="APPLICATION")["inferenceProfileSummaries"] == []
        with pytest.raises(ClientError, match="ResourceNotFoundException"):
            client.get_inference_profile(inferenceProfileIdentifier=profile)


def test_a_profile_of_another_account_cannot_be_called(profile: str, other_admin: Session) -> None:
    with pytest.raises(ClientError, match="The provided model identifier is invalid"):
        other_admin.client("bedrock-runtime").converse(modelId=profile, messages=[])


def test_a_bucket_of_another_account_is_closed(other_admin: Session) -> None:
    with pytest.raises(ClientError, match="AccessDenied"):
        other_admin.client("s3").list_objects_v2(Bucket=f"atrium-bedrock-logs-{ACCOUNT}-{REGION}")


def test_each_account_has_its_own_guardrails_and_roles(admin: Session, other_admin: Session) -> None:
    mine, theirs = (
        {guardrail["arn"] for guardrail in session.client("bedrock").list_guardrails()["guardrails"]}
        for session in (admin, other_admin)
    )
    assert len(mine) == len(theirs) == 2
    assert not mine & theirs
    roles = other_admin.client("iam").list_roles()["Roles"]
    assert {role["Arn"].split(":")[4] for role in roles} == {OTHER_ACCOUNT}


def test_logging_is_on_in_two_regions_and_off_in_ireland(admin: Session) -> None:
    on = {
        region: "loggingConfig" in admin.client("bedrock", region).get_model_invocation_logging_configuration()
        for region in ("eu-central-1", "us-east-1", "eu-west-1")
    }
    assert on == {"eu-central-1": True, "us-east-1": True, "eu-west-1": False}
