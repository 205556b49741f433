"""The shapes of a log record, as far as usage goes: what stands in no field here is skipped by the parser, never built.

Record format 1.0: docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html. Bodies are the answers
of four operations: Converse and ConverseStream log one object (bedrock-runtime API reference, ConverseResponse),
InvokeModel logs the model's native object, InvokeModelWithResponseStream the list of its chunks. Numbers are tokens
and milliseconds.
"""

from datetime import datetime
from typing import Annotated, ClassVar

from msgspec import Meta, Struct, field
from msgspec.json import Decoder

Count = Annotated[int, Meta(ge=0, le=2**53)]
Reference = Annotated[str, Meta(max_length=512)]  # longer ones would not fit an index, and no ARN is
Text = Annotated[str, Meta(max_length=256)]
Region = Annotated[str, Meta(max_length=32)]
Moment = Annotated[datetime, Meta(tz=True)]


class CacheDetail(Struct, gc=False):
    """One entry of Converse's `cacheDetails`: tokens written to the cache at one time to live."""

    ttl: str | None = None
    inputTokens: Count = 0


class CacheCreation(Struct, gc=False):
    """Anthropic's split of cache writes by time to live."""

    ephemeral_1h_input_tokens: Count | None = None


class PromptDetails(Struct, gc=False):
    """OpenAI's part of `prompt_tokens` that came from the cache."""

    cached_tokens: Count | None = None


class Usage(Struct, gc=False):
    """Tokens as Converse, Nova, Anthropic and OpenAI models name them, in that order."""

    inputTokens: Count | None = None
    outputTokens: Count | None = None
    totalTokens: Count | None = None
    cacheReadInputTokens: Count | None = None
    cacheWriteInputTokens: Count | None = None
    cacheDetails: list[CacheDetail] | None = None
    cacheReadInputTokenCount: Count | None = None
    cacheWriteInputTokenCount: Count | None = None
    input_tokens: Count | None = None
    output_tokens: Count | None = None
    cache_read_input_tokens: Count | None = None
    cache_creation_input_tokens: Count | None = None
    cache_creation: CacheCreation | None = None
    service_tier: Text | None = None
    prompt_tokens: Count | None = None
    completion_tokens: Count | None = None
    total_tokens: Count | None = None
    prompt_tokens_details: PromptDetails | None = None


class InvocationMetrics(Struct, gc=False):
    """What Bedrock adds to the last chunk of a native stream."""

    inputTokenCount: Count | None = None
    outputTokenCount: Count | None = None
    cacheReadInputTokenCount: Count | None = None
    cacheWriteInputTokenCount: Count | None = None
    invocationLatency: Count | None = None


class Metrics(Struct, gc=False):
    """Converse's timing."""

    latencyMs: Count | None = None


class ServiceTier(Struct, gc=False):
    """The tier that served the request: priority, default, flex or reserved."""

    type: Text | None = None


class PerformanceConfig(Struct, gc=False):
    """standard or optimized."""

    latency: Text | None = None


class Wrapped(Struct, gc=False):
    """Anthropic's `message` in a `message_start` chunk, and the `metadata` chunk of Nova's stream."""

    usage: Usage | None = None


class Part(Struct, gc=False):
    """An answer's body or one chunk of it."""

    usage: Usage | None = None
    metrics: Metrics | None = None
    message: Wrapped | None = None
    metadata: Wrapped | None = None
    invocation: InvocationMetrics | None = field(name="amazon-bedrock-invocationMetrics", default=None)
    serviceTier: ServiceTier | None = None
    service_tier: Text | None = None
    performanceConfig: PerformanceConfig | None = None


class Metadata(Struct, gc=False, frozen=True):
    """The request metadata that may be kept. A caller writes it, so every other key is dropped unread."""

    use_case: Text = ""
    tenant: Text = ""
    app: Text = ""
    env: Text = ""
    prompt: Text = ""
    prompt_version: Text = ""


class Identity(Struct, gc=False):
    """The caller."""

    arn: Reference = ""


class Input(Struct, gc=False):
    """The tokens that went in; the body is left where it is."""

    inputTokenCount: Count | None = None
    cacheReadInputTokenCount: Count | None = None
    cacheWriteInputTokenCount: Count | None = None


class Output(Struct, gc=False):
    """The tokens that came out."""

    outputBodyJson: ClassVar[None] = None  # left where it is
    outputTokenCount: Count | None = None


class OutputWithBody(Struct, gc=False):
    """The tokens that came out, with the usage that only the body tells."""

    outputTokenCount: Count | None = None
    outputBodyJson: Part | list[Part] | None = None


class Envelope(Struct, gc=False):
    """A record without its bodies."""

    timestamp: Moment
    accountId: Annotated[str, Meta(min_length=12, max_length=12)]  # a pattern would cost a seventh of the decoding
    modelId: Annotated[str, Meta(min_length=1, max_length=512)]
    region: Region | None = None
    requestId: Text | None = None
    operation: Text | None = None
    identity: Identity | None = None
    errorCode: Text | int | None = None
    performanceConfig: PerformanceConfig | None = None
    input: Input | None = None
    schemaType: Text = "ModelInvocationLog"


class Record(Envelope, gc=False):
    """A record as it should be."""

    requestMetadata: Metadata | None = None
    output: OutputWithBody | None = None


class OddRecord(Envelope, gc=False):
    """A record whose answer or metadata has a shape that nobody described: its counts still count."""

    requestMetadata: ClassVar[None] = None
    output: Output | None = None


AnyRecord = Record | OddRecord
read_record = Decoder(Record).decode
read_odd_record = Decoder(OddRecord).decode
