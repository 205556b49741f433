"""The invocation log: keys and records (docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html)."""

import gzip
import json
import re
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.process import ACCOUNT, REGION, Session, workload_role

BUCKET = f"atrium-bedrock-logs-{ACCOUNT}-{REGION}"
KEY = re.compile(
    rf"^AWSLogs/{ACCOUNT}/BedrockModelInvocationLogs/{REGION}/\d{{4}}/\d\d/\d\d/\d\d/"
    r"\d{8}T\d{9}Z_[0-9a-f]{16}\.json\.gz$"
)
SYSTEM = f"arn:aws:bedrock:{REGION}:{ACCOUNT}:inference-profile"
HAIKU, NOVA, TITAN = (
    "anthropic.claude-haiku-4-5-20251001-v1:0",
    "amazon.nova-2-lite-v1:0",
    "amazon.titan-embed-text-v2:0",
)
EU = {"eu-central-1", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1", "eu-west-3"}
MESSAGES = [{"role": "user", "content": [{"text": "Summarise the call about the late delivery."}]}]
RULES = "Answer in two sentences and name no person. " * 120


@pytest.fixture(scope="module")
def workload(control: Session, admin: Session) -> Session:
    """A role that may call everything but gpt-oss."""
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Action": "bedrock:*", "Resource": "*"},
            {"Effect": "Deny", "Action": "bedrock:*", "Resource": "arn:aws:bedrock:*::foundation-model/openai.*"},
        ],
    }
    control.client("iam").put_role_policy(
        RoleName="retail-callsummary", PolicyName="p", PolicyDocument=json.dumps(policy)
    )
    return admin.assume(workload_role("retail-callsummary"))


@pytest.fixture(scope="module")
def profile(control: Session) -> str:
    made = control.client("bedrock").create_inference_profile(
        inferenceProfileName="logged", modelSource={"copyFrom": f"{SYSTEM}/eu.{HAIKU}"}
    )
    return str(made["inferenceProfileArn"])


def _records(session: Session, bucket: str = BUCKET) -> dict[str, tuple[str, dict[str, Any]]]:
    """Request id → (key, record) of the newest objects in the bucket, through S3's own API."""
    s3, keys, found = session.client("s3"), [], {}
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
        keys += [e["Key"] for e in page.get("Contents", []) if e["Size"] and "/data/" not in e["Key"]]
    for key in sorted(keys)[-3:]:
        for line in gzip.decompress(s3.get_object(Bucket=bucket, Key=key)["Body"].read()).splitlines():
            found[json.loads(line)["requestId"]] = (key, json.loads(line))
    return found


def _logged(session: Session, answer: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return _records(session)[answer["ResponseMetadata"]["RequestId"]]


def test_a_call_is_logged_under_the_key_and_in_the_record_of_aws(
    control: Session, workload: Session, profile: str
) -> None:
    answer = workload.client("bedrock-runtime").converse(
        modelId=profile, messages=MESSAGES, requestMetadata={"team": "service"}, serviceTier={"type": "flex"}
    )
    key, record = _logged(control, answer)
    assert KEY.match(key)
    stamp = key.rsplit("/", 1)[1]
    assert record["timestamp"] == f"{stamp[:4]}-{stamp[4:6]}-{stamp[6:8]}T{stamp[9:11]}:{stamp[11:13]}:{stamp[13:15]}Z"
    assert record.keys() == {
        "schemaType", "schemaVersion", "timestamp", "accountId", "identity", "region", "requestId", "operation",
        "modelId", "input", "output", "inferenceRegion", "requestMetadata",
    }  # fmt: skip
    assert (record["schemaType"], record["schemaVersion"]) == ("ModelInvocationLog", "1.0")
    assert (record["accountId"], record["region"], record["operation"]) == (ACCOUNT, REGION, "Converse")
    assert record["identity"] == {"arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/retail-callsummary/test"}
    assert record["modelId"] == profile
    assert record["inferenceRegion"] in EU
    assert record["requestMetadata"] == {"team": "service"}
    assert record["input"]["inputBodyJson"]["messages"] == MESSAGES
    assert record["input"]["inputTokenCount"] == answer["usage"]["inputTokens"] > 0
    assert record["output"]["outputTokenCount"] == answer["usage"]["outputTokens"] > 0
    assert record["output"]["outputBodyJson"]["serviceTier"] == {"type": "flex"}
    assert record["output"]["outputBodyJson"]["metrics"]["latencyMs"] == answer["metrics"]["latencyMs"]


def test_the_same_prompt_costs_the_same_tokens(workload: Session, profile: str) -> None:
    runtime = workload.client("bedrock-runtime")
    first, second = (runtime.converse(modelId=profile, messages=MESSAGES)["usage"] for _ in range(2))
    assert first == second


def test_a_bare_model_names_no_serving_region(control: Session, workload: Session) -> None:
    answer = workload.client("bedrock-runtime").invoke_model(modelId=TITAN, body=json.dumps({"inputText": "harbour"}))
    _, record = _logged(control, answer)
    assert record["modelId"] == TITAN
    assert "inferenceRegion" not in record
    assert (record["input"]["inputTokenCount"], record["output"]["outputTokenCount"]) == (2, 0)


def test_a_global_profile_is_served_somewhere_in_the_world(control: Session, workload: Session) -> None:
    answer = workload.client("bedrock-runtime").converse(modelId=f"global.{HAIKU}", messages=MESSAGES)
    _, record = _logged(control, answer)
    assert record["modelId"] == f"global.{HAIKU}"
    assert re.match(r"^[a-z]{2}-[a-z]+-\d$", record["inferenceRegion"])


def test_a_cached_prefix_is_written_once_and_then_read(control: Session, workload: Session, profile: str) -> None:
    runtime, system = (
        workload.client("bedrock-runtime"),
        [{"text": RULES}, {"cachePoint": {"type": "default", "ttl": "1h"}}],
    )
    writing = runtime.converse(modelId=profile, messages=MESSAGES, system=system)
    reading = runtime.converse(modelId=profile, messages=MESSAGES, system=system)
    written = writing["usage"]["cacheWriteInputTokens"]
    assert written == reading["usage"]["cacheReadInputTokens"] == len(RULES) // 4
    assert writing["usage"]["cacheReadInputTokens"] == reading["usage"]["cacheWriteInputTokens"] == 0
    assert writing["usage"]["cacheDetails"] == [{"ttl": "1h", "inputTokens": written}]
    _, record = _logged(control, reading)
    assert record["input"]["cacheReadInputTokenCount"] == written
    assert record["input"]["cacheWriteInputTokenCount"] == 0
    total = record["input"]["inputTokenCount"] + written + record["output"]["outputTokenCount"]
    assert total == reading["usage"]["totalTokens"]


def test_claude_answers_its_own_body_with_the_split_of_cache_writes(
    control: Session, workload: Session, profile: str
) -> None:
    body = {
        "anthropic_version": "bedrock-2023-05-31",
        "max_tokens": 12,
        "system": [{"type": "text", "text": "Native. " + RULES, "cache_control": {"type": "ephemeral"}}],
        "messages": [{"role": "user", "content": "Two sentences, please."}],
    }
    answer = workload.client("bedrock-runtime").invoke_model(
        modelId=profile, body=json.dumps(body), requestMetadata=json.dumps({"team": "native"})
    )
    said = json.loads(answer["body"].read())
    assert (said["stop_reason"], said["usage"]["output_tokens"]) == ("max_tokens", 12)
    assert (
        said["usage"]["cache_creation"]["ephemeral_5m_input_tokens"] == said["usage"]["cache_creation_input_tokens"] > 0
    )
    _, record = _logged(control, answer)
    assert (record["operation"], record["requestMetadata"]) == ("InvokeModel", {"team": "native"})
    assert record["output"]["outputBodyJson"] == said
    assert record["input"]["cacheWriteInputTokenCount"] == said["usage"]["cache_creation_input_tokens"]


def test_nova_answers_its_own_body(workload: Session) -> None:
    body = {"messages": MESSAGES, "inferenceConfig": {"maxTokens": 200}}
    answer = workload.client("bedrock-runtime").invoke_model(modelId=f"eu.{NOVA}", body=json.dumps(body))
    said = json.loads(answer["body"].read())
    assert said["output"]["message"]["content"][0]["text"].startswith("[sandbox, not AWS]")
    assert said["usage"]["totalTokens"] == said["usage"]["inputTokens"] + said["usage"]["outputTokens"]


@pytest.mark.parametrize(
    ("model", "body", "vectors"),
    [
        (TITAN, {"inputText": "harbour"}, lambda answer: [answer["embedding"]]),
        ("cohere.embed-multilingual-v3", {"texts": ["a", "b"]}, lambda answer: answer["embeddings"]),
    ],
)
def test_an_embedding_model_answers_vectors_and_does_not_converse(
    model: str, body: dict[str, Any], vectors: Any, workload: Session
) -> None:
    runtime = workload.client("bedrock-runtime")
    found = vectors(json.loads(runtime.invoke_model(modelId=model, body=json.dumps(body))["body"].read()))
    assert {len(vector) for vector in found} == {256}
    with pytest.raises(ClientError, match="does not answer in text"):
        runtime.converse(modelId=model, messages=MESSAGES)


def test_a_body_that_is_not_of_the_model_is_refused(workload: Session, profile: str) -> None:
    runtime = workload.client("bedrock-runtime")
    for body, sentence in ((b"{", "Malformed input request"), (b'{"messages": []}', "anthropic_version, max_tokens")):
        with pytest.raises(ClientError, match=sentence) as refused:
            runtime.invoke_model(modelId=profile, body=body)
        assert refused.value.response["Error"]["Code"] == "ValidationException"


def test_a_refused_call_is_logged_with_its_error_and_without_tokens(control: Session, workload: Session) -> None:
    with pytest.raises(ClientError) as refused:
        workload.client("bedrock-runtime").converse(modelId="openai.gpt-oss-20b-1:0", messages=MESSAGES)
    _, record = _logged(control, refused.value.response)
    assert record["errorCode"] == "AccessDeniedException"
    assert "output" not in record
    assert "inputTokenCount" not in record["input"]


def test_a_large_body_lies_beside_the_record(control: Session, workload: Session, profile: str) -> None:
    long = [{"role": "user", "content": [{"text": "x" * 120_000}]}]
    answer = workload.client("bedrock-runtime").converse(modelId=profile, messages=long)
    key, record = _logged(control, answer)
    expected = f"{key.rsplit('/', 1)[0]}/data/{record['requestId']}_input.json.gz"
    assert record["input"]["inputBodyS3Path"] == f"s3://{BUCKET}/{expected}"
    assert "inputBodyJson" not in record["input"]
    body = control.client("s3").get_object(Bucket=BUCKET, Key=expected)["Body"].read()
    assert json.loads(gzip.decompress(body))["messages"] == long


def test_nothing_is_written_where_logging_is_off(control: Session, workload: Session) -> None:
    workload.client("bedrock-runtime", "eu-west-1").converse(modelId=f"eu.{HAIKU}", messages=MESSAGES)
    bucket = f"atrium-bedrock-logs-{ACCOUNT}-eu-west-1"
    assert control.client("s3").list_objects_v2(Bucket=bucket)["KeyCount"] == 0


def test_logging_that_is_turned_on_writes_its_check_and_then_records_without_bodies_if_so_told(
    control: Session, workload: Session
) -> None:
    bedrock, bucket = control.client("bedrock", "us-east-1"), f"atrium-bedrock-logs-{ACCOUNT}-us-east-1"
    before = bedrock.get_model_invocation_logging_configuration()["loggingConfig"]
    config = {"s3Config": {"bucketName": bucket, "keyPrefix": "central/"}, "textDataDeliveryEnabled": False}
    bedrock.put_model_invocation_logging_configuration(loggingConfig=config)
    answer = workload.client("bedrock-runtime", "us-east-1").converse(modelId=f"us.{HAIKU}", messages=MESSAGES)
    bedrock.put_model_invocation_logging_configuration(loggingConfig=before)
    keys = [entry["Key"] for entry in control.client("s3").list_objects_v2(Bucket=bucket)["Contents"]]
    assert f"central/AWSLogs/{ACCOUNT}/BedrockModelInvocationLogs/amazon-bedrock-logs-permission-check" in keys
    key, record = _records(control, bucket)[answer["ResponseMetadata"]["RequestId"]]
    assert key.startswith(f"central/AWSLogs/{ACCOUNT}/BedrockModelInvocationLogs/us-east-1/")
    assert "inputBodyJson" not in record["input"]
    assert record["output"]["outputTokenCount"] == answer["usage"]["outputTokens"]


def test_a_bucket_of_another_region_or_account_cannot_take_the_log(control: Session) -> None:
    for bucket in (f"atrium-bedrock-logs-{ACCOUNT}-us-east-1", "atrium-bedrock-logs-447100000339-eu-central-1"):
        with pytest.raises(ClientError, match="is not in this account and Region"):
            control.client("bedrock").put_model_invocation_logging_configuration(
                loggingConfig={"s3Config": {"bucketName": bucket}}
            )
