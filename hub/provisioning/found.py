"""What is seen in AWS, and the ways in which a step can stop."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hub.models import Artefact, Grant
from hub.plans.compile import TAG_GRANT


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that AWS has. content: the part that the plan decides, as JSON, to compare with what is wanted."""

    arn: str
    content: dict[str, Any]


class Blocked(Exception):
    """Trying again changes nothing: a person must act. The sentence says what is wrong and how to cure it."""


class Unsettled(Exception):
    """AWS does not show yet what was just done; the next attempt looks again."""


def check_owned(grant: Grant, arn: str, tags: Mapping[str, str], what: str) -> None:
    """Raise Blocked unless the thing of our name is the grant's: what others made is never taken over.

    It is when it carries the grant's tag, or none of the kind and the ARN that was written down when it was made: tags
    can be removed in AWS by anybody who tidies up.
    """
    owner = tags.get(TAG_GRANT)
    if owner != str(grant.uid) and (owner or not _made_by(grant, arn)):
        raise Blocked(
            f"{what} exists already and was not made for this grant. Rename or remove it in AWS, then try again."
        )


def _made_by(grant: Grant, arn: str) -> bool:
    """Whether the grant's records have a thing of this ARN that was there when it was looked at last."""
    return grant.artefacts.exclude(state=Artefact.State.ABSENT).filter(arn=arn).exists()


def ours(tags: Mapping[str, str]) -> dict[str, str]:
    """The tags that Atrium sets; others are the account's own business."""
    return {key: value for key, value in sorted(tags.items()) if key.startswith("atrium:")}
