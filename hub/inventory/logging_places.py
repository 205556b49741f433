"""Keeping where the invocation logs of a region go, whoever has just seen it: the sync, or a step of a grant."""

from hub.effects import Event, emit
from hub.models import AccountRegion, AwsAccount
from portal.aws.bedrock import LoggingInfo


def save_logging(account: AwsAccount, region: str, place: LoggingInfo | None) -> int:
    """Keep what was seen, None for logging that is off; returns how many rows were written.

    In the caller's transaction. A bucket that was not known is read at once, by those who asked for LOGGING_FOUND.
    """
    row = AccountRegion.objects.filter(account=account, region=region).first()
    row = row or AccountRegion(account=account, region=region)
    wanted = (place is not None and place.to_s3, place.bucket if place else "", place.prefix if place else "")
    before = (row.logging_on, row.logging_bucket, row.logging_prefix)
    if row.pk and before == wanted:
        return 0
    row.logging_on, row.logging_bucket, row.logging_prefix = wanted
    row.save()
    if row.logging_on:
        emit(Event.LOGGING_FOUND, row.pk)
    return 1
