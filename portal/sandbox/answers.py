"""What the sandbox's models answer: a labelled text and plausible token counts, the same for the same prompt.

No model runs here. Tokens are counted as a quarter of the characters; a prompt cache is kept as
docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html describes it
(a prefix of 1,024 tokens or more, kept for 5 minutes or 1 hour).
"""

import hashlib
import time
from dataclasses import dataclass

CHARACTERS_PER_TOKEN = 4
TOKENS_PER_IMAGE = 1_300
SMALLEST_CACHED = 1_024
LIFETIMES = {"5m": 300, "1h": 3_600}  # seconds
OPENING = "[sandbox, not AWS] No model was asked; this text stands where an answer would."
SENTENCES = (
    "The request was understood and its main point restated.",
    "Two options follow from it, and the first costs less.",
    "The second needs a decision by the owner of the process.",
    "Figures in the prompt were taken as given.",
    "Nothing in it asks for personal data.",
    "A person should read this before it goes out.",
)


@dataclass(frozen=True)
class Prompt:
    """What was asked, whatever the API. ``cached`` is the text before the cache point, empty without one."""

    text: str
    cached: str = ""
    ttl: str = "5m"
    images: int = 0
    max_tokens: int | None = None


@dataclass(frozen=True)
class Answer:
    """``usage`` counts tokens as Converse does: input without what the cache read or wrote."""

    text: str
    cut: bool
    latency_ms: int
    input_tokens: int
    output_tokens: int
    cache_read: int
    cache_write: int
    ttl: str

    @property
    def usage(self) -> dict[str, int]:
        total = self.input_tokens + self.output_tokens + self.cache_read + self.cache_write
        return {
            "inputTokens": self.input_tokens,
            "outputTokens": self.output_tokens,
            "totalTokens": total,
            "cacheReadInputTokens": self.cache_read,
            "cacheWriteInputTokens": self.cache_write,
        }


def tokens(text: str) -> int:
    return -(-len(text) // CHARACTERS_PER_TOKEN)


def answer(prompt: Prompt, *, model_id: str, cache: dict[str, float]) -> Answer:
    """The answer to ``prompt``. ``cache`` maps a cached prefix to the second at which it ends, and is updated."""
    digest = int(hashlib.sha256(f"{model_id}\n{prompt.text}".encode()).hexdigest(), 16)
    count = 2 + digest % 9
    text = " ".join([OPENING, *(SENTENCES[(digest + turn) % len(SENTENCES)] for turn in range(count))])
    limit = prompt.max_tokens or tokens(text)
    cut = tokens(text) > limit
    text = text[: limit * CHARACTERS_PER_TOKEN]
    read, written = _cached(prompt, model_id, cache)
    rest = max(1, tokens(prompt.text) + prompt.images * TOKENS_PER_IMAGE - read - written)
    latency = 180 + 9 * tokens(text) + digest % 120
    return Answer(text, cut, latency, rest, tokens(text), read, written, prompt.ttl)


def _cached(prompt: Prompt, model_id: str, cache: dict[str, float]) -> tuple[int, int]:
    """(tokens read from the cache, tokens written to it) for the prefix of this prompt."""
    size = tokens(prompt.cached)
    if size < SMALLEST_CACHED:
        return 0, 0
    key, now = hashlib.sha256(f"{model_id}\n{prompt.cached}".encode()).hexdigest(), time.time()
    known = cache.get(key, 0.0) > now
    cache[key] = now + LIFETIMES[prompt.ttl]
    return (size, 0) if known else (0, size)
