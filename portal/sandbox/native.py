"""Bodies of Converse and of the models' own formats, as prompts and back.

Source: docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html,
docs.aws.amazon.com/bedrock/latest/userguide/model-parameters-anthropic-claude-messages.html,
docs.aws.amazon.com/nova/latest/userguide/complete-request-schema.html, and in the same guide
model-parameters-titan-embed-text.html and model-parameters-embed.html (Cohere).
"""

import hashlib
from typing import Any
from uuid import uuid4

from portal.sandbox.answers import Answer, Prompt, tokens
from portal.sandbox.errors import ValidationError

EMBEDDING_SIZE = 256


def converse_prompt(body: dict[str, Any]) -> Prompt:
    """The prompt of a Converse body, which is Nova's own body too. The last cachePoint ends the cached prefix."""
    blocks = [*body.get("system", []), *(block for message in body.get("messages", []) for block in message["content"])]
    text, cached, ttl = "", "", "5m"
    for block in blocks:
        if "cachePoint" in block:
            cached, ttl = text, block["cachePoint"].get("ttl", "5m")
        text += str(block.get("text", ""))
    images = sum("image" in block for block in blocks)
    return Prompt(text, cached, ttl, images, _limit(body.get("inferenceConfig", {}).get("maxTokens")))


def converse_answer(answer: Answer, *, tier: str, latency: str) -> dict[str, Any]:
    """The answer of Converse. ``tier`` and ``latency`` are those asked for, or empty."""
    usage: dict[str, Any] = dict(answer.usage)
    if answer.cache_write:
        usage["cacheDetails"] = [{"ttl": answer.ttl, "inputTokens": answer.cache_write}]
    body: dict[str, Any] = {
        "output": {"message": {"role": "assistant", "content": [{"text": answer.text}]}},
        "stopReason": "max_tokens" if answer.cut else "end_turn",
        "usage": usage,
        "metrics": {"latencyMs": answer.latency_ms},
        "serviceTier": {"type": tier or "default"},
    }
    return body | ({"performanceConfig": {"latency": latency}} if latency else {})


def native_prompt(model_id: str, body: dict[str, Any]) -> Prompt:
    """The prompt of an InvokeModel body. Raises ValidationError where the model's own format is not known here."""
    if model_id.startswith("anthropic."):
        return _claude_prompt(body)
    if model_id.startswith("amazon.nova"):
        return converse_prompt(body)
    if model_id.startswith(("amazon.titan-embed", "cohere.embed")):
        texts = _texts(body)
        if not texts:
            raise ValidationError("Malformed input request: there is no text to embed.")
        return Prompt("".join(texts))
    raise ValidationError(f"The sandbox does not know the body of InvokeModel for {model_id}; use Converse.")


def native_answer(model_id: str, body: dict[str, Any], answer: Answer) -> dict[str, Any]:
    """The answer to an InvokeModel body in the model's own format."""
    if model_id.startswith("anthropic."):
        return _claude_answer(model_id, answer)
    if model_id.startswith("amazon.titan-embed"):
        text = str(body["inputText"])
        return {"embedding": _embedding(text), "inputTextTokenCount": tokens(text)}
    if model_id.startswith("cohere.embed"):
        vectors = [_embedding(text) for text in _texts(body)]
        return {"id": str(uuid4()), "response_type": "embeddings_floats", "texts": _texts(body), "embeddings": vectors}
    usage = answer.usage
    return {
        "output": {"message": {"content": [{"text": answer.text}], "role": "assistant"}},
        "stopReason": "max_tokens" if answer.cut else "end_turn",
        "usage": {
            "inputTokens": usage["inputTokens"],
            "outputTokens": usage["outputTokens"],
            "totalTokens": usage["totalTokens"],
            "cacheReadInputTokenCount": usage["cacheReadInputTokens"],
            "cacheWriteInputTokenCount": usage["cacheWriteInputTokens"],
        },
    }


def _claude_prompt(body: dict[str, Any]) -> Prompt:
    if "anthropic_version" not in body or "max_tokens" not in body or not body.get("messages"):
        raise ValidationError("Malformed input request: anthropic_version, max_tokens and messages are required.")
    blocks = _claude_blocks(body.get("system", ""))
    for message in body["messages"]:
        blocks += _claude_blocks(message["content"])
    text, cached, ttl = "", "", "5m"
    for block in blocks:
        text += str(block.get("text", ""))
        if "cache_control" in block:
            cached, ttl = text, block["cache_control"].get("ttl", "5m")
    return Prompt(text, cached, ttl, sum(block.get("type") == "image" for block in blocks), _limit(body["max_tokens"]))


def _claude_blocks(content: str | list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content)


def _claude_answer(model_id: str, answer: Answer) -> dict[str, Any]:
    split = {f"ephemeral_{ttl}_input_tokens": answer.cache_write if answer.ttl == ttl else 0 for ttl in ("5m", "1h")}
    return {
        "model": model_id.removeprefix("anthropic."),
        "id": "msg_bdrk_" + hashlib.sha256(answer.text.encode()).hexdigest()[:24],
        "type": "message",
        "role": "assistant",
        "content": [{"type": "text", "text": answer.text}],
        "stop_reason": "max_tokens" if answer.cut else "end_turn",
        "stop_sequence": None,
        "usage": {
            "input_tokens": answer.input_tokens,
            "cache_creation_input_tokens": answer.cache_write,
            "cache_read_input_tokens": answer.cache_read,
            "cache_creation": split,
            "output_tokens": answer.output_tokens,
        },
    }


def _texts(body: dict[str, Any]) -> list[str]:
    """What an embedding body asks to embed: Titan's inputText or Cohere's texts."""
    return [str(body["inputText"])] if body.get("inputText") else [str(text) for text in body.get("texts", [])]


def _embedding(text: str) -> list[float]:
    """A vector that depends on the text alone: not a meaning, a stand-in of the right shape."""
    stream = hashlib.shake_256(text.encode()).digest(EMBEDDING_SIZE)
    return [round(byte / 127.5 - 1, 4) for byte in stream]


def _limit(value: Any) -> int | None:
    if value is None:
        return None
    if not isinstance(value, int) or value < 1:
        raise ValidationError("The maximum number of tokens must be at least 1.")
    return value
