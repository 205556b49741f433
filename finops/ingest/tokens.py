"""Which of the counts in a record are the truth, and how they split.

The record's own counts win; the body fills what they leave open: the share of cache writes that lives one hour, the
tier that served, the latency. Total input is input + cache read + cache write, which do not overlap.
"""

from collections.abc import Sequence

from msgspec import Struct

from finops.ingest.wire import Input, InvocationMetrics, Part, Usage

_NOTHING_ENTERED = Input()
# By price class, which do not overlap: input, output, cache read, cache write for 5 minutes, cache write for an hour.
Tokens = tuple[int, int, int, int, int]
# Latency in ms, the tier that served, the latency class; None where untold.
Served = tuple[int | None, str | None, str | None]
UNTOLD: Served = (None, None, None)


# Prompts above an edge are charged at another rate as a whole by some models, so sums could not be priced later.
CONTEXT_BANDS = ((100_000, "<=100k"), (200_000, "<=200k"), (272_000, "<=272k"))
LONGEST_BAND = ">272k"


def context_band(prompt_tokens: int) -> str:
    """The band of the whole prompt, cached tokens included."""
    for edge, band in CONTEXT_BANDS:
        if prompt_tokens <= edge:
            return band
    return LONGEST_BAND


class Told(Struct, gc=False):
    """The counts that a body tells. A stream repeats them as running totals: the largest of each is the final one."""

    input: int = 0
    output: int = 0
    total: int = 0
    cache_read: int = 0
    cache_write: int = 0
    cache_write_1h: int = 0

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


def _told_by(body: Part | list[Part] | None) -> Told:
    """Everything that an answer's body says about usage; nothing said is all zeros and None."""
    told = Told()
    for part in _parts(body):
        if part.usage is not None:
            _hear_usage(told, part.usage)
        wrapped = part.message or part.metadata
        if wrapped is not None and wrapped.usage is not None:
            _hear_usage(told, wrapped.usage)
        if part.invocation is not None:
            _hear_invocation(told, part.invocation)
    return told


def served(body: Part | list[Part] | None) -> Served:
    """What an answer's body says about how it was served."""
    if type(body) is Part and body.metrics is not None and body.serviceTier is not None and body.invocation is None:
        paced = body.performanceConfig  # Converse's answer: nothing else in it has a say
        return body.metrics.latencyMs, body.serviceTier.type, None if paced is None else paced.latency
    latency_ms = tier = latency_class = None
    for part in _parts(body):
        if part.usage is not None and part.usage.service_tier is not None:
            tier = part.usage.service_tier
        wrapped = part.message or part.metadata
        if wrapped is not None and wrapped.usage is not None and wrapped.usage.service_tier is not None:
            tier = wrapped.usage.service_tier
        if part.metrics is not None:
            latency_ms = part.metrics.latencyMs
        if part.invocation is not None and latency_ms is None:
            latency_ms = part.invocation.invocationLatency
        if part.serviceTier is not None:
            tier = part.serviceTier.type
        elif part.service_tier is not None:
            tier = part.service_tier
        if part.performanceConfig is not None:
            latency_class = part.performanceConfig.latency
    return latency_ms, tier, latency_class


def _parts(body: Part | list[Part] | None) -> Sequence[Part]:
    if type(body) is Part:
        return (body,)
    return body or ()  # type: ignore[return-value]  # mypy takes no type(…) is … for a proof that it is no Part


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


def settle(entered: Input | None, output: int | None, body: Part | list[Part] | None) -> Tokens:
    """Decide the counts; `entered` and `output` are the record's own counts, None where it has none."""
    if entered is not None and output is not None and entered.cacheWriteInputTokenCount == 0:
        tokens_in, read = entered.inputTokenCount, entered.cacheReadInputTokenCount
        if tokens_in is not None and read is not None and (read == 0 or tokens_in < read):
            return tokens_in, output, read, 0, 0  # most records: no body could change these
    return _weigh(entered or _NOTHING_ENTERED, output, _told_by(body))


def _weigh(entered: Input, output: int | None, told: Told) -> Tokens:
    read, write = entered.cacheReadInputTokenCount, entered.cacheWriteInputTokenCount
    tokens_in = told.input if entered.inputTokenCount is None else entered.inputTokenCount
    read = told.cache_read if read is None else read
    write = told.cache_write if write is None else write
    output = told.output if output is None else output
    cached = read + write
    # Some models count cached tokens as input too; the total gives it away (OpenAI's, see maximhq/bifrost#6942).
    if cached and tokens_in >= cached and told.total == tokens_in + output:
        tokens_in -= cached
    hour = told.cache_write_1h if told.cache_write_1h < write else write
    return tokens_in, output, read, write - hour, hour
