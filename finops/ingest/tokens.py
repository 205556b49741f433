"""Which of the counts in a record are the truth, and how they split.

The record's own counts win; the body fills what they leave open: the share of cache writes that lives one hour, the
tier that served, the latency. Total input is input + cache read + cache write, which do not overlap.
"""

from msgspec import Struct

from finops.ingest.wire import Input, InvocationMetrics, Part, Usage

_NOTHING_ENTERED = Input()


class Told(Struct, gc=False):
    """What a body tells. A stream repeats its counts as running totals, so the largest of each is the final one."""

    input: int = 0
    output: int = 0
    total: int = 0
    cache_read: int = 0
    cache_write: int = 0
    cache_write_1h: int = 0
    latency_ms: int | None = None
    tier: str | None = None
    latency_class: str | None = None

    def raise_to(self, input: int, output: int, total: int, read: int, write: int, write_1h: int) -> None:
        """Take each count that is larger than the one told before. (`max()` would cost three times as much.)"""
        if input > self.input:
            self.input = input
        if output > self.output:
            self.output = output
        if total > self.total:
            self.total = total
        if read > self.cache_read:
            self.cache_read = read
        if write > self.cache_write:
            self.cache_write = write
        if write_1h > self.cache_write_1h:
            self.cache_write_1h = write_1h


def told_by(body: Part | list[Part] | None) -> Told:
    """Everything that an answer's body says about usage; nothing said is all zeros and None."""
    told = Told()
    if isinstance(body, Part):
        _hear(told, body)
    elif body:
        for part in body:
            _hear(told, part)
    return told


def _hear(told: Told, part: Part) -> None:
    if part.usage is not None:
        _hear_usage(told, part.usage)
    if part.metrics is not None:
        told.latency_ms = part.metrics.latencyMs
    wrapped = part.message or part.metadata
    if wrapped is not None and wrapped.usage is not None:
        _hear_usage(told, wrapped.usage)
    if part.invocation is not None:
        _hear_invocation(told, part.invocation)
    if part.serviceTier is not None:
        told.tier = part.serviceTier.type
    elif part.service_tier is not None:
        told.tier = part.service_tier
    if part.performanceConfig is not None:
        told.latency_class = part.performanceConfig.latency


def _hear_usage(told: Told, usage: Usage) -> None:
    read = usage.cacheReadInputTokens or usage.cacheReadInputTokenCount or usage.cache_read_input_tokens or 0
    if usage.prompt_tokens_details is not None:
        read = read or usage.prompt_tokens_details.cached_tokens or 0
    write = usage.cacheWriteInputTokens or usage.cacheWriteInputTokenCount or usage.cache_creation_input_tokens or 0
    told.raise_to(
        usage.inputTokens or usage.input_tokens or usage.prompt_tokens or 0,
        usage.outputTokens or usage.output_tokens or usage.completion_tokens or 0,
        usage.totalTokens or usage.total_tokens or 0,
        read,
        write,
        _one_hour_writes(usage),
    )
    if usage.service_tier is not None:
        told.tier = usage.service_tier


def _one_hour_writes(usage: Usage) -> int:
    """Tokens written for one hour; they cost about 1.6 times the five-minute rate, so they must not be lumped in."""
    if usage.cache_creation is not None:
        return usage.cache_creation.ephemeral_1h_input_tokens or 0
    if usage.cacheDetails:
        return sum(detail.inputTokens for detail in usage.cacheDetails if detail.ttl == "1h")
    return 0


def _hear_invocation(told: Told, metrics: InvocationMetrics) -> None:
    told.input = told.input or metrics.inputTokenCount or 0
    told.output = told.output or metrics.outputTokenCount or 0
    told.cache_read = told.cache_read or metrics.cacheReadInputTokenCount or 0
    told.cache_write = told.cache_write or metrics.cacheWriteInputTokenCount or 0
    if told.latency_ms is None:
        told.latency_ms = metrics.invocationLatency


def settle(entered: Input | None, output: int | None, told: Told) -> tuple[int, int, int, int, int]:
    """Decide the counts: (input, output, cache read, cache write for 5 minutes, cache write for an hour).

    `entered` and `output` are the record's own, None where it has none.
    """
    entered = entered or _NOTHING_ENTERED
    read, write = entered.cacheReadInputTokenCount, entered.cacheWriteInputTokenCount
    tokens_in = told.input if entered.inputTokenCount is None else entered.inputTokenCount
    read = told.cache_read if read is None else read
    write = told.cache_write if write is None else write
    output = told.output if output is None else output
    cached = read + write
    if not cached:
        return tokens_in, output, 0, 0, 0
    # Some models count cached tokens as input too; the total gives it away (OpenAI's, see maximhq/bifrost#6942).
    if tokens_in >= cached and told.total == tokens_in + output:
        tokens_in -= cached
    hour = told.cache_write_1h if told.cache_write_1h < write else write
    return tokens_in, output, read, write - hour, hour
