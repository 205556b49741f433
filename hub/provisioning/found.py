"""What is seen in AWS, and the ways in which a step can stop."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Found:
    """One thing that AWS has. content: the part that the plan decides, as JSON, to compare with what is wanted."""

    arn: str
    content: dict[str, Any]


class Blocked(Exception):
    """Trying again changes nothing: a person must act. The sentence says what is wrong and how to cure it."""


class Unsettled(Exception):
    """AWS does not show yet what was just done; the next attempt looks again."""


def check_owned(tags: Mapping[str, str], grant_uid: str, what: str) -> None:
    """Raise Blocked unless the thing of our name carries our tag: what others made is never taken over."""
    if tags.get("atrium:grant") != grant_uid:
        raise Blocked(
            f"{what} exists already and was not made for this grant. Rename or remove it in AWS, then try again."
        )


def ours(tags: Mapping[str, str]) -> dict[str, str]:
    """The tags that Atrium sets; others are the account's own business."""
    return {key: value for key, value in sorted(tags.items()) if key.startswith("atrium:")}
