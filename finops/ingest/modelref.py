"""What a record's `modelId` refers to: the model, how far the request may travel, the profile it came through."""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

# Segment before the first dot of a model id; a segment before one of these is the geography of a system profile.
# fmt: off
PROVIDERS = frozenset({
    "ai21", "amazon", "anthropic", "cohere", "deepseek", "google", "luma", "meta", "minimax", "mistral", "moonshot",
    "moonshotai", "nvidia", "openai", "qwen", "stability", "twelvelabs", "writer", "xai", "zai",
})
# fmt: on
GEOGRAPHIES = frozenset({"apac", "au", "ca", "eu", "global", "jp", "sa", "us", "us-gov"})


class Scope(StrEnum):
    """Where a request may be served, which decides the rate; UNRESOLVED until the model behind it is known."""

    IN_REGION = "in-region"
    GEO = "geo"
    GLOBAL = "global"
    UNRESOLVED = "unresolved"


@dataclass(frozen=True, slots=True)
class ModelRef:
    """`model_id` is the foundation model's id, "" when the reference alone does not tell it; `profile_arn` likewise."""

    scope: Scope
    model_id: str = ""
    profile_arn: str = ""


@lru_cache(maxsize=4096)
def resolve(reference: str) -> ModelRef:
    """Read a bare id, a system profile's id or any ARN that `modelId` may hold.

    Application profiles, provisioned throughput and imported models name no model: they stay UNRESOLVED and are kept,
    to be resolved against the accounts' inventory when costs are built.
    """
    if not reference.startswith("arn:"):
        return _system_profile_or_model(reference)
    kind, _, name = reference.split(":", 5)[-1].partition("/")
    if kind == "foundation-model":
        return _bare_model(name)
    if kind == "inference-profile":
        found = _system_profile_or_model(name)
        return ModelRef(found.scope, found.model_id, reference)
    return ModelRef(Scope.UNRESOLVED, profile_arn=reference if kind == "application-inference-profile" else "")


def _system_profile_or_model(name: str) -> ModelRef:
    geography, _, rest = name.partition(".")
    if geography in GEOGRAPHIES or rest.partition(".")[0] in PROVIDERS:
        return ModelRef(Scope.GLOBAL if geography == "global" else Scope.GEO, rest)
    return _bare_model(name)


def _bare_model(name: str) -> ModelRef:
    provider, dot, _ = name.partition(".")
    if not dot or not provider:
        return ModelRef(Scope.UNRESOLVED)
    return ModelRef(Scope.IN_REGION, name)
