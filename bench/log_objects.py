"""Log objects as a busy account would write them: 40 teams, each with its role, its way to call and one or two models;
every body shape, caches, a few errors, bodies of about 1.5 KB.
"""

import gzip
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from finops.ingest.keys import LogKey, parse_key

ACCOUNT, REGION = "447100000212", "eu-central-1"
START = datetime(2026, 9, 1, tzinfo=UTC)
MODELS = (
    "eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
    "amazon.nova-lite-v1:0",
    "global.anthropic.claude-haiku-4-5-20251001-v1:0",
    f"arn:aws:bedrock:{REGION}:{ACCOUNT}:application-inference-profile/a1b2c3d4e5f6",
    f"arn:aws:bedrock:{REGION}:{ACCOUNT}:application-inference-profile/0f9e8d7c6b5a",
)
PROSE = "the claim was received on monday and the customer asks for a summary of the open points in plain words"


def text(pick: random.Random, words: int) -> str:
    """Prose of so many words, which compresses about as prompts do."""
    return " ".join(pick.choices(PROSE.split(), k=words))


def converse(pick: random.Random, tokens: dict[str, int]) -> object:
    """A Converse answer with its usage."""
    usage = {
        "inputTokens": tokens["in"],
        "outputTokens": tokens["out"],
        "totalTokens": sum(tokens.values()),
        "cacheReadInputTokens": tokens["read"],
        "cacheWriteInputTokens": tokens["write"],
    }
    message = {"role": "assistant", "content": [{"text": text(pick, 110)}]}
    return {
        "output": {"message": message},
        "stopReason": "end_turn",
        "metrics": {"latencyMs": pick.randint(300, 9000)},
        "usage": usage,
        "serviceTier": {"type": "default"},
    }


def native(pick: random.Random, tokens: dict[str, int]) -> dict[str, object]:
    """Anthropic's own answer, some of its cache writes for an hour."""
    hour = tokens["write"] // 3
    creation = {"ephemeral_5m_input_tokens": tokens["write"] - hour, "ephemeral_1h_input_tokens": hour}
    usage = {
        "input_tokens": tokens["in"],
        "output_tokens": tokens["out"],
        "cache_read_input_tokens": tokens["read"],
        "cache_creation_input_tokens": tokens["write"],
        "cache_creation": creation,
    }
    return {"type": "message", "content": [{"type": "text", "text": text(pick, 110)}], "usage": usage}


def stream(pick: random.Random, tokens: dict[str, int]) -> object:
    """The chunks of a native stream."""
    deltas = [{"type": "content_block_delta", "delta": {"text": text(pick, 8)}} for _ in range(12)]
    metrics = {"inputTokenCount": tokens["in"], "outputTokenCount": tokens["out"], "invocationLatency": 2100}
    start = {"type": "message_start", "message": {**native(pick, tokens), "content": []}}
    return [start, *deltas, {"type": "message_stop", "amazon-bedrock-invocationMetrics": metrics}]


# One team in ten calls a model's own interface, one in ten streams from it.
SHAPES = (
    *[("Converse", converse)] * 5,
    *[("ConverseStream", converse)] * 3,
    ("InvokeModel", native),
    ("InvokeModelWithResponseStream", stream),
)


def record(pick: random.Random, at: datetime) -> dict[str, object]:
    """One log record."""
    team = min(pick.randrange(40), pick.randrange(40))
    operation, answer = SHAPES[team % len(SHAPES)]
    tokens = {"in": pick.randint(20, 6000), "out": pick.randint(5, 900), "read": 0, "write": 0}
    if pick.random() < 0.4:
        tokens |= {"read": pick.randint(1000, 20000), "write": pick.choice([0, 0, 4096])}
    made: dict[str, object] = {
        "schemaType": "ModelInvocationLog", "schemaVersion": "1.0", "timestamp": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "accountId": ACCOUNT, "region": REGION, "requestId": f"{pick.getrandbits(128):032x}", "operation": operation,
        "modelId": MODELS[(team + (pick.random() < 0.2)) % len(MODELS)],
        "identity": {"arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/team-{team}-app/i-{pick.getrandbits(68):017x}"},
        "requestMetadata": {"use_case": f"uc-{team}", "env": "prod", "trace": f"{pick.getrandbits(64):x}"},
        "input": {
            "inputContentType": "application/json",
            "inputBodyJson": {"messages": [{"role": "user", "content": [{"text": text(pick, 90)}]}]},
            "inputTokenCount": tokens["in"], "cacheReadInputTokenCount": tokens["read"],
            "cacheWriteInputTokenCount": tokens["write"],
        },
    }  # fmt: skip
    if pick.random() < 0.01:
        return made | {"errorCode": "ThrottlingException"}
    body = answer(pick, tokens)
    output = {"outputContentType": "application/json", "outputBodyJson": body, "outputTokenCount": tokens["out"]}
    return made | {"output": output}


def objects(records: int, per_object: int, seed: int) -> Iterator[tuple[LogKey, bytes, int]]:
    """Gzip objects of one account and region over a few days; with each its size before compression."""
    pick = random.Random(seed)
    root = f"AWSLogs/{ACCOUNT}/BedrockModelInvocationLogs/{REGION}/"
    for number in range(-(-records // per_object)):
        hour = START + timedelta(hours=number // 4)
        lines = (json.dumps(record(pick, hour + timedelta(seconds=pick.randrange(3600)))) for _ in range(per_object))
        raw = "\n".join(lines).encode()
        key = parse_key(f"{root}{hour:%Y/%m/%d/%H}/{hour:%Y%m%dT%H%M%S000Z}_{number:016x}.json.gz")
        assert key is not None
        yield key, gzip.compress(raw, 6), len(raw)
