"""Application inference profiles of one account and Region.

Source: docs.aws.amazon.com/bedrock/latest/APIReference/API_CreateInferenceProfile.html.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.moto_api._internal import mock_random

from portal.sandbox.catalogue import GLOBAL, SystemProfile, models, offered, system_profiles, today
from portal.sandbox.errors import ConflictError, NotFoundError, ValidationError


@dataclass(frozen=True)
class ApplicationProfile:
    """A tenant's own profile. ``model_arns`` are the models it may route to; ``source`` is what it was copied from."""

    id: str
    arn: str
    name: str
    description: str
    token: str
    source: str
    model_id: str
    model_arns: tuple[str, ...]
    created: datetime

    @property
    def summary(self) -> dict[str, Any]:
        """The shape InferenceProfileSummary, which equals the answer of GetInferenceProfile."""
        facts = _summary(self.name, self.arn, self.id, list(self.model_arns), "APPLICATION")
        described = {"description": self.description} if self.description else {}
        return facts | described | {"createdAt": self.created, "updatedAt": self.created}


class InferenceProfiles:
    """The profiles of one account and Region: the system's by name, the account's own in a dict by id."""

    def __init__(self, region: str, account: str) -> None:
        self.region, self.account = region, account
        self.own: dict[str, ApplicationProfile] = {}

    def create(self, *, name: str, copy_from: str, description: str, token: str) -> ApplicationProfile:
        """A new profile. A token that was used before gives the profile made then; a name in use is a conflict."""
        for profile in self.own.values():
            if token and profile.token == token:
                return profile
        if any(profile.name == name for profile in self.own.values()):
            raise ConflictError(f"An inference profile with the name {name} already exists.")
        model_id, model_arns = self._source(copy_from)
        identifier = mock_random.get_random_string(length=12, lower_case=True)
        arn = f"arn:aws:bedrock:{self.region}:{self.account}:application-inference-profile/{identifier}"
        profile = ApplicationProfile(
            identifier, arn, name, description, token, copy_from, model_id, model_arns, datetime.now(UTC)
        )
        self.own[identifier] = profile
        return profile

    def find_own(self, identifier: str) -> ApplicationProfile | None:
        """An application profile by ARN or id."""
        return next((p for p in self.own.values() if identifier in (p.arn, p.id)), None)

    def find_system(self, identifier: str) -> SystemProfile | None:
        """A system profile of this Region by id or ARN."""
        for profile in system_profiles(self.region, today()):
            if identifier in (profile.id, profile.arn(self.account)):
                return profile
        return None

    def describe(self, identifier: str) -> dict[str, Any]:
        own = self.find_own(identifier)
        if own is not None:
            return own.summary
        system = self.find_system(identifier)
        if system is None:
            raise NotFoundError(f"The inference profile {identifier} was not found.")
        return self._system_summary(system)

    def list_summaries(self, kind: str | None) -> list[dict[str, Any]]:
        """Summaries of ``kind`` SYSTEM_DEFINED or APPLICATION, of both if None."""
        system = [self._system_summary(profile) for profile in system_profiles(self.region, today())]
        own = [profile.summary for profile in self.own.values()]
        return [one for one in [*system, *own] if kind in (None, one["type"])]

    def delete(self, identifier: str) -> ApplicationProfile:
        own = self.find_own(identifier)
        if own is not None:
            return self.own.pop(own.id)
        if self.find_system(identifier) is not None:
            raise ValidationError("A system-defined inference profile cannot be deleted.")
        raise NotFoundError(f"The inference profile {identifier} was not found.")

    def _source(self, copy_from: str) -> tuple[str, tuple[str, ...]]:
        """Model id and model ARNs of a profile copied from a model or from a system profile."""
        system = self.find_system(copy_from) if copy_from.startswith("arn:") else None
        if system is not None:
            return system.model.id, tuple(system.model_arns)
        for model in offered(self.region, today()):
            if copy_from == model.arn(self.region):
                if self.region not in model.on_demand:
                    raise ValidationError(
                        f"{model.id} has no on-demand throughput here; copy from a system inference profile."
                    )
                return model.id, (model.arn(self.region),)
        raise ValidationError(
            f"The model source {copy_from} is neither a model nor a system inference profile of {self.region}."
        )

    def _system_summary(self, profile: SystemProfile) -> dict[str, Any]:
        facts = _summary(profile.name, profile.arn(self.account), profile.id, profile.model_arns, "SYSTEM_DEFINED")
        where = "all commercial Regions" if profile.geography == GLOBAL else ", ".join(profile.destinations)
        described = {"description": f"Routes requests to {profile.model.name} in {where}."[:200]}
        start = profile.model.details(profile.source_region, today())["modelLifecycle"].get("startOfLifeTime")
        return facts | described | ({"createdAt": start, "updatedAt": start} if start else {})


def _summary(name: str, arn: str, identifier: str, model_arns: list[str], kind: str) -> dict[str, Any]:
    return {
        "inferenceProfileName": name,
        "inferenceProfileArn": arn,
        "inferenceProfileId": identifier,
        "models": [{"modelArn": model_arn} for model_arn in model_arns],
        "status": "ACTIVE",
        "type": kind,
    }


@dataclass(frozen=True)
class Target:
    """What a modelId of the runtime stands for. ``profile_arn`` is empty for a call of the bare model."""

    model_id: str
    profile_arn: str
    model_arns: tuple[str, ...]


def resolve(profiles: InferenceProfiles, reference: str) -> Target:
    """The target of a runtime ``modelId``: model id or ARN, system profile id or ARN, application profile ARN."""
    own = profiles.find_own(reference) if reference.startswith("arn:") else None
    if own is not None:
        return Target(own.model_id, own.arn, own.model_arns)
    system = profiles.find_system(reference)
    if system is not None:
        return Target(system.model.id, system.arn(profiles.account), tuple(system.model_arns))
    region = profiles.region
    for model in models().values():
        if reference not in (model.id, model.arn(region)) or not model.inference_types(region):
            continue
        if model.ended(today()):
            raise NotFoundError("This model version has reached the end of its life.")
        if region not in model.on_demand:
            raise ValidationError(
                f"Invocation of model ID {model.id} with on-demand throughput isn't supported. "
                "Retry your request with the ID or ARN of an inference profile that contains this model."
            )
        return Target(model.id, "", (model.arn(region),))
    raise ValidationError("The provided model identifier is invalid.")
