"""Usage facts: which log objects were read, and their sums per hour. Written by `finops.actions.ingest` alone."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class LogObject(models.Model):
    """The ledger: one row per object of records. It commits together with the counts, so an object counts once.

    `etag` tells versions of an object apart and `parser_version` the reading of it (`finops.ingest.records`). `hour` is
    the UTC hour of delivery that the key names. `records` were counted, `bad` lines were not.
    """

    class State(models.TextChoices):
        LOADED = "loaded", "Counted"
        FAILED = "failed", "Not readable yet"

    bucket = models.CharField(max_length=63)
    key = models.CharField(max_length=1024)
    etag = models.CharField(max_length=80)
    parser_version = models.PositiveIntegerField()
    account = models.CharField(max_length=12)
    region = models.CharField(max_length=32)
    hour = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State)
    records = models.BigIntegerField(default=0)
    bad = models.BigIntegerField(default=0)
    first_at = models.DateTimeField(null=True, blank=True)
    last_at = models.DateTimeField(null=True, blank=True)
    loaded_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=1)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ("-hour", "key")
        indexes: ClassVar = [models.Index(fields=["account", "region", "-hour"])]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["bucket", "key", "etag", "parser_version"], name="log_object_once"),
            # A changed object, or one read by a newer parser, replaces what was counted; it never adds to it.
            models.UniqueConstraint(
                fields=["bucket", "key"], condition=Q(state="loaded"), name="log_object_counts_once"
            ),
        ]

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.key}"


class BadLine(models.Model):
    """A line that is no record, by reference: `reason` quotes nothing of it. The first 200 of an object are kept."""

    object = models.ForeignKey(LogObject, on_delete=models.CASCADE, related_name="bad_lines")
    number = models.PositiveIntegerField()
    reason = models.CharField(max_length=200)

    class Meta:
        ordering = ("object", "number")
        constraints: ClassVar = [models.UniqueConstraint(fields=["object", "number"], name="bad_line_once")]

    def __str__(self) -> str:
        return f"{self.object}:{self.number}"


class UsageDim(models.Model):
    """What requests were counted under, as the log told it: `finops.ingest.rollup.Dimension`, `id` its hash.

    Never whose money it was: that is applied when costs are built. "" is "not told". Rows are only ever added.
    """

    id = models.BigIntegerField(primary_key=True)
    account = models.CharField(max_length=12)
    region = models.CharField(max_length=32)
    scope = models.CharField(max_length=16)
    model_ref = models.CharField(max_length=512)
    model_id = models.CharField(max_length=512, blank=True)
    profile_arn = models.CharField(max_length=512, blank=True)
    principal = models.CharField(max_length=512, blank=True)
    session = models.CharField(max_length=512, blank=True)
    use_case = models.CharField(max_length=256, blank=True)
    tenant = models.CharField(max_length=256, blank=True)
    app = models.CharField(max_length=256, blank=True)
    env = models.CharField(max_length=256, blank=True)
    prompt = models.CharField(max_length=256, blank=True)
    prompt_version = models.CharField(max_length=256, blank=True)
    tier = models.CharField(max_length=256)
    context_band = models.CharField(max_length=8)
    operation = models.CharField(max_length=256, blank=True)
    status = models.CharField(max_length=256)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["profile_arn"]), models.Index(fields=["principal"])]

    def __str__(self) -> str:
        return f"{self.model_ref} in {self.account}/{self.region} by {self.principal}"


class UsageHour(models.Model):
    """Counters of one UTC hour and dimension; partitioned by month of `hour`.

    Tokens by price class, which do not overlap. `latency_ms` is the sum over `latency_n` requests,
    `latency_histogram` their counts by `finops.ingest.latency.EDGES_MS`, empty where none is known.
    """

    pk = models.CompositePrimaryKey("hour", "dim_id")
    hour = models.DateTimeField()
    # The loader writes a dimension before its hours and nobody deletes one: a constraint would cost on each row.
    dim = models.ForeignKey(
        UsageDim, on_delete=models.PROTECT, related_name="hours", db_constraint=False, db_index=False
    )
    requests = models.BigIntegerField()
    errors = models.BigIntegerField()
    input = models.BigIntegerField()
    output = models.BigIntegerField()
    cache_read = models.BigIntegerField()
    cache_write_5m = models.BigIntegerField()
    cache_write_1h = models.BigIntegerField()
    latency_ms = models.BigIntegerField()
    latency_n = models.BigIntegerField()
    latency_histogram = ArrayField(models.BigIntegerField())

    class Meta:
        ordering = ("hour", "dim_id")

    def __str__(self) -> str:
        return f"{self.hour:%F %H}h {self.dim_id}"
