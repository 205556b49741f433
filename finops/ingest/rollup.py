"""Usage records → counters per hour and dimension. Adding is all it does, so order and grouping never matter."""

from collections.abc import Sequence
from copy import copy
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from msgspec import Struct, field

from finops.ingest.latency import BUCKETS, bucket
from finops.ingest.modelref import resolve
from finops.ingest.records import Names, UsageRecord
from finops.ingest.tokens import Tokens
from finops.ingest.wire import Metadata

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

    def count(self, tokens: Sequence[Tokens], latencies: Sequence[int]) -> None:
        """Add requests, at least one: the tokens of each, and the latencies of those that tell theirs."""
        inputs, outputs, reads, writes_5m, writes_1h = zip(*tokens, strict=True)
        self.requests += len(tokens)
        self.input += sum(inputs)
        self.output += sum(outputs)
        self.cache_read += sum(reads)
        self.cache_write_5m += sum(writes_5m)
        self.cache_write_1h += sum(writes_1h)
        if latencies:
            self.latency_ms += sum(latencies)
            self.latency_n += len(latencies)
            histogram = self.latency_histogram = [*self.latency_histogram] or [0] * BUCKETS
            for latency in latencies:
                histogram[bucket(latency)] += 1

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
_Group = tuple[int, Names]  # the hour since year 1; cheap to build for each record, and spelled out once
_Calls = tuple[list[Tokens], list[int]]  # of the requests of a group; latencies of those that tell theirs
KEPT_CALLS = 10_000  # wait to be added up, which is quicker for many at once; bounds the memory of an object


class Rollup:
    """Counters by hour and dimension, filled record by record."""

    def __init__(self) -> None:
        self._calls: dict[_Group, _Calls] = {}
        self._sums: dict[_Group, Counters] = {}
        self._kept = 0

    def count(self, record: UsageRecord) -> None:
        """Add one request."""
        at = record.at
        group = at.toordinal() * 24 + at.hour, record.names
        calls = self._calls.get(group)
        if calls is None:
            calls = self._calls[group] = ([], [])
        calls[0].append(record.tokens)
        if record.latency_ms is not None:
            calls[1].append(record.latency_ms)
        self._kept += 1
        if self._kept > KEPT_CALLS:
            self._add_up()

    def add(self, other: "Rollup") -> None:
        """Add what another one counted; `other` stays as it is."""
        for group, calls in other._calls.items():
            present = self._calls.get(group)
            if present is None:
                self._calls[group] = calls[0].copy(), calls[1].copy()
            else:
                present[0].extend(calls[0])
                present[1].extend(calls[1])
        for group, counters in other._sums.items():
            self._sums.setdefault(group, Counters()).add(counters)
        self._kept += other._kept

    def facts(self) -> Facts:
        """The counters by UTC hour and dimension."""
        self._add_up()
        facts: Facts = {}
        for group, counters in self._sums.items():
            hour = datetime.fromordinal(group[0] // 24).replace(hour=group[0] % 24, tzinfo=UTC)
            key = hour, _spell_out(group[1])
            if key in facts:  # two names that come down to one are rare
                facts[key].add(counters)
            else:
                facts[key] = copy(counters)
        return facts

    def months(self) -> set[datetime]:
        """The UTC months of the usage, by their first moment."""
        hours = {group[0] for groups in (self._calls, self._sums) for group in groups}
        return {datetime.fromordinal(hour // 24).replace(day=1, tzinfo=UTC) for hour in hours}

    def _add_up(self) -> None:
        for group, (tokens, latencies) in self._calls.items():
            counters = self._sums.get(group)
            if counters is None:
                counters = self._sums[group] = Counters()
            counters.count(tokens, latencies)
            if group[1][-1]:
                counters.errors += len(tokens)
        self._calls.clear()
        self._kept = 0


@lru_cache(maxsize=65536)
def _spell_out(names: Names) -> Dimension:
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
