"""S3 as a source of log objects (list keys in order, read one whole) and as a place that nothing can be taken from."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from portal.aws.errors import translated
from portal.aws.session import Session


@dataclass(frozen=True, slots=True)
class ObjectHead:
    """An object as a listing shows it: `etag` without quotes, `size` in bytes."""

    key: str
    etag: str
    size: int


def list_keys(session: Session, bucket: str, prefix: str, start_after: str = "") -> Iterator[ObjectHead]:
    """The objects under a prefix in the order of their keys, after `start_after`; a request per thousand, as needed.

    Raises NotFound for a bucket that is not there, AccessDenied, Throttled or Unavailable.
    """
    client = session.client("s3")
    request = {"Bucket": bucket, "Prefix": prefix, "StartAfter": start_after}
    while True:
        with translated("s3", "ListObjectsV2"):
            page = client.list_objects_v2(**request)
        for found in page.get("Contents", ()):
            yield ObjectHead(found["Key"], found["ETag"].strip('"'), found["Size"])
        if not page.get("IsTruncated"):
            return
        request["ContinuationToken"] = page["NextContinuationToken"]


@dataclass(frozen=True, slots=True)
class ObjectVersion:
    """One version of an object; `stored_at` is S3's own time, aware."""

    key: str
    version_id: str
    stored_at: datetime


@dataclass(frozen=True, slots=True)
class LockedContent:
    """The bytes of a version, and until when nobody may remove it; None where S3 shows no lock in compliance mode."""

    content: bytes
    locked_until: datetime | None


def put_locked(session: Session, bucket: str, key: str, content: bytes, *, until: datetime) -> None:
    """Store bytes that nobody, the account's root included, can remove or replace before `until` (Object Lock).

    A second put of the same key is a second version; the first stays. Raises NotFound, AccessDenied, Throttled,
    Unavailable, or AwsError where the bucket has no Object Lock.
    """
    client = session.client("s3")
    lock = {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": until}
    with translated("s3", "PutObject"):
        client.put_object(Bucket=bucket, Key=key, Body=content, ContentType="application/json", **lock)


def list_versions(session: Session, bucket: str, prefix: str) -> Iterator[ObjectVersion]:
    """Every version under a prefix in the order of keys, also of objects that a delete marker hides.

    A request per thousand. Raises as `list_keys` does.
    """
    client = session.client("s3")
    request = {"Bucket": bucket, "Prefix": prefix}
    while True:
        with translated("s3", "ListObjectVersions"):
            page = client.list_object_versions(**request)
        for found in page.get("Versions", ()):
            yield ObjectVersion(found["Key"], found["VersionId"], found["LastModified"])
        if not page.get("IsTruncated"):
            return
        request |= {"KeyMarker": page["NextKeyMarker"], "VersionIdMarker": page["NextVersionIdMarker"]}


def get_locked(session: Session, bucket: str, version: ObjectVersion) -> LockedContent:
    """One version whole. Raises NotFound, AccessDenied, Throttled or Unavailable."""
    client = session.client("s3")
    with translated("s3", "GetObjectVersion"):
        found = client.get_object(Bucket=bucket, Key=version.key, VersionId=version.version_id)
        content = found["Body"].read()
    locked = found.get("ObjectLockMode") == "COMPLIANCE"
    return LockedContent(content, found.get("ObjectLockRetainUntilDate") if locked else None)


class Bucket:
    """One bucket to read from, by many threads at once."""

    def __init__(self, session: Session, name: str) -> None:
        self.name = name
        self._client = session.client("s3")

    def get(self, key: str) -> bytes:
        """An object's bytes, as they are stored. Raises NotFound, AccessDenied, Throttled or Unavailable."""
        with translated("s3", "GetObject"):
            content: bytes = self._client.get_object(Bucket=self.name, Key=key)["Body"].read()
        return content
