"""Parsed log objects for tests that load them."""

import gzip
import json

from finops.ingest.gunzip import inflate
from finops.ingest.keys import parse_key
from finops.ingest.objects import Parsed, parse

ACCOUNT = "447100000212"


def record(number: int, **changes: object) -> dict[str, object]:
    """A request of `number` input tokens, in one of three hours and by one of two roles."""
    return {
        "timestamp": f"2026-10-05T0{number % 3}:15:00Z",
        "accountId": ACCOUNT,
        "requestId": f"request-{number}",
        "operation": "Converse",
        "modelId": "eu.amazon.nova-pro-v1:0",
        "identity": {"arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/app-{number % 2}/fn"},
        "input": {"inputTokenCount": number, "cacheReadInputTokenCount": 2, "cacheWriteInputTokenCount": 3},
        "output": {"outputTokenCount": 10, "outputBodyJson": {"metrics": {"latencyMs": 100 * number}}},
    } | changes


def made(name: str, *lines: object, etag: str = "1", cut: int | None = None) -> Parsed:
    """An object of these lines; `cut`: only so much of its bytes."""
    key = parse_key(f"AWSLogs/{ACCOUNT}/BedrockModelInvocationLogs/eu-central-1/2026/10/05/03/{name}.json.gz")
    assert key is not None
    data = gzip.compress("\n".join(json.dumps(line) for line in lines).encode())
    return parse(inflate(data[:cut]), bucket="logs", key=key, etag=etag)
