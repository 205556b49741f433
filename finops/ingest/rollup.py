"""Usage records → counters per hour and dimension. Adding is all it does, so order and grouping never matter."""

from copy import copy
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from msgspec import Struct, field

from finops.ingest.latency import BUCKETS, bucket
from finops.ingest.modelref import resolve
from finops.ingest.principal import principal
from finops.ingest.records import UsageRecord
from finops.ingest.wire import Metadata

# Prompts above an edge are charged at another rate as a whole by some models, so sums could not be priced later.
CONTEXT_BANDS = ((100_000, "<=100k"), (200_000, "<=200k"), (272_000, "<=272k"))
LONGEST_BAND = ">272k"
SUCCESS = "ok"
_NO_METADATA = Metadata()


class Dimension(NamedTuple):
    """What a request is counted under: raw facts of the log, never whose money it was. "" is "not told"."""

    account: str
    region: str
    scope: str
    model_ref: str
    model_id: str
    profile_arn: str
    principal: str
    session: str
    use_case: str
    tenant: str
    app: str
    env: str
    prompt: str
    prompt_version: str
    tier: str
    context_band: str
    operation: str
    status: str


def dimension_id(dimension: Dimension) -> int:
    """The dimension's 64-bit BLAKE2b as a signed bigint, equal on every machine."""
    digest = blake2b("\x1f".join(dimension).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


class Counters(Struct):
    """What adds up. Tokens by price class; latency in ms over the `latency_n` requests that told it.

    latency_histogram: counts by `latency.EDGES_MS`, empty while no latency is known.
    """

    requests: int = 0
    errors: int = 0
    input: int = 0
    output: int = 0
    cache_read: int = 0
    cache_write_5m: int = 0
    cache_write_1h: int = 0
    latency_ms: int = 0
    latency_n: int = 0
    latency_histogram: list[int] = field(default_factory=list)

    def count(self, record: UsageRecord) -> None:
        """Add one request."""
        self.requests += 1
        tokens_in, output, read, write_5m, write_1h = record.tokens
        self.input += tokens_in
        self.output += output
        if read or write_5m or write_1h:
            self.cache_read += read
            self.cache_write_5m += write_5m
            self.cache_write_1h += write_1h
        if record.error:
            self.errors += 1
        if record.latency_ms is not None:
            self.latency_ms += record.latency_ms
            self.latency_n += 1
            if not self.latency_histogram:
                self.latency_histogram = [0] * BUCKETS
            self.latency_histogram[bucket(record.latency_ms)] += 1

    def add(self, other: "Counters") -> None:
        """Add another sum to this one."""
        self.requests += other.requests
        self.errors += other.errors
        self.input += other.input
        self.output += other.output
        self.cache_read += other.cache_read
        self.cache_write_5m += other.cache_write_5m
        self.cache_write_1h += other.cache_write_1h
        self.latency_ms += other.latency_ms
        self.latency_n += other.latency_n
        if other.latency_histogram:
            mine = self.latency_histogram or [0] * BUCKETS
            self.latency_histogram = [a + b for a, b in zip(mine, other.latency_histogram, strict=True)]


Facts = dict[tuple[datetime, Dimension], Counters]
# A group is cheap to build for each record and spelled out once: the hour since year 1, then its names (account,
# region, model, (principal, session), metadata, tier, band, operation, error).
_Names = tuple[str, str, str, tuple[str, str], Metadata | None, str, str, str, str]
_Group = tuple[int, str, str, str, tuple[str, str], Metadata | None, str, str, str, str]


class Rollup:
    """Counters by hour and dimension, filled record by record."""

    def __init__(self) -> None:
        self._groups: dict[_Group, Counters] = {}

    def count(self, record: UsageRecord) -> None:
        """Add one request."""
        at = record.at
        tokens_in, _, read, write_5m, write_1h = record.tokens
        group = (
            at.toordinal() * 24 + at.hour,
            record.account,
            record.region,
            record.model_ref,
            principal(record.identity),
            record.metadata,
            record.tier,
            context_band(tokens_in + read + write_5m + write_1h),
            record.operation,
            record.error,
        )
        counters = self._groups.get(group)
        if counters is None:
            counters = self._groups[group] = Counters()
        counters.count(record)

    def facts(self) -> Facts:
        """The counters by UTC hour and dimension."""
        facts: Facts = {}
        for group, counters in self._groups.items():
            hour = datetime.fromordinal(group[0] // 24).replace(hour=group[0] % 24, tzinfo=UTC)
            key = hour, _spell_out(group[1:])
            if key in facts:
                facts[key].add(counters)
            else:
                facts[key] = counters
        return facts


def merge(into: Facts, facts: Facts) -> None:
    """Add `facts` to `into`; `facts` stays as it is."""
    for key, counters in facts.items():
        present = into.get(key)
        if present is None:
            into[key] = copy(counters)
        else:
            present.add(counters)


def context_band(prompt_tokens: int) -> str:
    """The band of the whole prompt, cached tokens included."""
    if prompt_tokens <= CONTEXT_BANDS[0][0]:  # nearly all
        return CONTEXT_BANDS[0][1]
    for edge, band in CONTEXT_BANDS:
        if prompt_tokens <= edge:
            return band
    return LONGEST_BAND


@lru_cache(maxsize=65536)
def _spell_out(names: _Names) -> Dimension:
    account, region, reference, (name, session), metadata, tier, band, operation, error = names
    model, metadata = resolve(reference), metadata or _NO_METADATA
    values = (
        account, region, model.scope, reference, model.model_id, model.profile_arn, name, session,
        metadata.use_case, metadata.tenant, metadata.app, metadata.env, metadata.prompt, metadata.prompt_version,
        tier, band, operation, error or SUCCESS,
    )  # fmt: skip
    return Dimension(*map(_plain, values))


def _plain(value: str) -> str:
    """Text that a database column takes and that cannot pass for two: callers may write control characters."""
    return value if value.isprintable() else "".join(c if c.isprintable() else "\ufffd" for c in value)
