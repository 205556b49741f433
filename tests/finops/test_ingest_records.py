"""Each body shape of an invocation log, on examples that were published by others or follow a provider's reference.

Sources of the samples: claude_2_native, AWS's user guide (model invocation logging; counts 17 and 296) ·
titan_text_stream, nova_converse_stream, claude_converse_stream_cache_write, claude_stream_large_input,
nova_without_bodies, failed_converse: records that users of Bedrock published, contents removed ·
claude_native_*, Anthropic's Messages reference (usage, cache_creation, streaming) · nova_native, Nova's request and
response schema · claude_converse_hour_cache, openai_converse_inclusive, Bedrock's ConverseResponse (cacheDetails,
serviceTier), the inclusive count as reported in maximhq/bifrost#6942.
"""

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from finops.ingest.gunzip import TruncatedObject, UnreadableObject
from finops.ingest.records import BadLine, UsageRecord, read

SAMPLES = Path(__file__).parent / "samples"


def sample(name: str) -> dict[str, object]:
    return json.loads((SAMPLES / f"{name}.json").read_text())


def packed(*lines: object) -> bytes:
    return gzip.compress(b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines))


def only(found: object) -> UsageRecord:
    (record,) = found  # type: ignore[misc]
    assert isinstance(record, UsageRecord), record
    return record


@pytest.mark.parametrize(
    ("name", "tokens", "latency_ms", "tier"),
    [
        # tokens: input, output, cache read, cache write 5 min, cache write 1 h
        ("claude_2_native", (17, 296, 0, 0, 0), None, "standard"),
        ("titan_text_stream", (7, 11, 0, 0, 0), 864, "standard"),
        ("nova_converse_stream", (4, 38, 0, 0, 0), 302, "standard"),
        ("claude_converse_stream_cache_write", (3, 52, 0, 24479, 0), 7460, "standard"),
        ("claude_stream_large_input", (6, 167, 0, 225913, 0), None, "standard"),
        ("nova_without_bodies", (1, 8, 0, 0, 0), None, "standard"),
        ("failed_converse", (0, 0, 0, 0, 0), None, "standard"),
        ("claude_native_hour_cache", (2048, 503, 1800, 148, 100), None, "standard"),
        ("claude_native_stream", (846, 53, 0, 1000, 3000), 880, "standard"),
        ("nova_native", (26, 259, 900, 0, 0), None, "standard"),
        ("openai_converse_inclusive", (904, 200, 4096, 0, 0), 1500, "priority"),
        ("claude_converse_hour_cache", (12, 40, 0, 2000, 4000), 2500, "latency-optimized"),
    ],
)
def test_each_body_shape_gives_its_tokens(name, tokens, latency_ms, tier):
    record = only(read(packed(sample(name))))
    assert (record.tokens, record.latency_ms, record.names.tier) == (tokens, latency_ms, tier)


def test_a_record_keeps_who_called_what_and_when():
    record = only(read(packed(sample("claude_stream_large_input"))))
    assert record.at == datetime(2026, 4, 20, 0, 17, 33, tzinfo=UTC)
    names = record.names
    assert (names.account, names.region) == ("123456789012", "us-west-2")
    assert names.model_ref.endswith(":inference-profile/global.anthropic.claude-opus-4-7")
    assert names.caller == ("arn:aws:iam::123456789012:user/bedrock-api-key", "")
    assert names.operation == "InvokeModelWithResponseStream"


def test_a_time_with_an_offset_becomes_utc():
    record = only(read(packed(sample("claude_converse_hour_cache"))))
    assert record.at == datetime(2026, 10, 5, 7, 30, tzinfo=UTC)
    assert record.at.hour == 7


def test_a_failed_request_carries_its_error_code():
    assert only(read(packed(sample("failed_converse")))).names.error == "ResourceNotFoundException"


def test_request_metadata_outside_the_allow_list_is_dropped():
    metadata = only(read(packed(sample("claude_native_hour_cache")))).names.metadata
    assert (metadata.use_case, metadata.tenant) == ("uc-17", "retail")
    assert "Jane Doe" not in repr(metadata)


def test_the_hour_share_of_cache_writes_never_exceeds_the_writes():
    record = sample("claude_native_hour_cache")
    record["input"]["cacheWriteInputTokenCount"] = 60
    assert only(read(packed(record))).tokens[3:] == (0, 60)


def test_an_unknown_tier_is_kept_as_it_came():
    record = sample("openai_converse_inclusive")
    record["output"]["outputBodyJson"]["serviceTier"] = {"type": "overnight"}
    assert only(read(packed(record))).names.tier == "overnight"


@pytest.mark.parametrize(
    "body",
    [
        "a text",
        7,
        None,
        [],
        {},
        [1, "two", None],
        {"usage": "none"},
        {"usage": {"inputTokens": "12"}},
        {"images": ["aGk="]},
    ],
)
def test_a_body_of_unknown_shape_costs_no_record(body):
    record = sample("nova_converse_stream")
    record["output"]["outputBodyJson"] = body
    assert only(read(packed(record))).tokens == (4, 38, 0, 0, 0)


def test_metadata_that_is_no_text_costs_no_record():
    record = sample("nova_converse_stream") | {"requestMetadata": {"use_case": ["uc-1"]}}
    assert only(read(packed(record))).names.metadata is None


def test_a_request_that_is_logged_twice_in_an_object_counts_once():
    one, other = sample("nova_native"), sample("nova_without_bodies")
    assert len(list(read(packed(one, other, one)))) == 2


def test_records_without_a_request_id_all_count():
    record = {**sample("nova_native"), "requestId": None}
    assert len(list(read(packed(record, record)))) == 2


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"timestamp": "2026-', "truncated"),
        (b"not json", "malformed"),
        (b"[]", "object"),
        ({"modelId": "amazon.nova-lite-v1:0", "accountId": "123456789012"}, "timestamp"),
        ({"timestamp": "2026-01-01T00:00:00Z", "accountId": "123456789012"}, "modelId"),
        ({"timestamp": "yesterday", "accountId": "123456789012", "modelId": "m"}, "datetime"),
        ({"timestamp": "2026-01-01T00:00:00", "accountId": "123456789012", "modelId": "m"}, "timezone"),
        ({"timestamp": "0001-01-01T00:00:00+10:00", "accountId": "123456789012", "modelId": "m"}, "out of range"),
        ({"timestamp": "2026-01-01T00:00:00Z", "accountId": "12345", "modelId": "m"}, "accountId"),
        ({"timestamp": "2026-01-01T00:00:00Z", "accountId": "12345678901x", "modelId": "m"}, "account"),
        ({"timestamp": "2026-01-01T00:00:00Z", "accountId": "123456789012", "modelId": "m" * 3000}, "modelId"),
    ],
)
def test_a_line_that_is_no_record_is_reported_with_its_number_and_skipped(line, reason):
    good = sample("nova_native")
    found = list(read(packed(good, b"", line, sample("nova_without_bodies"))))
    (bad,) = (one for one in found if isinstance(one, BadLine))
    assert bad.number == 3
    assert reason in bad.reason
    assert len(found) == 3


@pytest.mark.parametrize("count", [-1, 1.5, "12", 2**80, True, {}])
def test_a_count_that_is_no_count_makes_a_bad_line_and_no_tokens(count):
    record = sample("nova_native")
    record["input"]["inputTokenCount"] = count
    (bad,) = read(packed(record))
    assert isinstance(bad, BadLine)
    assert "inputTokenCount" in bad.reason


def test_a_record_of_another_account_than_the_object_is_a_bad_line():
    (bad,) = read(packed(sample("nova_native")), account="999999999999")
    assert isinstance(bad, BadLine)
    assert "999999999999" in bad.reason


def test_a_record_of_another_schema_is_a_bad_line():
    (bad,) = read(packed(sample("nova_native") | {"schemaType": "SomethingElse"}))
    assert isinstance(bad, BadLine)


def test_a_record_without_a_region_has_that_of_its_object():
    record = {**sample("nova_native"), "region": None}
    assert only(read(packed(record), region="eu-west-1")).names.region == "eu-west-1"


def test_no_reason_quotes_the_line():
    secret = "the patient's name"
    lines = [
        json.dumps({"timestamp": secret, "accountId": secret, "modelId": 1}).encode(),
        json.dumps({**sample("nova_native"), "timestamp": secret}).encode(),
        json.dumps({**sample("nova_native"), "input": {secret: 1, "inputTokenCount": secret}}).encode(),
        secret.encode(),
    ]
    found = list(read(packed(*lines)))
    assert len(found) == 4
    assert not any(secret in bad.reason for bad in found)


def test_an_object_of_several_gzip_members_is_read_whole():
    data = packed(sample("nova_native")) + gzip.compress(b"\n") + packed(sample("nova_without_bodies")) + b"\0" * 8
    assert len(list(read(data))) == 2


def test_lines_longer_than_a_chunk_are_put_together():
    long = sample("nova_native")
    long["input"]["inputBodyJson"] = {"text": "word " * 700_000}
    assert len(list(read(packed(sample("nova_without_bodies"), long, sample("titan_text_stream"))))) == 3


def test_an_endless_line_is_one_bad_line():
    data = gzip.compress(b'{"a": "' + b"x" * (20 << 20) + b'"}\n' + json.dumps(sample("nova_native")).encode())
    bad, good = read(data)
    assert isinstance(bad, BadLine)
    assert isinstance(good, UsageRecord)


@pytest.mark.parametrize("cut", [0, 1, 5, 12, -1, -8, -9])
def test_a_truncated_object_says_so(cut):
    data = packed(sample("nova_native"), sample("nova_without_bodies"))
    with pytest.raises(TruncatedObject):
        list(read(data[:cut]))


def test_a_damaged_object_says_so():
    data = bytearray(packed(sample("nova_native")))
    data[-6] ^= 0xFF
    with pytest.raises(UnreadableObject, match="sound gzip"):
        list(read(bytes(data)))


def test_an_object_that_is_no_gzip_says_so():
    with pytest.raises(UnreadableObject):
        list(read(json.dumps(sample("nova_native")).encode()))


@pytest.mark.parametrize("name", ["claude_native_hour_cache", "claude_converse_stream_cache_write", "nova_native"])
def test_a_record_that_leaves_its_counts_to_the_body_counts_the_same(name):
    record = sample(name)
    whole = only(read(packed(record)))
    record["input"] = {key: value for key, value in record["input"].items() if not key.endswith("TokenCount")}
    record["output"].pop("outputTokenCount", None)
    assert only(read(packed(record))) == whole
