"""Invocation log records as Amazon Bedrock writes them (schema ModelInvocationLog 1.0), without anybody's words.

Shapes: Converse, ConverseStream, InvokeModel in a model's own format, and its stream as a list of chunks.
"""

from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Any
from uuid import UUID

import msgspec

encode = msgspec.json.encode
WORDS = "…"
ERRORS = ("ThrottlingException", "ThrottlingException", "ValidationException", "ModelTimeoutException")


@dataclass(frozen=True)
class Caller:
    """Who calls what: `model` as AWS logs it (an id or an ARN), `family` decides the body's format."""

    account: str
    region: str
    principal: str
    model: str
    family: str
    served_from: tuple[str, ...] = ()
    metadata: tuple[tuple[str, str], ...] = ()
    error_share: float = 0.012


@dataclass(frozen=True)
class Tokens:
    """Of one call, in the classes that AWS prices; they do not overlap."""

    fresh: int
    output: int
    cache_read: int = 0
    cache_write: int = 0


def line(caller: Caller, at: datetime, tokens: Tokens, random: Random) -> bytes:
    """One record as a line of JSON, without its line feed."""
    record: dict[str, Any] = {
        "timestamp": f"{at:%Y-%m-%dT%H:%M:%SZ}", "accountId": caller.account, "region": caller.region,
        "requestId": str(UUID(int=random.getrandbits(128), version=4)), "modelId": caller.model,
        "identity": {"arn": caller.principal}, "schemaType": "ModelInvocationLog", "schemaVersion": "1.0",
    }  # fmt: skip
    if caller.served_from:
        record["inferenceRegion"] = random.choice(caller.served_from)
    if caller.metadata:
        record["requestMetadata"] = dict(caller.metadata)
    if random.random() < caller.error_share:
        return encode(record | _refused(random))
    shape = _SHAPES[caller.family]
    return encode(record | random.choice(shape)(tokens, _latency(tokens, random)))


def _refused(random: Random) -> dict[str, Any]:
    """A refused call is logged without tokens."""
    return {"operation": "Converse", "errorCode": random.choice(ERRORS), "input": {}, "output": {}}


def _latency(tokens: Tokens, random: Random) -> int:
    """Milliseconds: reading is quick, writing takes time."""
    return int((350 + tokens.fresh * 0.02 + tokens.output * 14) * random.lognormvariate(0, 0.25))


def _input(tokens: Tokens) -> dict[str, Any]:
    counted = {"inputContentType": "application/json", "inputTokenCount": tokens.fresh}
    if tokens.cache_read or tokens.cache_write:
        counted |= {"cacheReadInputTokenCount": tokens.cache_read, "cacheWriteInputTokenCount": tokens.cache_write}
    return counted


def _converse(tokens: Tokens, latency: int, operation: str = "Converse") -> dict[str, Any]:
    usage = {"inputTokens": tokens.fresh, "outputTokens": tokens.output}
    if tokens.cache_read or tokens.cache_write:
        usage |= {"cacheReadInputTokens": tokens.cache_read, "cacheWriteInputTokens": tokens.cache_write}
    usage["totalTokens"] = sum(usage.values())
    body = {
        "output": {"message": {"role": "assistant", "content": [{"text": WORDS}]}},
        "stopReason": "end_turn", "usage": usage, "metrics": {"latencyMs": latency},
    }  # fmt: skip
    return _answered(operation, tokens, body)


def _converse_stream(tokens: Tokens, latency: int) -> dict[str, Any]:
    return _converse(tokens, latency, "ConverseStream")


def _claude(tokens: Tokens, latency: int) -> dict[str, Any]:
    body = {
        "type": "message", "role": "assistant", "content": [{"type": "text", "text": WORDS}], "stop_reason": "end_turn",
        "usage": _claude_usage(tokens),
    }  # fmt: skip
    return _answered("InvokeModel", tokens, body)


def _claude_stream(tokens: Tokens, latency: int) -> dict[str, Any]:
    usage = _claude_usage(tokens)
    chunks = [
        {"type": "message_start", "message": {"content": [], "usage": usage | {"output_tokens": 1}}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": WORDS}},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": tokens.output}},
        {"type": "message_stop", "amazon-bedrock-invocationMetrics": {
            "inputTokenCount": tokens.fresh, "outputTokenCount": tokens.output, "invocationLatency": latency,
            "firstByteLatency": latency // 4,
        }},
    ]  # fmt: skip
    return _answered("InvokeModelWithResponseStream", tokens, chunks)


def _claude_usage(tokens: Tokens) -> dict[str, Any]:
    return {
        "input_tokens": tokens.fresh, "output_tokens": tokens.output, "cache_read_input_tokens": tokens.cache_read,
        "cache_creation_input_tokens": tokens.cache_write,
        "cache_creation": {"ephemeral_5m_input_tokens": tokens.cache_write, "ephemeral_1h_input_tokens": 0},
    }  # fmt: skip


def _nova(tokens: Tokens, latency: int) -> dict[str, Any]:
    usage = {"inputTokens": tokens.fresh, "outputTokens": tokens.output, "totalTokens": tokens.fresh + tokens.output}
    if tokens.cache_read:
        usage["cacheReadInputTokenCount"] = tokens.cache_read
    body = {
        "output": {"message": {"content": [{"text": WORDS}], "role": "assistant"}},
        "stopReason": "end_turn",
        "usage": usage,
    }
    return _answered("InvokeModel", tokens, body)


def _answered(operation: str, tokens: Tokens, body: Any) -> dict[str, Any]:
    output = {"outputContentType": "application/json", "outputTokenCount": tokens.output, "outputBodyJson": body}
    return {"operation": operation, "input": _input(tokens), "output": output}


_SHAPES = {
    "anthropic": (_converse, _converse, _converse_stream, _claude, _claude_stream),
    "amazon": (_converse, _converse_stream, _nova),
    "other": (_converse, _converse_stream),
}
