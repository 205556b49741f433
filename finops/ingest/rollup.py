"""Usage records → counters per hour and dimension. Adding is all it does, so order and grouping never matter."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple

from finops.ingest.latency import BUCKETS, bucket
from finops.ingest.modelref import resolve
from finops.ingest.records import Names, UsageRecord
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


@lru_cache(maxsize=16384)
def dimension_id(dimension: Dimension) -> int:
    """The dimension's 64-bit BLAKE2b as a signed bigint, equal on every machine."""
    digest = blake2b("\x1f".join(dimension).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


@dataclass(slots=True)
class Counters:
    """What adds up. Tokens by price class; latency in ms over the `latency_n` requests that told it.

    latency_histogram: counts by `latency.EDGES_MS`, empty while no latency is known. untold: latencies that the three
    above do not hold yet, as sorting many at once into buckets is quicker.
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
    untold: list[int] = field(default_factory=list)

    def add(self, other: "Counters") -> None:
        """Add another sum to this one."""
        self.requests += other.requests
        self.errors += other.errors
        self.input += other.input
        self.output += other.output
        self.cache_read += other.cache_read
        self.cache_write_5m += other.cache_write_5m
        self.cache_write_1h += other.cache_write_1h
        self.untold += other.untold
        if other.latency_histogram:
            self.latency_ms += other.latency_ms
            self.latency_n += other.latency_n
            mine = self.latency_histogram or NO_LATENCIES
            self.latency_histogram = [a + b for a, b in zip(mine, other.latency_histogram, strict=True)]

    def plus(self, other: "Counters") -> "Counters":
        """The sum of both, which stay as they are."""
        both = Counters()
        both.add(self)
        both.add(other)
        return both

    def tell(self) -> None:
        """Leave no latency untold."""
        latencies = self.untold
        if latencies:
            self.latency_ms += sum(latencies)
            self.latency_n += len(latencies)
            histogram = self.latency_histogram = [*(self.latency_histogram or NO_LATENCIES)]
            for position in map(bucket, latencies):
                histogram[position] += 1
            self.untold = []


NO_LATENCIES = (0,) * BUCKETS
Facts = dict[tuple[datetime, Dimension], Counters]
KEPT_LATENCIES = 10_000  # before they are told; bounds the memory of an object


class Rollup:
    """Counters by hour and dimension, filled record by record."""

    def __init__(self) -> None:
        self._sums: dict[Names, Counters] = {}
        self._kept = 0

    def count(self, record: UsageRecord) -> None:
        """Add one request."""
        names, tokens = record.names, record.tokens
        sums = self._sums.get(names)
        if sums is None:
            sums = self._sums[names] = Counters()
        sums.requests += 1
        sums.input += tokens[0]
        sums.output += tokens[1]
        if tokens[2] or tokens[3] or tokens[4]:
            sums.cache_read += tokens[2]
            sums.cache_write_5m += tokens[3]
            sums.cache_write_1h += tokens[4]
        if record.latency_ms is not None:
            sums.untold.append(record.latency_ms)
            self._kept += 1
            if self._kept > KEPT_LATENCIES:
                self._tell()

    def add(self, other: "Rollup") -> None:
        """Add what another one counted; `other` stays as it is."""
        mine = self._sums
        for names, counters in other._sums.items():
            sums = mine.get(names)
            if sums is None:
                sums = mine[names] = Counters()
            sums.add(counters)
        self._kept += other._kept

    def facts(self) -> Facts:
        """The counters by UTC hour and dimension."""
        self._tell()
        facts: Facts = {}
        for names, counters in self._sums.items():
            key = _moment(names.hour), _spell_out(names[1:])
            if names.error:
                counters.errors = counters.requests
            if key in facts:  # two names that come down to one are rare
                counters = counters.plus(facts[key])
            facts[key] = counters
        return facts

    def months(self) -> set[datetime]:
        """The UTC months of the usage, by their first moment."""
        return {_moment(hour).replace(day=1, hour=0) for hour in {names.hour for names in self._sums}}

    def _tell(self) -> None:
        for counters in self._sums.values():
            counters.tell()
        self._kept = 0


@lru_cache(maxsize=4096)
def _moment(hour: int) -> datetime:
    return datetime.fromordinal(hour // 24).replace(hour=hour % 24, tzinfo=UTC)


@lru_cache(maxsize=16384)
def _spell_out(names: tuple[Any, ...]) -> Dimension:
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
