"""Sums do not depend on how records are spread over objects, nor on the order in which objects come."""

import gzip
import json
import random
import tracemalloc
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from finops.ingest.gunzip import CHUNK_BYTES, MAX_LINE_BYTES, inflate
from finops.ingest.keys import parse_key
from finops.ingest.objects import KEPT_BAD_LINES, Parsed, parse
from finops.ingest.rollup import Facts, Rollup

ACCOUNT = "447100000212"
KEY = parse_key(f"AWSLogs/{ACCOUNT}/BedrockModelInvocationLogs/eu-central-1/2026/10/05/07/x.json.gz")
COUNT = st.integers(0, 300_000)
START = datetime(2026, 10, 5, 22, tzinfo=UTC)

records = st.fixed_dictionaries(
    {
        "timestamp": st.integers(0, 3 * 3600).map(
            lambda second: f"{START + timedelta(seconds=second):%Y-%m-%dT%H:%M:%SZ}"
        ),
        "accountId": st.just(ACCOUNT),
        "modelId": st.sampled_from(["eu.amazon.nova-pro-v1:0", "anthropic.claude-v2:1", "something else"]),
        "requestId": st.uuids(version=4).map(str),
        "operation": st.sampled_from(["Converse", "InvokeModel"]),
        "identity": st.fixed_dictionaries({"arn": st.just(f"arn:aws:sts::{ACCOUNT}:assumed-role/app/fn")}),
        "requestMetadata": st.fixed_dictionaries({}, optional={"use_case": st.text(max_size=3), "other": st.text()}),
        "input": st.fixed_dictionaries(
            {"inputTokenCount": COUNT, "cacheReadInputTokenCount": COUNT, "cacheWriteInputTokenCount": COUNT}
        ),
        "output": st.fixed_dictionaries(
            {
                "outputTokenCount": COUNT,
                "outputBodyJson": st.fixed_dictionaries(
                    {"metrics": st.fixed_dictionaries({"latencyMs": st.integers(0, 300_000)})}
                ),
            }
        ),
    },
    optional={"errorCode": st.sampled_from(["ThrottlingException", "ValidationException"])},
)


def as_object(lines: list[dict[str, object]]) -> bytes:
    return gzip.compress("\n".join(json.dumps(line) for line in lines).encode())


def summed(groups: list[list[dict[str, object]]]) -> Facts:
    usage = Rollup()
    for group in groups:
        usage.add(parsed_of(as_object(group)).usage)
    return usage.facts()


def parsed_of(data: bytes) -> Parsed:
    return parse(inflate(data), bucket="logs", key=KEY, etag="")


def split(lines: list[dict[str, object]], cuts: list[int]) -> list[list[dict[str, object]]]:
    edges = [0, *sorted(cut % (len(lines) + 1) for cut in cuts), len(lines)]
    return [lines[start:end] for start, end in pairwise(edges)]


@settings(deadline=None, max_examples=60)
@given(
    lines=st.lists(records, max_size=30, unique_by=lambda record: record["requestId"]),
    cuts=st.lists(st.integers(0, 100), max_size=5),
    seed=st.integers(),
)
def test_any_grouping_and_order_gives_the_same_facts(lines, cuts, seed):
    whole = summed([lines])
    shuffled = list(lines)
    random.Random(seed).shuffle(shuffled)
    assert summed(split(shuffled, cuts)) == whole
    assert sum(counters.requests for counters in whole.values()) == len(lines)
    assert sum(counters.output for counters in whole.values()) == sum(
        line["output"]["outputTokenCount"] for line in lines
    )


@settings(deadline=None, max_examples=40)
@given(
    lines=st.lists(records, max_size=10, unique_by=lambda record: record["requestId"]),
    again=st.lists(st.integers(0, 9)),
)
def test_repeated_lines_in_an_object_change_nothing(lines, again):
    repeated = lines + [lines[position % len(lines)] for position in again if lines]
    assert summed([repeated]) == summed([lines])


@settings(deadline=None, max_examples=200)
@given(line=st.binary(max_size=200))
def test_no_line_whatever_stops_an_object(line):
    parsed = parsed_of(gzip.compress(line))
    assert parsed.error == ""
    assert parsed.records == 0


@settings(deadline=None, max_examples=100)
@given(data=st.binary(max_size=300), head=st.booleans())
def test_no_bytes_whatever_raise(data, head):
    parsed = parsed_of((b"\x1f\x8b\x08\0" if head else b"") + data)
    assert parsed.records == 0


def one(**changes: object) -> dict[str, object]:
    return {"timestamp": "2026-10-05T07:00:00Z", "accountId": ACCOUNT, "modelId": "amazon.nova-lite-v1:0"} | changes


def test_a_bomb_is_inflated_a_piece_at_a_time():
    """80 MB of one letter in 80 KB: of this endless line no more than a few chunks are ever held."""
    bomb = gzip.compress(b"x" * (80 << 20))
    tracemalloc.start()
    parsed = parsed_of(bomb)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (parsed.records, parsed.bad) == (0, 1)
    assert most < 2 * CHUNK_BYTES + 2 * MAX_LINE_BYTES


def test_callers_cannot_write_what_a_column_refuses_or_what_looks_like_two():
    facts = summed([[one(requestMetadata={"use_case": "a\0b\x1fc", "tenant": "line\nbreak"})]])
    ((_, dimension),) = facts
    assert dimension.use_case == "a\ufffdb\ufffdc"
    assert dimension.tenant == "line\ufffdbreak"


def test_errors_are_requests_of_their_own_status():
    facts = summed([[one(), one(errorCode="ThrottlingException")]])
    assert {key[1].status: (c.requests, c.errors) for key, c in facts.items()} == {
        "ok": (1, 0),
        "ThrottlingException": (1, 1),
    }


def test_an_object_reports_its_span_its_records_and_its_bad_lines():
    lines = [one(timestamp="2026-10-05T07:30:00Z"), one(timestamp="2026-10-05T06:59:59Z")]
    parsed = parsed_of(as_object([*lines, *({"bad": n} for n in range(KEPT_BAD_LINES + 5))]))
    assert (parsed.records, parsed.bad, len(parsed.bad_lines)) == (2, KEPT_BAD_LINES + 5, KEPT_BAD_LINES)
    assert parsed.bad_lines[0].number == 3
    assert parsed.first_at == datetime(2026, 10, 5, 6, 59, 59, tzinfo=UTC)
    assert parsed.last_at == datetime(2026, 10, 5, 7, 30, tzinfo=UTC)


def test_a_truncated_object_counts_nothing_and_says_why():
    parsed = parsed_of(as_object([one(), one()])[:-5])
    assert (parsed.records, parsed.usage.facts()) == (0, {})
    assert "ends before" in parsed.error


def test_an_object_cut_in_two_keeps_its_sums():
    told = {"outputTokenCount": 1, "outputBodyJson": {"metrics": {"latencyMs": 70}}}
    lines = [
        one(requestId=str(n), input={"inputTokenCount": n}, output=told, errorCode="" if n % 3 else "Oops")
        for n in range(50)
    ]
    whole = summed([lines])
    assert summed([lines[:31], lines[31:]]) == whole
    assert sum(counters.input for counters in whole.values()) == sum(range(50))
    assert {counters.errors for counters in whole.values()} == {0, 17}
    assert sum(counters.latency_n for counters in whole.values()) == 50
