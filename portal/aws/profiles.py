"""Application inference profiles of Bedrock: the handle by which a tenant's calls are permitted, tagged and paid for.

Source: docs.aws.amazon.com/bedrock/latest/APIReference/, CreateInferenceProfile and its neighbours.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from portal.aws.errors import NotFound, translated
from portal.aws.session import Session


@dataclass(frozen=True, slots=True)
class ApplicationProfile:
    """A profile of this account and Region. model_arns: the models that it may route to; tags: key → value."""

    arn: str
    name: str
    status: str
    model_arns: tuple[str, ...]
    tags: dict[str, str]


def find(session: Session, name: str) -> ApplicationProfile | None:
    """The application profile called `name`, None if there is none."""
    with translated("bedrock", "ListInferenceProfiles"):
        pages = session.client("bedrock").get_paginator("list_inference_profiles").paginate(typeEquals="APPLICATION")
        found = [one for page in pages for one in page["inferenceProfileSummaries"]]
    return next((_profile(session, one) for one in found if one["inferenceProfileName"] == name), None)


def get(session: Session, arn: str) -> ApplicationProfile | None:
    """The application profile with `arn`, None if it is gone."""
    try:
        with translated("bedrock", "GetInferenceProfile"):
            return _profile(session, session.client("bedrock").get_inference_profile(inferenceProfileIdentifier=arn))
    except NotFound:
        return None


def create(session: Session, *, name: str, copy_from: str, tags: dict[str, str], token: str) -> str:
    """Make a profile over a model or system profile (`copy_from`, an ARN) and return its ARN.

    The same token gives the same profile again. Raises Conflict if another one has the name.
    """
    with translated("bedrock", "CreateInferenceProfile"):
        answer = session.client("bedrock").create_inference_profile(
            inferenceProfileName=name,
            modelSource={"copyFrom": copy_from},
            clientRequestToken=token,
            tags=_listed(tags),
        )
    return str(answer["inferenceProfileArn"])


def tag(session: Session, arn: str, tags: dict[str, str]) -> None:
    """Set tags; others stay."""
    with translated("bedrock", "TagResource"):
        session.client("bedrock").tag_resource(resourceARN=arn, tags=_listed(tags))


def untag(session: Session, arn: str, keys: Collection[str]) -> None:
    """Take tags away; one that is not there is fine."""
    with translated("bedrock", "UntagResource"):
        session.client("bedrock").untag_resource(resourceARN=arn, tagKeys=sorted(keys))


def delete(session: Session, arn: str) -> None:
    """Remove a profile; one that is gone already is fine."""
    try:
        with translated("bedrock", "DeleteInferenceProfile"):
            session.client("bedrock").delete_inference_profile(inferenceProfileIdentifier=arn)
    except NotFound:
        return


def _profile(session: Session, summary: dict[str, Any]) -> ApplicationProfile:
    arn = summary["inferenceProfileArn"]
    with translated("bedrock", "ListTagsForResource"):
        tags = session.client("bedrock").list_tags_for_resource(resourceARN=arn).get("tags", [])
    return ApplicationProfile(
        arn=arn,
        name=summary["inferenceProfileName"],
        status=summary["status"],
        model_arns=tuple(model["modelArn"] for model in summary["models"]),
        tags={tag["key"]: tag["value"] for tag in tags},
    )


def _listed(tags: dict[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in sorted(tags.items())]
