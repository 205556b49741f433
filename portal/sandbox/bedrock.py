"""The operations of ``bedrock`` that moto lacks, in moto's idiom: methods of its response class over its backend.

Source: docs.aws.amazon.com/bedrock/latest/APIReference/ and botocore's service model, which parses and serialises them.
"""

from typing import Any

import moto.bedrock.urls
from moto.bedrock.models import BedrockBackend
from moto.bedrock.responses import BedrockResponse
from moto.core.responses import ActionResult, EmptyResult

from portal.sandbox.catalogue import models, offered, today
from portal.sandbox.errors import NotFoundError, TooManyTagsError, ValidationError
from portal.sandbox.guardrails import DRAFT, Guardrails
from portal.sandbox.invocation_log import permission_check
from portal.sandbox.pages import page
from portal.sandbox.profiles import InferenceProfiles

MOST_TAGS = 200


class SandboxBedrockBackend(BedrockBackend):
    """moto's backend plus inference profiles and guardrails. ``cached_prompts`` is the runtime's prompt cache."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.profiles = InferenceProfiles(region_name, account_id)
        self.guardrails = Guardrails()
        self.cached_prompts: dict[str, float] = {}

    @property
    def _url_module(self) -> Any:
        return moto.bedrock.urls

    @property
    def log_destination(self) -> dict[str, Any]:
        """The logging configuration in force, empty if logging is off."""
        return dict(self.get_model_invocation_logging_configuration() or {})

    def _list_arns(self) -> list[str]:
        own = [profile.arn for profile in self.profiles.own.values()]
        return [*super()._list_arns(), *own, *(guardrail.arn for guardrail in self.guardrails.by_id.values())]

    def tags(self, arn: str) -> dict[str, str]:
        return {tag["Key"]: tag["Value"] for tag in self.tagger.list_tags_for_resource(arn)["Tags"]}

    def add_tags(self, arn: str, tags: list[dict[str, str]]) -> None:
        """Sets tags given as bedrock writes them, ``{"key": …, "value": …}``."""
        if len(set(self.tags(arn)) | {tag["key"] for tag in tags}) > MOST_TAGS:
            raise TooManyTagsError(f"A resource has at most {MOST_TAGS} tags.")
        self.tagger.tag_resource(arn, [{"Key": tag["key"], "Value": tag["value"]} for tag in tags])


class SandboxBedrockResponse(BedrockResponse):
    def __init__(self) -> None:
        super().__init__()
        self.automated_parameter_parsing = True

    def call_action(self) -> Any:
        if not self._get_action():
            raise NotImplementedError(f"{self.method} {self.path}")
        return super().call_action()

    # Models

    def list_foundation_models(self) -> ActionResult:
        found = [model.details(self.region, today()) for model in offered(self.region, today())]
        for parameter, member in (
            ("byCustomizationType", "customizationsSupported"),
            ("byOutputModality", "outputModalities"),
            ("byInferenceType", "inferenceTypesSupported"),
        ):
            wanted = self._get_param(parameter)
            found = [model for model in found if not wanted or wanted in model[member]]
        provider = (self._get_param("byProvider") or "").lower()
        return ActionResult({"modelSummaries": [m for m in found if provider in ("", m["providerName"].lower())]})

    def get_foundation_model(self) -> ActionResult:
        identifier = self._get_param("modelIdentifier")
        for model in offered(self.region, today()):
            if identifier in (model.id, model.arn(self.region)):
                return ActionResult({"modelDetails": model.details(self.region, today())})
        raise NotFoundError(f"Could not find the foundation model {identifier} in {self.region}.")

    def get_foundation_model_availability(self) -> ActionResult:
        identifier = self._get_param("modelId")
        if identifier not in models():
            raise NotFoundError(f"Could not find the foundation model {identifier}.")
        here = any(model.id == identifier for model in offered(self.region, today()))
        return ActionResult(
            {
                "modelId": identifier,
                "agreementAvailability": {"status": "AVAILABLE" if here else "NOT_AVAILABLE"},
                "authorizationStatus": "AUTHORIZED",
                "entitlementAvailability": "AVAILABLE" if here else "NOT_AVAILABLE",
                "regionAvailability": "AVAILABLE" if here else "NOT_AVAILABLE",
            }
        )

    # Inference profiles

    def list_inference_profiles(self) -> ActionResult:
        found = self.bedrock_backend.profiles.list_summaries(self._get_param("typeEquals"))
        return self._page("inferenceProfileSummaries", found)

    def get_inference_profile(self) -> ActionResult:
        return ActionResult(self.bedrock_backend.profiles.describe(self._get_param("inferenceProfileIdentifier")))

    def create_inference_profile(self) -> ActionResult:
        tags = self._get_param("tags") or []
        if len(tags) > MOST_TAGS:
            raise TooManyTagsError(f"A resource has at most {MOST_TAGS} tags.")
        profile = self.bedrock_backend.profiles.create(
            name=self._get_param("inferenceProfileName"),
            copy_from=(self._get_param("modelSource") or {}).get("copyFrom", ""),
            description=self._get_param("description") or "",
            token=self._get_param("clientRequestToken") or "",
        )
        self.bedrock_backend.add_tags(profile.arn, tags)
        return ActionResult({"inferenceProfileArn": profile.arn, "status": "ACTIVE"})

    def delete_inference_profile(self) -> ActionResult:
        profile = self.bedrock_backend.profiles.delete(self._get_param("inferenceProfileIdentifier"))
        self.bedrock_backend.tagger.delete_all_tags_for_resource(profile.arn)
        return EmptyResult()

    # Tags

    def tag_resource(self) -> ActionResult:
        self.bedrock_backend.add_tags(self._tagged(), self._get_param("tags") or [])
        return EmptyResult()

    def untag_resource(self) -> ActionResult:
        self.bedrock_backend.tagger.untag_resource_using_names(self._tagged(), self._get_param("tagKeys") or [])
        return EmptyResult()

    def list_tags_for_resource(self) -> ActionResult:
        tags = self.bedrock_backend.tags(self._tagged())
        return ActionResult({"tags": [{"key": key, "value": value} for key, value in tags.items()]})

    def _tagged(self) -> str:
        """The ARN that a tag operation names. Raises NotFoundError if nothing here has it."""
        arn = str(self._get_param("resourceARN"))
        if arn not in self.bedrock_backend._list_arns():
            raise NotFoundError(f"The resource {arn} was not found.")
        return arn

    # Guardrails

    def list_guardrails(self) -> ActionResult:
        return self._page(
            "guardrails", self.bedrock_backend.guardrails.list_summaries(self._get_param("guardrailIdentifier"))
        )

    def get_guardrail(self) -> ActionResult:
        guardrail = self.bedrock_backend.guardrails.find(self._get_param("guardrailIdentifier"))
        return ActionResult(guardrail.details(self._get_param("guardrailVersion") or DRAFT))

    def create_guardrail_version(self) -> ActionResult:
        guardrail = self.bedrock_backend.guardrails.find(self._get_param("guardrailIdentifier"))
        number = guardrail.freeze_draft(
            self._get_param("description") or "", self._get_param("clientRequestToken") or ""
        )
        return ActionResult({"guardrailId": guardrail.id, "version": number})

    # Invocation logging is moto's, but AWS leaves the member out when it is off and tries the bucket when it is set

    def get_model_invocation_logging_configuration(self) -> ActionResult:
        config = self.bedrock_backend.log_destination
        return ActionResult({"loggingConfig": config} if config else {})

    def put_model_invocation_logging_configuration(self) -> ActionResult:
        config = self._get_param("loggingConfig") or {}
        if not config.get("s3Config") and not config.get("cloudWatchConfig"):
            raise ValidationError("A logging configuration needs s3Config or cloudWatchConfig.")
        if config.get("s3Config"):
            permission_check(self.current_account, self.region, config["s3Config"])
        self.bedrock_backend.put_model_invocation_logging_configuration(logging_config=config)
        return EmptyResult()

    def _page(self, member: str, found: list[dict[str, Any]]) -> ActionResult:
        items, token = page(found, size=self._get_int_param("maxResults"), token=self._get_param("nextToken"))
        return ActionResult({member: items} | ({"nextToken": token} if token else {}))
