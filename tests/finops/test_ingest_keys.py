"""Which objects of a logging bucket are batches of records."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from finops.ingest.keys import day_prefix, hour_prefix, parse_key, region_prefix

HOUR = "AWSLogs/447100000212/BedrockModelInvocationLogs/eu-central-1/2026/10/05/07"


@pytest.mark.parametrize("prefix", ["", "bedrock/", "data/of/bedrock/"])
def test_a_batch_tells_account_region_and_hour(prefix):
    found = parse_key(f"{prefix}{HOUR}/20261005T071500123Z_0a1b2c3d4e5f6071.json.gz")
    assert found is not None
    assert (found.prefix, found.account, found.region) == (prefix, "447100000212", "eu-central-1")
    assert found.hour == datetime(2026, 10, 5, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    "key",
    [
        f"{HOUR}/data/5346af27-8f56-4fb8-a6de-058be7a50818_input.json.gz",
        f"{HOUR}/data/5346af27-8f56-4fb8-a6de-058be7a50818_output.json.gz",
        "AWSLogs/447100000212/BedrockModelInvocationLogs/amazon-bedrock-logs-permission-check",
        f"{HOUR}/amazon-bedrock-logs-permission-check",
        f"{HOUR}/20261005T071500123Z_0a1b.json",
        f"{HOUR}/20261005T071500123Z_0a1b.json.gz.tmp",
        "AWSLogs/447100000212/CloudTrail/eu-central-1/2026/10/05/x.json.gz",
        "AWSLogs/44710000021/BedrockModelInvocationLogs/eu-central-1/2026/10/05/07/x.json.gz",
        "AWSLogs/447100000212/BedrockModelInvocationLogs/eu-central-1/2026/02/31/07/x.json.gz",
        "AWSLogs/447100000212/BedrockModelInvocationLogs/eu-central-1/2026/10/05/24/x.json.gz",
        "",
    ],
)
def test_everything_else_is_passed_over(key):
    assert parse_key(key) is None


@pytest.mark.parametrize("prefix", ["", "bedrock", "bedrock/"])
def test_what_the_prefixes_lead_to_is_recognised(prefix):
    root = region_prefix(prefix, "447100000212", "eu-central-1")
    hour = hour_prefix(root, datetime(2026, 10, 5, 7, 59, tzinfo=UTC))
    assert hour.startswith(day_prefix(root, datetime(2026, 10, 5, 23, tzinfo=UTC)))
    assert parse_key(f"{hour}x.json.gz") is not None


def test_hours_are_utc_wherever_the_clock_stands():
    east = datetime(2026, 10, 6, 1, 30, tzinfo=timezone(timedelta(hours=2)))
    assert hour_prefix("", east) == "2026/10/05/23/"
    assert day_prefix("", east) == "2026/10/05/"
