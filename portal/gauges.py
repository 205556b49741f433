"""What /metrics tells of the whole, read from the database in a fixed number of queries.

None of them may grow with history: each walks an index over what is open, or takes the newest.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Sum
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from finops.reports.ages import KIND as LOGS
from governance.reports import audit_state
from hub.models import AccountRegion, ServiceHealth
from portal.jobs import reports, sync_ages
from portal.jobs.models import Job
from portal.lib import clock

# What is over is of no interest here, and there is much of it.
OPEN_STATES = (Job.State.PENDING, Job.State.CLAIMED, Job.State.DEAD)


@dataclass(frozen=True, eq=False)
class Snapshot(Collector):
    """Metrics that were read already, as prometheus_client wants to be asked for them."""

    families: list[Metric]

    def collect(self) -> list[Metric]:
        """The metrics."""
        return self.families


def collect() -> list[Metric]:
    """Read everything. Raises django.db.Error."""
    return [*_jobs(), *_syncs(), *_aws(), *_audit()]


def _jobs() -> Iterator[Metric]:
    found = dict(Job.objects.filter(state__in=OPEN_STATES).order_by().values_list("state").annotate(Count("pk")))
    by_state = GaugeMetricFamily("atrium_jobs", "Jobs that wait, run or failed for good, by state.", labels=["state"])
    for state in OPEN_STATES:
        by_state.add_metric([state.value], found.get(state.value, 0))
    yield by_state
    yield _gauge("jobs_oldest_due_seconds", "How long the oldest job that is due has waited to begin; 0 if none waits.",
                 reports.longest_wait().total_seconds())  # fmt: skip
    yield _gauge("jobs_unsent", "Jobs that are due and were not given to the broker yet.",
                 reports.waiting().filter(sent_at=None).count())  # fmt: skip
    canary = reports.canary_age()
    yield _gauge("canary_age_seconds", "How long ago a job last went the whole way; no value before the first.",
                 canary.total_seconds() if canary else None)  # fmt: skip


def _syncs() -> Iterator[Metric]:
    """Places that Atrium was told to leave keep their last run for ever: they have no age any more."""
    known = AccountRegion.objects.values_list("account__number", "region", "logging_bucket")
    logging = {f"{number}/{region}" for number, region, bucket in known if bucket}
    scopes = {f"{number}/{region}" for number, region, _ in known} | {number for number, _, _ in known}
    places = [place for place in sync_ages.places() if place.scope in scopes]
    brought: dict[str, list[datetime | None]] = defaultdict(list)
    for place in places:
        brought[place.kind].append(place.brought_at)
    yield from _ages(brought)
    read = {place.scope: place.done_at for place in places if place.kind == LOGS and place.done_at}
    lags = [(clock.now() - read[scope]).total_seconds() for scope in logging if scope in read]
    yield _gauge("ingest_lag_seconds", "How long ago the invocation logs of the place that lags most were read to the "
                 "end; no value if those of none ever were.", max(lags, default=None))  # fmt: skip
    yield _gauge("ingest_places_unread", "Places that log to a bucket which was never read to its end.",
                 len(logging - read.keys()))  # fmt: skip


def _ages(brought: dict[str, list[datetime | None]]) -> Iterator[Metric]:
    """For each kind the age of its oldest data, and how many places never gave any."""
    age = GaugeMetricFamily("atrium_sync_age_seconds", "Age of the oldest data of any place, by kind.", labels=["kind"])
    empty = GaugeMetricFamily(
        "atrium_sync_places_without_data", "Places whose syncs never brought data, by kind.", labels=["kind"]
    )
    for kind, ends in sorted(brought.items()):
        had = [end for end in ends if end]
        if had:
            age.add_metric([kind], (clock.now() - min(had)).total_seconds())
        empty.add_metric([kind], len(ends) - len(had))
    yield from (age, empty)


def _aws() -> Iterator[Metric]:
    """By service over all accounts: with the accounts as labels the series would grow with the estate."""
    kept = ServiceHealth.objects.order_by("service").values("service")
    rows = kept.annotate(
        all_calls=Sum("calls"),
        failed=Sum("failures"),
        slowed=Sum("throttled"),
        alone_in=Count("account_number", distinct=True, filter=ServiceHealth.left_alone()),
    )
    label = ["service"]
    calls = CounterMetricFamily("atrium_aws_calls", "Calls to AWS that ended, by service.", labels=label)
    errors = CounterMetricFamily("atrium_aws_errors", "Calls that failed in spite of their retries.", labels=label)
    throttled = CounterMetricFamily("atrium_aws_throttled", "Those of the errors that were throttled.", labels=label)
    alone = GaugeMetricFamily("atrium_aws_left_alone", "Accounts in which a service is left alone.", labels=label)
    for row in rows:
        name = [row["service"]]
        calls.add_metric(name, row["all_calls"])
        errors.add_metric(name, row["failed"])
        throttled.add_metric(name, row["slowed"])
        alone.add_metric(name, row["alone_in"])
    yield from (calls, errors, throttled, alone)


def _audit() -> Iterator[Metric]:
    trail, now = audit_state.current(), clock.wall()
    anchored = (now - trail.anchored_at).total_seconds() if trail.anchored_at else None
    waits = (now - trail.waiting_since).total_seconds() if trail.waiting_since else 0
    yield _gauge(
        "audit_bucket_set", "Whether a bucket is named in which the trail is anchored.", int(bool(trail.place))
    )
    yield _gauge("audit_anchor_age_seconds", "Age of the last anchor; no value before the first. It ages while nothing "
                 "happens, too.", anchored)  # fmt: skip
    yield _gauge("audit_unanchored_seconds", "Age of the oldest event that no anchor vouches for; 0 if all are.", waits)


def _gauge(name: str, meaning: str, value: float | None) -> Metric:
    """A single value; None leaves it out, which an alarm sees by `absent`."""
    family = GaugeMetricFamily(f"atrium_{name}", meaning)
    if value is not None:
        family.add_metric([], value)
    return family
