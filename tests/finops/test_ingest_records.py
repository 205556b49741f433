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
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from finops.ingest.gunzip import TruncatedObject, UnreadableObject, inflate
from finops.ingest.records import BadLine, read
from finops.ingest.rollup import Counters, Dimension, Rollup

SAMPLES = Path(__file__).parent / "samples"


def sample(name: str) -> dict[str, object]:
    return json.loads((SAMPLES / f"{name}.json").read_text())


def packed(*lines: object) -> bytes:
    return gzip.compress(b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines))


@dataclass(frozen=True)
class Found:
    """What is read in an object: how many records, the lines that are none, and the sums."""

    records: int
    bad: list[BadLine]
    usage: list[tuple[datetime, Dimension, Counters]]

    @property
    def only(self) -> tuple[datetime, Dimension, Counters]:
        """The hour, the dimension and the counts of the one record."""
        assert (self.records, self.bad) == (1, [])
        return self.usage[0]


def found(data: bytes, **place: str) -> Found:
    usage, bad = Rollup(), []
    usage.count(read(inflate(data), bad.append, **place))
    return Found(usage.requests, bad, [(*key, counters) for key, counters in usage.facts().items()])


def found_in(*lines: object, **place: str) -> Found:
    return found(packed(*lines), **place)


def tokens_of(counters: Counters) -> tuple[int, ...]:
    """Input, output, cache read, cache write for 5 minutes and for an hour."""
    return (
        counters.input, counters.output, counters.cache_read, counters.cache_write_5m, counters.cache_write_1h
    )  # fmt: skip


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
    _, dimension, counters = found_in(sample(name)).only
    assert (tokens_of(counters), dimension.tier) == (tokens, tier)
    assert (counters.latency_ms, counters.latency_n) == ((0, 0) if latency_ms is None else (latency_ms, 1))


def test_a_record_keeps_who_called_what_and_when():
    hour, dimension, _ = found_in(sample("claude_stream_large_input")).only
    assert hour == datetime(2026, 4, 20, 0, tzinfo=UTC)
    assert (dimension.account, dimension.region) == ("123456789012", "us-west-2")
    assert dimension.model_ref.endswith(":inference-profile/global.anthropic.claude-opus-4-7")
    assert (dimension.principal, dimension.session) == ("arn:aws:iam::123456789012:user/bedrock-api-key", "")
    assert dimension.operation == "InvokeModelWithResponseStream"


def test_a_time_with_an_offset_becomes_utc():
    data = packed(sample("claude_converse_hour_cache"))
    (record,) = read(inflate(data), pytest.fail)
    assert (record.timestamp, record.timestamp.hour) == (datetime(2026, 10, 5, 7, 30, tzinfo=UTC), 7)
    assert found(data).only[0] == datetime(2026, 10, 5, 7, tzinfo=UTC)


def test_a_failed_request_carries_its_error_code():
    _, dimension, counters = found_in(sample("failed_converse")).only
    assert (dimension.status, counters.errors) == ("ResourceNotFoundException", 1)


def test_request_metadata_outside_the_allow_list_is_dropped():
    _, dimension, _ = found_in(sample("claude_native_hour_cache")).only
    assert (dimension.use_case, dimension.tenant) == ("uc-17", "retail")
    assert "Jane Doe" not in repr(dimension)


def test_the_hour_share_of_cache_writes_never_exceeds_the_writes():
    record = sample("claude_native_hour_cache")
    record["input"]["cacheWriteInputTokenCount"] = 60
    assert tokens_of(found_in(record).only[2])[3:] == (0, 60)


def test_an_unknown_tier_is_kept_as_it_came():
    record = sample("openai_converse_inclusive")
    record["output"]["outputBodyJson"]["serviceTier"] = {"type": "overnight"}
    assert found_in(record).only[1].tier == "overnight"


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
    assert tokens_of(found_in(record).only[2]) == (4, 38, 0, 0, 0)


def test_metadata_that_is_no_text_costs_no_record():
    record = sample("nova_converse_stream") | {"requestMetadata": {"use_case": ["uc-1"]}}
    assert found_in(record).only[1].use_case == ""


def test_a_request_that_is_logged_twice_in_an_object_counts_once():
    one, other = sample("nova_native"), sample("nova_without_bodies")
    assert found_in(one, other, one).records == 2


def test_records_without_a_request_id_all_count():
    record = {**sample("nova_native"), "requestId": None}
    assert found_in(record, record).records == 2


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
    seen = found_in(good, b"", line, sample("nova_without_bodies"))
    (bad,) = seen.bad
    assert bad.number == 3
    assert reason in bad.reason
    assert seen.records == 2


@pytest.mark.parametrize("count", [-1, 1.5, "12", 2**80, True, {}])
def test_a_count_that_is_no_count_makes_a_bad_line_and_no_tokens(count):
    record = sample("nova_native")
    record["input"]["inputTokenCount"] = count
    seen = found_in(record)
    (bad,) = seen.bad
    assert "inputTokenCount" in bad.reason
    assert seen.records == 0


def test_a_record_of_another_account_than_the_object_is_a_bad_line():
    seen = found_in(sample("nova_native"), account="999999999999")
    (bad,) = seen.bad
    assert "999999999999" in bad.reason
    assert seen.records == 0


def test_a_record_of_another_schema_is_a_bad_line():
    seen = found_in(sample("nova_native") | {"schemaType": "SomethingElse"})
    assert (seen.records, len(seen.bad)) == (0, 1)


def test_a_record_without_a_region_has_that_of_its_object():
    record = {**sample("nova_native"), "region": None}
    assert found_in(record, region="eu-west-1").only[1].region == "eu-west-1"


def test_no_reason_quotes_the_line():
    secret = "the patient's name"
    lines = [
        json.dumps({"timestamp": secret, "accountId": secret, "modelId": 1}).encode(),
        json.dumps({**sample("nova_native"), "timestamp": secret}).encode(),
        json.dumps({**sample("nova_native"), "input": {secret: 1, "inputTokenCount": secret}}).encode(),
        secret.encode(),
    ]
    seen = found_in(*lines)
    assert (seen.records, len(seen.bad)) == (0, 4)
    assert not any(secret in bad.reason for bad in seen.bad)


def test_an_object_of_several_gzip_members_is_read_whole():
    data = packed(sample("nova_native")) + gzip.compress(b"\n") + packed(sample("nova_without_bodies")) + b"\0" * 8
    assert found(data).records == 2


def test_lines_longer_than_a_chunk_are_put_together():
    long = sample("nova_native")
    long["input"]["inputBodyJson"] = {"text": "word " * 700_000}
    assert found_in(sample("nova_without_bodies"), long, sample("titan_text_stream")).records == 3


def test_an_endless_line_is_one_bad_line():
    data = gzip.compress(b'{"a": "' + b"x" * (20 << 20) + b'"}\n' + json.dumps(sample("nova_native")).encode())
    seen = found(data)
    assert (seen.records, [bad.number for bad in seen.bad]) == (1, [1])


@pytest.mark.parametrize("cut", [0, 1, 5, 12, -1, -8, -9])
def test_a_truncated_object_says_so(cut):
    data = packed(sample("nova_native"), sample("nova_without_bodies"))
    with pytest.raises(TruncatedObject):
        found(data[:cut])


def test_a_damaged_object_says_so():
    data = bytearray(packed(sample("nova_native")))
    data[-6] ^= 0xFF
    with pytest.raises(UnreadableObject, match="sound gzip"):
        found(bytes(data))


def test_an_object_that_is_no_gzip_says_so():
    with pytest.raises(UnreadableObject):
        found(json.dumps(sample("nova_native")).encode())


@pytest.mark.parametrize("name", ["claude_native_hour_cache", "claude_converse_stream_cache_write", "nova_native"])
def test_a_record_that_leaves_its_counts_to_the_body_counts_the_same(name):
    record = sample(name)
    whole = found_in(record).only
    record["input"] = {key: value for key, value in record["input"].items() if not key.endswith("TokenCount")}
    record["output"].pop("outputTokenCount", None)
    assert found_in(record).only == whole
