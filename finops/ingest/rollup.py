"""Log records → counters per hour and dimension. Adding is all it does, so order and grouping never matter."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache, partial
from hashlib import blake2b
from typing import Any, NamedTuple, cast

from finops.ingest.latency import BUCKETS, EDGES_MS
from finops.ingest.modelref import resolve
from finops.ingest.principal import principal
from finops.ingest.tokens import CONTEXT_BANDS, UNTOLD, context_band, served, settle
from finops.ingest.wire import AnyRecord, Metadata

SUCCESS = "ok"
STANDARD = "standard"
_SAID_FOR_STANDARD = frozenset({"default", STANDARD, "auto"})
_NO_METADATA = Metadata()
_NOBODY = ("", "")
_AFTER_ALL, _BEFORE_ALL = datetime.max.replace(tzinfo=UTC), datetime.min.replace(tzinfo=UTC)
_FIRST_EDGE, _FIRST_BAND = CONTEXT_BANDS[0]  # nearly all
# What requests are told apart by, as the record says it; it is read as a dimension once they are summed.
_Names = tuple[
    int,  # UTC hour, counted from the year 1: `toordinal() * 24 + hour`, which is cheap to build for each record
    str,  # account
    str | None,  # region
    str,  # model
    tuple[str, str],  # caller, as of `principal`
    Metadata | None,
    str | None,  # tier
    str | None,  # latency class
    str,  # band of the whole prompt
    str | None,  # operation
    str | int | None,  # AWS's error code, empty for success
]


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
    latency_histogram: Sequence[int] = ()
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
            histogram = [*(self.latency_histogram or NO_LATENCIES)]
            for position in map(_bucket, latencies):
                histogram[position] += 1
            self.latency_histogram, self.untold = histogram, []


NO_LATENCIES = (0,) * BUCKETS
_bucket = partial(bisect_left, EDGES_MS)  # `latency.bucket` without a call of Python's for each record
Facts = dict[tuple[datetime, Dimension], Counters]


class Rollup:
    """Counters by hour and dimension, filled record by record."""

    def __init__(self) -> None:
        self._sums: dict[_Names, Counters] = {}

    @property
    def requests(self) -> int:
        """How many are counted."""
        return sum(counters.requests for counters in self._sums.values())

    def count(self, records: Iterable[AnyRecord]) -> tuple[datetime, datetime] | None:
        """Add requests, whose times are in UTC. Returns the earliest and the latest of these, None without any."""
        all_sums, first, last = self._sums, _AFTER_ALL, _BEFORE_ALL
        words: dict[Any, Any] = {}  # one of each is kept: half of the memory
        get, same = all_sums.get, words.setdefault
        for record in records:
            at, output, identity = record.timestamp, record.output, record.identity
            written, body = (None, None) if output is None else (output.outputTokenCount, output.outputBodyJson)
            tokens_in, written, read, write_5m, write_1h = settle(record.input, written, body)
            latency_ms, tier, latency_class = UNTOLD if body is None else served(body)
            if latency_class is None and record.performanceConfig is not None:
                latency_class = record.performanceConfig.latency
            prompt = tokens_in + read + write_5m + write_1h
            names = (
                at.toordinal() * 24 + at.hour, record.accountId, record.region, record.modelId,
                _NOBODY if identity is None else principal(identity.arn), record.requestMetadata, tier, latency_class,
                _FIRST_BAND if prompt <= _FIRST_EDGE else context_band(prompt), record.operation, record.errorCode,
            )  # fmt: skip
            sums = get(names)
            if sums is None:
                sums = all_sums[cast("_Names", tuple(same(one, one) for one in names))] = Counters()
            sums.requests += 1
            sums.input += tokens_in
            sums.output += written
            if read or write_5m or write_1h:
                sums.cache_read += read
                sums.cache_write_5m += write_5m
                sums.cache_write_1h += write_1h
            if latency_ms is not None:
                sums.untold.append(latency_ms)
            if at < first:
                first = at
            if at > last:
                last = at
        return (first, last) if first <= last else None

    def add(self, other: "Rollup") -> None:
        """Add what another one counted; `other` stays as it is."""
        mine = self._sums
        for names, counters in other._sums.items():
            sums = mine.get(names)
            if sums is None:
                sums = mine[names] = Counters()
            sums.add(counters)

    def facts(self) -> Facts:
        """The counters by UTC hour and dimension."""
        facts: Facts = {}
        for names, counters in self._sums.items():
            counters.tell()
            key = _moment(names[0]), _spell_out(names[1:])
            if names[-1]:
                counters.errors = counters.requests
            if key in facts:  # two names that come down to one are rare
                counters = counters.plus(facts[key])
            facts[key] = counters
        return facts

    def months(self) -> set[datetime]:
        """The UTC months of the usage, by their first moment."""
        return {_moment(hour).replace(day=1, hour=0) for hour in {names[0] for names in self._sums}}


@lru_cache(maxsize=4096)
def _moment(hour: int) -> datetime:
    return datetime.fromordinal(hour // 24).replace(hour=hour % 24, tzinfo=UTC)


@lru_cache(maxsize=16384)
def _spell_out(names: tuple[Any, ...]) -> Dimension:
    account, region, reference, (name, session), metadata, tier, latency_class, band, operation, error = names
    model, metadata = resolve(reference), metadata or _NO_METADATA
    values = (
        account, region or "", model.scope, reference, model.model_id, model.profile_arn, name, session,
        metadata.use_case, metadata.tenant, metadata.app, metadata.env, metadata.prompt, metadata.prompt_version,
        _tier(tier, latency_class), band, operation or "", str(error or SUCCESS),
    )  # fmt: skip
    return Dimension(*map(_plain, values))


def _tier(tier: str | None, latency_class: str | None) -> str:
    """The tier that served the request; one that we do not know is kept as AWS wrote it."""
    if tier and tier not in _SAID_FOR_STANDARD:
        return tier
    return "latency-optimized" if latency_class == "optimized" else STANDARD


def _plain(value: str) -> str:
    """Text that a database column takes and that cannot pass for two: callers may write control characters."""
    return value if value.isprintable() else "".join(c if c.isprintable() else "\ufffd" for c in value)
