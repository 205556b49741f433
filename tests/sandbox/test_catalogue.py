"""Models, inference profiles, guardrails and budgets as the sandbox offers them."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.process import ACCOUNT, REGION, Session

SYSTEM = f"arn:aws:bedrock:{REGION}:{ACCOUNT}:inference-profile"
MODEL = f"arn:aws:bedrock:{REGION}::foundation-model"
EU = {"eu-central-1", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-3"}
MESSAGES = [{"role": "user", "content": [{"text": "Hello"}]}]


@pytest.fixture(scope="module")
def bedrock(control: Session) -> Any:
    return control.client("bedrock")


def test_the_catalogue_is_wide_and_differs_by_region(control: Session) -> None:
    frankfurt, virginia = (
        {m["modelId"] for m in control.client("bedrock", region).list_foundation_models()["modelSummaries"]}
        for region in (REGION, "us-east-1")
    )
    assert len(frankfurt | virginia) >= 70
    assert {"anthropic.claude-opus-5-5", "amazon.nova-2-lite-v1:0", "openai.gpt-oss-120b-1:0"} <= frankfurt & virginia
    assert "meta.llama4-scout-17b-instruct-v1:0" in virginia - frankfurt


@pytest.mark.parametrize(
    ("filters", "member", "expected"),
    [
        ({"byProvider": "Anthropic"}, "providerName", "Anthropic"),
        ({"byOutputModality": "EMBEDDING"}, "outputModalities", ["EMBEDDING"]),
        ({"byInferenceType": "ON_DEMAND"}, "inferenceTypesSupported", "ON_DEMAND"),
    ],
)
def test_a_filter_keeps_what_matches(bedrock: Any, filters: dict[str, str], member: str, expected: Any) -> None:
    found = bedrock.list_foundation_models(**filters)["modelSummaries"]
    assert 0 < len(found) < len(bedrock.list_foundation_models()["modelSummaries"])
    assert all(model[member] == expected or expected in model[member] for model in found)


def test_a_legacy_model_names_its_dates_and_an_ended_one_is_gone(control: Session, bedrock: Any) -> None:
    lifecycle = bedrock.get_foundation_model(modelIdentifier="anthropic.claude-sonnet-4-5-20250929-v1:0")
    dates = lifecycle["modelDetails"]["modelLifecycle"]
    assert dates["status"] == "LEGACY"
    assert dates["startOfLifeTime"] < dates["legacyTime"] < dates["publicExtendedAccessTime"] < dates["endOfLifeTime"]
    assert dates["endOfLifeTime"].strftime("%Y-%m-%d") == "2027-04-08"
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        bedrock.get_foundation_model(modelIdentifier="anthropic.claude-3-haiku-20240307-v1:0")
    with pytest.raises(ClientError, match="reached the end of its life"):
        control.client("bedrock-runtime").converse(modelId="anthropic.claude-3-haiku-20240307-v1:0", messages=MESSAGES)


def test_a_model_that_only_profiles_reach_cannot_be_called_by_itself(control: Session) -> None:
    with pytest.raises(ClientError, match="on-demand throughput isn't supported"):
        control.client("bedrock-runtime").converse(modelId="anthropic.claude-opus-5-5", messages=MESSAGES)


def test_system_profiles_name_their_true_destinations(bedrock: Any) -> None:
    regional = bedrock.get_inference_profile(inferenceProfileIdentifier="eu.anthropic.claude-opus-4-8")
    assert {model["modelArn"].split(":")[3] for model in regional["models"]} == EU
    everywhere = bedrock.get_inference_profile(inferenceProfileIdentifier="global.anthropic.claude-opus-4-8")
    assert [model["modelArn"].split(":")[3] for model in everywhere["models"]] == [REGION, ""]
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        bedrock.get_inference_profile(inferenceProfileIdentifier="us.anthropic.claude-opus-4-8")


def test_pages_of_a_list_join_without_gap_or_repetition(bedrock: Any) -> None:
    whole = [p["inferenceProfileId"] for p in bedrock.list_inference_profiles()["inferenceProfileSummaries"]]
    paged = [
        profile["inferenceProfileId"]
        for page in bedrock.get_paginator("list_inference_profiles").paginate(PaginationConfig={"PageSize": 7})
        for profile in page["inferenceProfileSummaries"]
    ]
    assert paged == whole
    assert len(set(whole)) == len(whole) > 14


def test_a_token_that_was_not_given_out_is_refused(bedrock: Any) -> None:
    with pytest.raises(ClientError, match="nextToken is not valid"):
        bedrock.list_inference_profiles(nextToken="invented")


def test_a_profile_is_made_once_for_one_token_and_never_twice_under_one_name(bedrock: Any) -> None:
    wanted = {"inferenceProfileName": "once", "modelSource": {"copyFrom": f"{SYSTEM}/eu.anthropic.claude-opus-4-8"}}
    first = bedrock.create_inference_profile(**wanted, clientRequestToken="token-1")
    again = bedrock.create_inference_profile(**wanted, clientRequestToken="token-1")
    assert first["inferenceProfileArn"] == again["inferenceProfileArn"]
    with pytest.raises(ClientError, match="ConflictException"):
        bedrock.create_inference_profile(**wanted, clientRequestToken="token-2")


@pytest.mark.parametrize("source", [f"{MODEL}/anthropic.claude-opus-5-5", f"{MODEL}/nobody.made-this-v1:0"])
def test_a_profile_copies_only_what_can_be_called_here(bedrock: Any, source: str) -> None:
    with pytest.raises(ClientError, match="ValidationException"):
        bedrock.create_inference_profile(inferenceProfileName="impossible", modelSource={"copyFrom": source})


def test_a_profile_over_one_model_stays_in_its_region_and_can_be_deleted_with_its_tags(bedrock: Any) -> None:
    made = bedrock.create_inference_profile(
        inferenceProfileName="one-region",
        modelSource={"copyFrom": f"{MODEL}/openai.gpt-oss-20b-1:0"},
        tags=[{"key": "tenant", "value": "retail"}],
    )["inferenceProfileArn"]
    models = bedrock.get_inference_profile(inferenceProfileIdentifier=made)["models"]
    assert models == [{"modelArn": f"{MODEL}/openai.gpt-oss-20b-1:0"}]
    bedrock.delete_inference_profile(inferenceProfileIdentifier=made)
    for call in (bedrock.delete_inference_profile, bedrock.get_inference_profile):
        with pytest.raises(ClientError, match="ResourceNotFoundException"):
            call(inferenceProfileIdentifier=made)
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        bedrock.list_tags_for_resource(resourceARN=made)


def test_guardrails_list_their_versions_and_freeze_the_draft(bedrock: Any) -> None:
    by_name = {guardrail["name"]: guardrail for guardrail in bedrock.list_guardrails()["guardrails"]}
    assert by_name.keys() == {"customer-facing", "internal-assistant"}
    assert {guardrail["version"] for guardrail in by_name.values()} == {"DRAFT"}
    identifier = by_name["internal-assistant"]["id"]
    before = [g["version"] for g in bedrock.list_guardrails(guardrailIdentifier=identifier)["guardrails"]]
    asked = {"guardrailIdentifier": identifier, "description": "Frozen", "clientRequestToken": "freeze-1"}
    made, again = (bedrock.create_guardrail_version(**asked)["version"] for _ in range(2))
    assert made == again == str(len(before))
    version = bedrock.get_guardrail(guardrailIdentifier=identifier, guardrailVersion=made)
    assert (version["version"], version["description"]) == (made, "Frozen")
    with pytest.raises(ClientError, match="has no version 99"):
        bedrock.get_guardrail(guardrailIdentifier=identifier, guardrailVersion="99")


def test_a_call_with_a_guardrail_that_is_not_there_is_refused(admin: Session) -> None:
    with pytest.raises(ClientError, match="guardrail identifier or version provided in the request does not exist"):
        admin.client("bedrock-runtime").converse(
            modelId="eu.anthropic.claude-opus-4-8",
            messages=MESSAGES,
            guardrailConfig={"guardrailIdentifier": "abcdefabcdef", "guardrailVersion": "1"},
        )


def test_a_budget_can_be_changed_and_one_that_is_not_there_cannot(control: Session) -> None:
    budgets = control.client("budgets", "us-east-1")
    budget = {
        "BudgetName": "retail-assistant",
        "BudgetLimit": {"Amount": "100", "Unit": "USD"},
        "TimeUnit": "MONTHLY",
        "BudgetType": "COST",
    }
    budgets.create_budget(AccountId=ACCOUNT, Budget=budget)
    budgets.update_budget(AccountId=ACCOUNT, NewBudget=budget | {"BudgetLimit": {"Amount": "250", "Unit": "USD"}})
    found = budgets.describe_budget(AccountId=ACCOUNT, BudgetName="retail-assistant")["Budget"]
    assert found["BudgetLimit"] == {"Amount": "250", "Unit": "USD"}
    assert "TimePeriod" in found
    with pytest.raises(ClientError, match="NotFoundException"):
        budgets.update_budget(AccountId=ACCOUNT, NewBudget=budget | {"BudgetName": "nobody"})
