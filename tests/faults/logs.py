"""Invocation logs of a made-up account in the sandbox's buckets, and all that Atrium stores of them.

The same records can lie in the buckets of several accounts: what is stored of one must equal what is stored of another.
"""

import gzip
import json
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3

from finops.ingest.keys import hour_prefix, region_prefix
from finops.models import BadLine, LogObject, SpendDay, UsageHour
from hub.models import AccountRegion, AwsAccount
from tests.hub.conftest import an_account, install_stack

REGION, MODEL = "eu-central-1", "amazon.nova-pro-v1:0"
FIRST_HOUR = datetime(2026, 10, 5, 22, tzinfo=UTC)  # the records lie on two days
LINES = 6


def record(account: str, number: int, use_case: str) -> str:
    at = FIRST_HOUR + timedelta(hours=number % 4, seconds=number % 3000)
    return json.dumps(
        {
            "timestamp": f"{at:%Y-%m-%dT%H:%M:%SZ}", "accountId": account, "region": REGION,
            "requestId": f"request-{number}", "operation": "Converse", "modelId": MODEL,
            "identity": {"arn": f"arn:aws:sts::{account}:assumed-role/app-{number % 3}/fn"},
            "requestMetadata": {"use_case": use_case if number % 5 < 2 else ""},
            "input": {"inputTokenCount": number},
            "output": {"outputTokenCount": 10, "outputBodyJson": {"metrics": {"latencyMs": number % 900}}},
        }
    )  # fmt: skip


def contents(account: str, use_case: str, objects: int) -> Iterator[tuple[str, bytes]]:
    """(key, bytes) of every object; one is cut off and one has a line that is no record."""
    root = region_prefix("", account, REGION)
    for number in range(objects):
        hour = FIRST_HOUR + timedelta(hours=4 * number // objects)
        lines = [record(account, LINES * number + line, use_case) for line in range(LINES)]
        packed = gzip.compress("\n".join(lines + ["{torn"] * (number == objects // 7)).encode(), mtime=0)
        yield f"{hour_prefix(root, hour)}{number:05}.json.gz", packed[:-12] if number == objects // 7 + 1 else packed


def logging_place(url: str, number: str) -> AccountRegion:
    """An account of the sandbox at `url`, which trusts Atrium from now on, with a bucket of logs."""
    account = AwsAccount.objects.filter(number=number).first() or an_account(number, regions=[REGION])
    install_stack(url, account)
    bucket = f"atrium-bedrock-logs-{number}-{REGION}"
    # The catalogue's own schedule may have found the region meanwhile.
    known = {"logging_on": True, "logging_bucket": bucket}
    return AccountRegion.objects.update_or_create(account=account, region=REGION, defaults=known)[0]


def deliver(url: str, place: AccountRegion, contents: Iterable[tuple[str, bytes]]) -> None:
    """Put objects into the bucket, as the account's own administrator."""
    key_id = f"AKIASANDBOXWORK{place.account.number[-5:]}"
    keys = {"aws_access_key_id": key_id, "aws_secret_access_key": "sandbox"}
    s3, bucket = boto3.client("s3", REGION, endpoint_url=url, **keys), place.logging_bucket
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda one: s3.put_object(Bucket=bucket, Key=one[0], Body=one[1]), contents))


def found(account: str) -> dict[str, list[Any]]:
    """All that is stored of an account's usage in the hours of the records, as text with a neutral number."""
    end = FIRST_HOUR + timedelta(hours=4)
    ledger = LogObject.objects.filter(account=account, key__contains=f"/{FIRST_HOUR:%Y/%m}/")
    hours = UsageHour.objects.filter(dim__account=account, hour__lt=end).select_related("dim")
    spend = SpendDay.objects.filter(account=account, day__lte=end.date())
    known = {
        "ledger": ledger.values_list("key", "state", "records", "bad", "first_at", "last_at", "error"),
        "bad lines": BadLine.objects.filter(object__in=ledger).values_list("object__key", "number", "reason"),
        "hours": [_without(hour, "dim_id") | _without(hour.dim, "id") for hour in hours],
        "spend": [_without(day, "id") for day in spend],
    }
    return {what: sorted(str(row).replace(account, "ACCOUNT") for row in rows) for what, rows in known.items()}


def _without(row: Any, key: str) -> dict[str, Any]:
    return {name: value for name, value in vars(row).items() if name not in {"_state", key}}
