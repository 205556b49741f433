"""Anchoring the audit chain: its head, signed, in a bucket that nothing can be taken from, and reading that back.

An anchor's key in the bucket names its sequence and hash, so that a listing shows a thousand of them a request.
"""

import hmac
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet

from governance.models import AuditAnchor, AuditSeal
from portal.aws import s3
from portal.aws.errors import AwsError
from portal.aws.session import Session, home
from portal.lib import clock
from portal.lib.digest import canonical

# The newest so many are opened and their signatures checked; an older one is when it disagrees with the chain.
OPENED = 100
PURPOSE = b"atrium audit anchor"
_KEY = re.compile(r"(?P<sequence>\d{20})-(?P<hash>[0-9a-f]{64})\.json$")
NO_BUCKET = "No bucket is set (ATRIUM_AUDIT_BUCKET): who owns the database could write the whole chain again."


@dataclass(frozen=True, slots=True)
class Anchor:
    """A head of the chain as the bucket has it."""

    sequence: int
    hash: str
    version: s3.ObjectVersion


@dataclass
class Held:
    """What the bucket holds. place: "" if none is set; unread: why it could not be read, "" if it was."""

    place: str = ""
    anchors: list[Anchor] = field(default_factory=list)
    unread: str = ""
    warnings: list[str] = field(default_factory=list)

    @property
    def keys(self) -> set[str]:
        """The keys of all anchors."""
        return {anchor.version.key for anchor in self.anchors}


def place() -> str:
    """ "s3://bucket/prefix", "" if no bucket is set."""
    return f"s3://{settings.AUDIT_BUCKET}" if settings.AUDIT_BUCKET else ""


def anchor() -> AuditAnchor | None:
    """Write the head down outside the database if it moved since the last time. None without a bucket. Raises AwsError.

    Run outside any transaction: S3 may be slow, and an anchor without its row is only a head known twice.
    """
    head = AuditSeal.objects.order_by("-sequence").first()
    if not settings.AUDIT_BUCKET or head is None:
        return None
    if AuditAnchor.objects.filter(place__startswith=f"{place()}/", sequence__gte=head.sequence).exists():
        return None
    bucket, prefix = _bucket()
    now = clock.wall()
    key = f"{prefix}{head.sequence:020d}-{head.hash}.json"
    until = now + timedelta(days=settings.AUDIT_RETENTION_DAYS)
    s3.put_locked(_session(), bucket, key, content(head.sequence, head.hash, now), until=until)
    return AuditAnchor.objects.create(sequence=head.sequence, hash=head.hash, place=f"s3://{bucket}/{key}")


def content(sequence: int, digest: str, at: datetime) -> bytes:
    """An anchor as it is stored: canonical JSON with its signature."""
    stated = {"sequence": sequence, "hash": digest, "time": at.astimezone(UTC).isoformat(timespec="microseconds")}
    return canonical({**stated, "hmac": _sign(stated, keys()[0])})


def is_ours(stored: bytes, found: Anchor) -> bool:
    """Whether the bytes are an anchor of just this head, signed by a key of ours."""
    try:
        stated = json.loads(stored)
        given = str(stated.pop("hmac"))
        told = (stated["sequence"], stated["hash"])
    except (ValueError, KeyError, AttributeError, TypeError):
        return False
    signed = any(hmac.compare_digest(given, _sign(stated, key)) for key in keys())
    return signed and told == (found.sequence, found.hash)


def keys() -> list[bytes]:
    """The keys of anchors: the first signs, all verify. Without any, one follows from the secret key."""
    given = [bytes.fromhex(key[4:]) if key.startswith("hex:") else key.encode() for key in settings.AUDIT_KEYS]
    return given or [hmac.new(settings.SECRET_KEY.encode(), PURPOSE, "sha256").digest()]


def under_lock() -> QuerySet[AuditAnchor]:
    """The anchors that this database noted and that the bucket must hold still. None without a bucket."""
    # A lock ends to the second; a day less, so that no clock decides.
    since = clock.wall() - timedelta(days=max(settings.AUDIT_RETENTION_DAYS - 1, 0))
    return AuditAnchor.objects.filter(place__startswith=f"{place() or 'nowhere'}/", anchored_at__gt=since)


def held() -> Held:
    """Everything that the bucket holds, the newest of it opened; what is not ours is left out, with a warning."""
    found = Held(place=place())
    if not found.place:
        found.warnings.append(NO_BUCKET)
        return found
    try:
        found.anchors = list(_listed())
        for anchor in found.anchors[-OPENED:]:
            _open(anchor, found)
    except AwsError as error:
        found.unread = error.sentence
    return found


def opened(anchor: Anchor) -> bool:
    """Read one back: whether it is ours. Raises AwsError."""
    return is_ours(s3.get_locked(_session(), _bucket()[0], anchor.version).content, anchor)


def _open(anchor: Anchor, found: Held) -> None:
    stored = s3.get_locked(_session(), _bucket()[0], anchor.version)
    if not is_ours(stored.content, anchor):
        found.anchors.remove(anchor)
        found.warnings.append(
            f"{anchor.version.key} in {found.place} was not written by this Atrium; it counts nothing."
        )
    elif stored.locked_until is None:
        found.warnings.append(f"{anchor.version.key} in {found.place} is not locked: it could be removed.")


def _listed() -> Iterator[Anchor]:
    bucket, prefix = _bucket()
    for version in s3.list_versions(_session(), bucket, prefix):
        named = _KEY.fullmatch(version.key.removeprefix(prefix))
        if named:
            yield Anchor(int(named["sequence"]), named["hash"], version)


def _bucket() -> tuple[str, str]:
    """Name, and the prefix of keys with its slash ("" for none)."""
    name, _, prefix = settings.AUDIT_BUCKET.partition("/")
    return name, f"{prefix.strip('/')}/" if prefix.strip("/") else ""


def _session() -> Session:
    return home(settings.AWS_REGION)


def _sign(stated: dict[str, object], key: bytes) -> str:
    return hmac.new(key, canonical(stated), "sha256").hexdigest()
