"""The answers in log records, in each shape that Bedrock logs: Converse, Anthropic's, Nova's and OpenAI's own, and the
chunks of streams. Prose with numbers in it compresses about as prompts do.
"""

import random
from collections.abc import Callable
from functools import cache

Tokens = dict[str, int]
PROSE = (
    "the claim was received on monday and the customer asks for a summary of all open points in plain words before our "
    "adviser calls back about cover excess water damage kitchen floor invoice repair photos police report number "
    "policy since january premium paid by direct debit no earlier claims known please list what is missing who must "
    "answer until when which documents were sent twice whether any deadline has passed"
)
TEXTS = 4_000  # kept for speed; far more of them than fit the window of gzip


@cache
def _texts(words: int) -> tuple[str, ...]:
    pick = random.Random(words)
    return tuple(" ".join(_words(pick, words)) for _ in range(TEXTS))


def _words(pick: random.Random, words: int) -> list[str]:
    """Every sixth is an amount or a number of something."""
    chosen = pick.choices(PROSE.split(), k=words)
    return [str(pick.randrange(100_000)) if at % 6 == 5 else word for at, word in enumerate(chosen)]


def prompt(pick: random.Random) -> str:
    """What somebody asked."""
    return pick.choice(_texts(50))


def _answer(pick: random.Random) -> str:
    return pick.choice(_texts(56))


def tokens(pick: random.Random) -> Tokens:
    """The counts of a call; two in five read from a cache, a third of those write to it."""
    found = {"in": pick.randint(20, 6000), "out": pick.randint(5, 900), "read": 0, "write": 0}
    if pick.random() < 0.4:
        found |= {"read": pick.randint(1000, 20000), "write": pick.choice([0, 0, 4096])}
    return found


def converse(pick: random.Random, tokens: Tokens) -> object:
    """A Converse answer with its usage."""
    usage = {
        "inputTokens": tokens["in"],
        "outputTokens": tokens["out"],
        "totalTokens": sum(tokens.values()),
        "cacheReadInputTokens": tokens["read"],
        "cacheWriteInputTokens": tokens["write"],
    }
    return {
        "output": {"message": {"role": "assistant", "content": [{"text": _answer(pick)}]}},
        "stopReason": "end_turn",
        "metrics": {"latencyMs": pick.randint(300, 9000)},
        "usage": usage,
        "serviceTier": {"type": "default"},
    }


def _anthropic_usage(tokens: Tokens) -> dict[str, object]:
    """Some of the cache writes are for an hour."""
    hour = tokens["write"] // 3
    return {
        "input_tokens": tokens["in"],
        "output_tokens": tokens["out"],
        "cache_read_input_tokens": tokens["read"],
        "cache_creation_input_tokens": tokens["write"],
        "cache_creation": {
            "ephemeral_5m_input_tokens": tokens["write"] - hour,
            "ephemeral_1h_input_tokens": hour,
        },
    }


def anthropic(pick: random.Random, tokens: Tokens) -> object:
    """Anthropic's own answer."""
    content = [{"type": "text", "text": _answer(pick)}]
    return {"type": "message", "content": content, "usage": _anthropic_usage(tokens)}


def anthropic_stream(pick: random.Random, tokens: Tokens) -> object:
    """The chunks of Anthropic's stream."""
    words = _answer(pick).split()
    deltas = [
        {
            "type": "content_block_delta",
            "index": 0,
            "delta": {"type": "text_delta", "text": " ".join(words[at : at + 9])},
        }
        for at in range(0, len(words), 9)
    ]
    metrics = {"inputTokenCount": tokens["in"], "outputTokenCount": tokens["out"], "invocationLatency": 2100}
    start = {"type": "message_start", "message": {"type": "message", "content": [], "usage": _anthropic_usage(tokens)}}
    return [start, *deltas, {"type": "message_stop", "amazon-bedrock-invocationMetrics": metrics}]


def nova(pick: random.Random, tokens: Tokens) -> object:
    """Nova's own answer."""
    usage = {
        "inputTokens": tokens["in"],
        "outputTokens": tokens["out"],
        "cacheReadInputTokenCount": tokens["read"],
        "cacheWriteInputTokenCount": tokens["write"],
    }
    return {"output": {"message": {"content": [{"text": _answer(pick)}], "role": "assistant"}}, "usage": usage}


def openai(pick: random.Random, tokens: Tokens) -> object:
    """The answer of an OpenAI model."""
    usage = {"prompt_tokens": tokens["in"], "completion_tokens": tokens["out"], "total_tokens": sum(tokens.values())}
    details = {"prompt_tokens_details": {"cached_tokens": tokens["read"]}}
    choice = {"index": 0, "message": {"role": "assistant", "content": _answer(pick)}, "finish_reason": "stop"}
    return {"object": "chat.completion", "choices": [choice], "usage": usage | details, "service_tier": "default"}


# Most teams call through Converse; one in five calls a model's own interface, one in ten streams from it.
SHAPES: tuple[tuple[str, Callable[[random.Random, Tokens], object]], ...] = (
    *[("Converse", converse)] * 4,
    ("InvokeModel", anthropic),
    *[("ConverseStream", converse)] * 4,
    ("InvokeModelWithResponseStream", anthropic_stream),
    *[("Converse", converse)] * 4,
    ("InvokeModel", nova),
    *[("ConverseStream", converse)] * 2,
    ("InvokeModel", openai),
    ("InvokeModel", anthropic),
    ("InvokeModelWithResponseStream", anthropic_stream),
)
