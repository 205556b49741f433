"""S3 as a source of log objects: list keys in order, read one whole."""

from collections.abc import Iterator
from dataclasses import dataclass

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
