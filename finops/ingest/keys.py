"""Which S3 keys are batches of invocation records, and where the batches of an hour lie.

Bedrock writes `[prefix/]AWSLogs/<account>/BedrockModelInvocationLogs/<region>/YYYY/MM/DD/HH/<name>.json.gz`. Beside the
batches lie bodies that were too large for a record (`…/HH/data/<request>_input.json.gz`) and an empty
`amazon-bedrock-logs-permission-check`; neither is usage. Source: docs.aws.amazon.com/bedrock/latest/userguide/
model-invocation-logging.html.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime

_KEY = re.compile(
    r"(?P<prefix>.*?)AWSLogs/(?P<account>\d{12})/BedrockModelInvocationLogs/(?P<region>[a-z0-9-]+)/"
    r"(?P<hour>\d{4}/\d\d/\d\d/\d\d)/[^/]+\.json\.gz"  # one segment after the hour: bodies lie a folder deeper
)


@dataclass(frozen=True, slots=True)
class LogKey:
    """Where a batch says that it comes from; `hour` is the UTC hour of delivery, not of each record."""

    key: str
    prefix: str
    account: str
    region: str
    hour: datetime


def parse_key(key: str) -> LogKey | None:
    """The parts of a batch's key, or None for every other object of the bucket."""
    match = _KEY.fullmatch(key)
    if match is None:
        return None
    try:
        hour = datetime.strptime(match["hour"], "%Y/%m/%d/%H").replace(tzinfo=UTC)
    except ValueError:  # the 31st of February is no hour of ours
        return None
    return LogKey(key, match["prefix"], match["account"], match["region"], hour)


def region_prefix(prefix: str, account: str, region: str) -> str:
    """What all batches of one account and region start with; `prefix` is the logging configuration's `keyPrefix`."""
    folder = f"{prefix.rstrip('/')}/" if prefix else ""
    return f"{folder}AWSLogs/{account}/BedrockModelInvocationLogs/{region}/"


def hour_prefix(root: str, hour: datetime) -> str:
    """The prefix of one UTC hour; `root` as of `region_prefix`. Prefixes sort as their hours do."""
    return f"{root}{hour.astimezone(UTC):%Y/%m/%d/%H}/"


def day_prefix(root: str, day: datetime) -> str:
    """The prefix of one UTC day."""
    return f"{root}{day.astimezone(UTC):%Y/%m/%d}/"
