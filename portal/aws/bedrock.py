"""Reading Bedrock's control plane: models, profiles, guardrails, logging. Frozen dataclasses out, AwsError on failure.

Source: docs.aws.amazon.com/bedrock/latest/APIReference/. Values of AWS's enums are kept as they come: new ones appear.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from portal.aws.errors import NotFound, translated
from portal.aws.session import Session

GUARDRAIL_PARTS = (
    "name",
    "description",
    "topicPolicy",
    "contentPolicy",
    "wordPolicy",
    "sensitiveInformationPolicy",
    "contextualGroundingPolicy",
    "automatedReasoningPolicy",
    "crossRegionDetails",
    "blockedInputMessaging",
    "blockedOutputsMessaging",
    "kmsKeyArn",
)


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model as one region lists it."""

    model_id: str
    arn: str
    name: str
    provider: str
    input_modalities: tuple[str, ...]
    output_modalities: tuple[str, ...]
    streaming: bool
    inference_types: tuple[str, ...]
    lifecycle: str
    starts_at: datetime | None
    legacy_at: datetime | None
    end_of_life_at: datetime | None


@dataclass(frozen=True, slots=True)
class Availability:
    """What stands between this account and a call of the model."""

    agreement: str
    authorization: str
    entitlement: str
    region: str


@dataclass(frozen=True, slots=True)
class ProfileInfo:
    """An inference profile. model_arns: one for each destination; a global profile has one without a region."""

    profile_id: str
    arn: str
    name: str
    status: str
    model_arns: tuple[str, ...]

    @property
    def model_id(self) -> str:
        """The model behind it: all its ARNs name the same one."""
        return self.model_arns[0].rpartition("/")[2] if self.model_arns else ""

    @property
    def destination_regions(self) -> tuple[str, ...]:
        """Where calls may be served, sorted."""
        return tuple(sorted({arn.split(":")[3] for arn in self.model_arns} - {""}))


@dataclass(frozen=True, slots=True)
class GuardrailInfo:
    """A guardrail or one version of it, as a list shows it."""

    guardrail_id: str
    arn: str
    name: str
    description: str
    version: str
    status: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class LoggingInfo:
    """Where invocation logs go; `bucket` is empty when S3 is not among the destinations."""

    bucket: str
    prefix: str

    @property
    def to_s3(self) -> bool:
        return bool(self.bucket)


def list_models(session: Session) -> list[ModelInfo]:
    """Every foundation model that the region lists."""
    with translated("bedrock", "ListFoundationModels"):
        answer = session.client("bedrock").list_foundation_models()
    return [_model(summary) for summary in answer.get("modelSummaries", [])]


def availability(client: Any, model_id: str) -> Availability:
    """Whether the account may call the model. `client`: of `session.client("bedrock")`, shared by many calls."""
    with translated("bedrock", "GetFoundationModelAvailability"):
        answer = client.get_foundation_model_availability(modelId=model_id)
    return Availability(
        agreement=answer["agreementAvailability"]["status"],
        authorization=answer["authorizationStatus"],
        entitlement=answer["entitlementAvailability"],
        region=answer["regionAvailability"],
    )


def list_system_profiles(session: Session) -> list[ProfileInfo]:
    """The inference profiles that AWS defines and that are entered in this region."""
    pages = _pages(session, "list_inference_profiles", "ListInferenceProfiles", typeEquals="SYSTEM_DEFINED")
    return [_profile(summary) for page in pages for summary in page.get("inferenceProfileSummaries", [])]


def list_guardrails(session: Session) -> list[GuardrailInfo]:
    """The guardrails of the region, each as its working draft."""
    return [
        _guardrail(one) for page in _pages(session, "list_guardrails", "ListGuardrails") for one in page["guardrails"]
    ]


def list_guardrail_versions(session: Session, guardrail_id: str) -> list[GuardrailInfo]:
    """The draft and all numbered versions of one guardrail."""
    pages = _pages(session, "list_guardrails", "ListGuardrails", guardrailIdentifier=guardrail_id)
    return [_guardrail(one) for page in pages for one in page["guardrails"]]


def guardrail_content(session: Session, guardrail_id: str, version: str) -> dict[str, Any]:
    """The policies and messages of one version as AWS gives them; times and states left out."""
    with translated("bedrock", "GetGuardrail"):
        answer = session.client("bedrock").get_guardrail(guardrailIdentifier=guardrail_id, guardrailVersion=version)
    return {part: answer[part] for part in GUARDRAIL_PARTS if part in answer}


def logging(session: Session) -> LoggingInfo | None:
    """Where the region's invocation logs go; None when logging is off."""
    try:
        with translated("bedrock", "GetModelInvocationLoggingConfiguration"):
            answer = session.client("bedrock").get_model_invocation_logging_configuration()
    except NotFound:
        return None
    config = answer.get("loggingConfig")
    if not config:
        return None
    place = config.get("s3Config") or {}
    return LoggingInfo(bucket=place.get("bucketName", ""), prefix=place.get("keyPrefix", ""))


def _pages(session: Session, method: str, operation: str, **arguments: Any) -> Iterator[dict[str, Any]]:
    with translated("bedrock", operation):
        yield from session.client("bedrock").get_paginator(method).paginate(**arguments)


def _model(summary: dict[str, Any]) -> ModelInfo:
    lifecycle = summary.get("modelLifecycle", {})
    return ModelInfo(
        model_id=summary["modelId"],
        arn=summary["modelArn"],
        name=summary.get("modelName") or summary["modelId"],
        provider=summary.get("providerName") or summary["modelId"].partition(".")[0],
        input_modalities=tuple(summary.get("inputModalities", ())),
        output_modalities=tuple(summary.get("outputModalities", ())),
        streaming=bool(summary.get("responseStreamingSupported")),
        inference_types=tuple(summary.get("inferenceTypesSupported", ())),
        lifecycle=lifecycle.get("status", "ACTIVE"),
        starts_at=_utc(lifecycle.get("startOfLifeTime")),
        legacy_at=_utc(lifecycle.get("legacyTime")),
        end_of_life_at=_utc(lifecycle.get("endOfLifeTime")),
    )


def _profile(summary: dict[str, Any]) -> ProfileInfo:
    return ProfileInfo(
        profile_id=summary["inferenceProfileId"],
        arn=summary["inferenceProfileArn"],
        name=summary["inferenceProfileName"],
        status=summary.get("status", ""),
        model_arns=tuple(model["modelArn"] for model in summary.get("models", ()) if model.get("modelArn")),
    )


def _guardrail(summary: dict[str, Any]) -> GuardrailInfo:
    return GuardrailInfo(
        guardrail_id=summary["id"],
        arn=summary["arn"],
        name=summary["name"],
        description=summary.get("description", ""),
        version=summary["version"],
        status=summary["status"],
        updated_at=summary["updatedAt"].astimezone(UTC),
    )


def _utc(moment: datetime | None) -> datetime | None:
    return moment.astimezone(UTC) if moment else None
