"""The ledger of log objects and the hourly facts, partitioned by month."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

# Nothing lands in the default partition but months that nobody asked a partition for (a clock gone mad); asking for
# such a month later moves its rows. The application owns no table, so the function runs as the owner of the tables and
# can do this one thing.
PARTITIONED = """
    CREATE TABLE finops_usagehour (
        hour timestamptz NOT NULL,
        dim_id bigint NOT NULL,
        requests bigint NOT NULL,
        errors bigint NOT NULL,
        input bigint NOT NULL,
        output bigint NOT NULL,
        cache_read bigint NOT NULL,
        cache_write_5m bigint NOT NULL,
        cache_write_1h bigint NOT NULL,
        latency_ms bigint NOT NULL,
        latency_n bigint NOT NULL,
        latency_histogram bigint[] NOT NULL,
        PRIMARY KEY (hour, dim_id)
    ) PARTITION BY RANGE (hour);
    CREATE TABLE finops_usagehour_default PARTITION OF finops_usagehour DEFAULT;

    CREATE FUNCTION finops_usage_partition(moment timestamptz) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
        month timestamp := date_trunc('month', moment AT TIME ZONE 'UTC');
        first timestamptz := month AT TIME ZONE 'UTC';
        next timestamptz := (month + interval '1 month') AT TIME ZONE 'UTC';
        part text := 'finops_usagehour_' || to_char(month, 'YYYY_MM');
    BEGIN
        IF to_regclass(part) IS NOT NULL OR month < '2023-01-01' OR month >= '2100-01-01' THEN
            RETURN false;
        END IF;
        LOCK TABLE finops_usagehour IN SHARE UPDATE EXCLUSIVE MODE;
        IF to_regclass(part) IS NOT NULL THEN  -- made by another while we waited
            RETURN false;
        END IF;
        EXECUTE format('CREATE TABLE %I (LIKE finops_usagehour INCLUDING ALL)', part);
        EXECUTE format(
            'WITH moved AS (DELETE FROM finops_usagehour_default WHERE hour >= %L AND hour < %L RETURNING *)
             INSERT INTO %I SELECT * FROM moved', first, next, part);
        EXECUTE format(
            'ALTER TABLE finops_usagehour ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', part, first, next);
        RETURN true;
    END $$;

    CREATE FUNCTION finops_histogram_sum(a bigint[], b bigint[]) RETURNS bigint[] LANGUAGE sql IMMUTABLE
    SET search_path = pg_catalog AS $$
        SELECT CASE
            WHEN cardinality(a) = 0 THEN b
            WHEN cardinality(b) = 0 THEN a
            ELSE (SELECT array_agg(x + y ORDER BY place) FROM unnest(a, b) WITH ORDINALITY AS t(x, y, place))
        END
    $$;
"""
UNPARTITIONED = """
    DROP FUNCTION finops_histogram_sum(bigint[], bigint[]);
    DROP FUNCTION finops_usage_partition(timestamptz);
    DROP TABLE finops_usagehour;
"""


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="LogObject",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("bucket", models.CharField(max_length=63)),
                ("key", models.CharField(max_length=1024)),
                ("etag", models.CharField(max_length=80)),
                ("parser_version", models.PositiveIntegerField()),
                ("account", models.CharField(max_length=12)),
                ("region", models.CharField(max_length=32)),
                ("hour", models.DateTimeField()),
                (
                    "state",
                    models.CharField(choices=[("loaded", "Counted"), ("failed", "Not readable yet")], max_length=8),
                ),
                ("records", models.BigIntegerField(default=0)),
                ("bad", models.BigIntegerField(default=0)),
                ("first_at", models.DateTimeField(blank=True, null=True)),
                ("last_at", models.DateTimeField(blank=True, null=True)),
                ("loaded_at", models.DateTimeField(blank=True, null=True)),
                ("attempts", models.PositiveIntegerField(default=1)),
                ("error", models.TextField(blank=True)),
            ],
            options={
                "ordering": ("-hour", "key"),
                "indexes": [
                    models.Index(fields=["account", "region", "-hour"], name="finops_logo_account_844ddf_idx")
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("bucket", "key", "etag", "parser_version"), name="log_object_once"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "loaded")),
                        fields=("bucket", "key"),
                        name="log_object_counts_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BadLine",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("number", models.PositiveIntegerField()),
                ("reason", models.CharField(max_length=200)),
                (
                    "object",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="bad_lines", to="finops.logobject"
                    ),
                ),
            ],
            options={
                "ordering": ("object", "number"),
                "constraints": [models.UniqueConstraint(fields=("object", "number"), name="bad_line_once")],
            },
        ),
        migrations.CreateModel(
            name="UsageDim",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("account", models.CharField(max_length=12)),
                ("region", models.CharField(max_length=32)),
                ("scope", models.CharField(max_length=16)),
                ("model_ref", models.CharField(max_length=512)),
                ("model_id", models.CharField(blank=True, max_length=512)),
                ("profile_arn", models.CharField(blank=True, max_length=512)),
                ("principal", models.CharField(blank=True, max_length=512)),
                ("session", models.CharField(blank=True, max_length=512)),
                ("use_case", models.CharField(blank=True, max_length=256)),
                ("tenant", models.CharField(blank=True, max_length=256)),
                ("app", models.CharField(blank=True, max_length=256)),
                ("env", models.CharField(blank=True, max_length=256)),
                ("prompt", models.CharField(blank=True, max_length=256)),
                ("prompt_version", models.CharField(blank=True, max_length=256)),
                ("tier", models.CharField(max_length=256)),
                ("context_band", models.CharField(max_length=8)),
                ("operation", models.CharField(blank=True, max_length=256)),
                ("status", models.CharField(max_length=256)),
            ],
            options={
                "indexes": [
                    models.Index(fields=["profile_arn"], name="finops_usag_profile_382413_idx"),
                    models.Index(fields=["principal"], name="finops_usag_princip_34d94e_idx"),
                ],
            },
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(PARTITIONED, UNPARTITIONED)],
            state_operations=[
                migrations.CreateModel(
                    name="UsageHour",
                    fields=[
                        (
                            "pk",
                            models.CompositePrimaryKey(
                                "hour", "dim_id", blank=True, editable=False, primary_key=True, serialize=False
                            ),
                        ),
                        ("hour", models.DateTimeField()),
                        ("requests", models.BigIntegerField()),
                        ("errors", models.BigIntegerField()),
                        ("input", models.BigIntegerField()),
                        ("output", models.BigIntegerField()),
                        ("cache_read", models.BigIntegerField()),
                        ("cache_write_5m", models.BigIntegerField()),
                        ("cache_write_1h", models.BigIntegerField()),
                        ("latency_ms", models.BigIntegerField()),
                        ("latency_n", models.BigIntegerField()),
                        (
                            "latency_histogram",
                            django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None),
                        ),
                        (
                            "dim",
                            models.ForeignKey(
                                db_constraint=False,
                                db_index=False,
                                on_delete=django.db.models.deletion.PROTECT,
                                related_name="hours",
                                to="finops.usagedim",
                            ),
                        ),
                    ],
                    options={"ordering": ("hour", "dim_id")},
                )
            ],
        ),
    ]
