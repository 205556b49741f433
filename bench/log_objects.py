"""Log objects as a busy account would write them, the same for the same seed: 40 teams, each with its role, its way to
call and one or two models; every body shape, caches, a few errors. A record is about 1,700 bytes, 330 in gzip, and a
million of them are about 75,000 hourly facts.
"""

import gzip
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from msgspec import json

from bench import log_bodies
from finops.ingest.keys import LogKey, parse_key

ACCOUNT, REGION = "447100000212", "eu-central-1"
TEAMS = 40
START = datetime(2026, 9, 1, tzinfo=UTC)
OBJECTS_AN_HOUR = 4
MODELS = (
    "eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
    "amazon.nova-lite-v1:0",
    "global.anthropic.claude-haiku-4-5-20251001-v1:0",
    f"arn:aws:bedrock:{REGION}:{ACCOUNT}:application-inference-profile/a1b2c3d4e5f6",
    f"arn:aws:bedrock:{REGION}:{ACCOUNT}:application-inference-profile/0f9e8d7c6b5a",
)
# How a team's sessions are named, by team: functions, instances, pods and whoever signs in.
SESSIONS: tuple[Callable[[random.Random], str], ...] = (
    lambda pick: f"summary-{pick.randrange(13)}",
    lambda pick: f"i-{pick.randrange(40) * 2654435761:017x}",
    lambda pick: f"eks-prod-{pick.randrange(64) * 11400714819323:012x}",
    lambda pick: f"person.{pick.randrange(400)}@bank.example",
)


def record(pick: random.Random, at: datetime) -> dict[str, object]:
    """One log record."""
    team = min(pick.randrange(TEAMS), pick.randrange(TEAMS))
    operation, answer = log_bodies.SHAPES[team % len(log_bodies.SHAPES)]
    tokens = log_bodies.tokens(pick)
    made: dict[str, object] = {
        "schemaType": "ModelInvocationLog", "schemaVersion": "1.0", "timestamp": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "accountId": ACCOUNT, "region": REGION, "requestId": _request_id(pick), "operation": operation,
        "modelId": MODELS[(team + (pick.random() < 0.2)) % len(MODELS)], "identity": {"arn": _caller(pick, team)},
        "requestMetadata": {
            "use_case": f"uc-{team}", "env": pick.choice(("prod", "test")), "trace": f"{pick.getrandbits(64):x}",
        },
        "input": {
            "inputContentType": "application/json",
            "inputBodyJson": {"messages": [{"role": "user", "content": [{"text": log_bodies.prompt(pick)}]}]},
            "inputTokenCount": tokens["in"], "cacheReadInputTokenCount": tokens["read"],
            "cacheWriteInputTokenCount": tokens["write"],
        },
    }  # fmt: skip
    if pick.random() < 0.01:
        return made | {"errorCode": "ThrottlingException"}
    body = answer(pick, tokens)
    output = {"outputContentType": "application/json", "outputBodyJson": body, "outputTokenCount": tokens["out"]}
    return made | {"output": output}


def _request_id(pick: random.Random) -> str:
    text = f"{pick.getrandbits(128):032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _caller(pick: random.Random, team: int) -> str:
    return f"arn:aws:sts::{ACCOUNT}:assumed-role/team-{team}-app/{SESSIONS[team % len(SESSIONS)](pick)}"


def make(number: int, per_object: int, seed: int) -> tuple[LogKey, bytes, int]:
    """One gzip object of so many records, and its size before compression. Every number has its own content."""
    pick = random.Random(seed * 1_000_003 + number)
    hour = START + timedelta(hours=number // OBJECTS_AN_HOUR)
    lines = (json.encode(record(pick, hour + timedelta(seconds=pick.randrange(3600)))) for _ in range(per_object))
    raw = b"\n".join(lines)
    root = f"AWSLogs/{ACCOUNT}/BedrockModelInvocationLogs/{REGION}/"
    key = parse_key(f"{root}{hour:%Y/%m/%d/%H}/{hour:%Y%m%dT%H%M%S000Z}_{number:016x}.json.gz")
    assert key is not None
    return key, gzip.compress(raw, 6), len(raw)


def objects(records: int, per_object: int, seed: int) -> Iterator[tuple[LogKey, bytes, int]]:
    """Gzip objects of one account and region over a few days; with each its size before compression."""
    return (make(number, per_object, seed) for number in range(-(-records // per_object)))
