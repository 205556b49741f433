"""The models that the sandbox offers, by Region and day: facts of ``catalogue.json``, whose top names the sources."""

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("catalogue.json")
GLOBAL = "global"


@dataclass(frozen=True)
class Model:
    """One foundation model. ``profiles``: geography → destination Regions of its system inference profile."""

    id: str
    name: str
    provider: str
    input: tuple[str, ...]
    output: tuple[str, ...]
    streaming: bool
    customizations: tuple[str, ...]
    on_demand: tuple[str, ...]
    profiles: dict[str, tuple[str, ...]]
    start: date | None
    legacy: date | None
    extended: date | None
    end: date | None

    def arn(self, region: str) -> str:
        """The model's ARN in ``region``; without a Region (empty text) it is the one of global profiles."""
        return f"arn:aws:bedrock:{region}::foundation-model/{self.id}"

    def ended(self, today: date) -> bool:
        return self.end is not None and self.end <= today

    def inference_types(self, region: str) -> list[str]:
        """How the model may be called in ``region``. AWS says INFERENCE_PROFILE too, which botocore's enum lacks."""
        types = ["ON_DEMAND"] if region in self.on_demand else []
        if any(region in regions for regions in self.profiles.values()):
            types.append("INFERENCE_PROFILE")
        return types

    def details(self, region: str, today: date) -> dict[str, Any]:
        """The shape FoundationModelSummary, which equals FoundationModelDetails."""
        return {
            "modelArn": self.arn(region),
            "modelId": self.id,
            "modelName": self.name,
            "providerName": self.provider,
            "inputModalities": list(self.input),
            "outputModalities": list(self.output),
            "responseStreamingSupported": self.streaming,
            "customizationsSupported": list(self.customizations),
            "inferenceTypesSupported": self.inference_types(region),
            "modelLifecycle": self._lifecycle(today),
        }

    def _lifecycle(self, today: date) -> dict[str, Any]:
        dates = {
            "startOfLifeTime": self.start,
            "legacyTime": self.legacy,
            "publicExtendedAccessTime": self.extended,
            "endOfLifeTime": self.end,
        }
        status = "LEGACY" if self.legacy is not None and self.legacy <= today else "ACTIVE"
        return {"status": status} | {key: _midnight(day) for key, day in dates.items() if day is not None}


@dataclass(frozen=True)
class SystemProfile:
    """A system-defined inference profile as seen from one source Region."""

    geography: str
    model: Model
    source_region: str
    destinations: tuple[str, ...]

    @property
    def id(self) -> str:
        return f"{self.geography}.{self.model.id}"

    @property
    def name(self) -> str:
        owner = "" if self.model.provider == "Amazon" else f"{self.model.provider} "
        return f"{self.geography.upper()} {owner}{self.model.name}"[:64]

    def arn(self, account: str) -> str:
        return f"arn:aws:bedrock:{self.source_region}:{account}:inference-profile/{self.id}"

    @property
    def model_arns(self) -> list[str]:
        """The models it routes to. A global profile names its source Region and the ARN without a Region, as at AWS."""
        if self.geography == GLOBAL:
            return [self.model.arn(self.source_region), self.model.arn("")]
        return [self.model.arn(region) for region in self.destinations]


def today() -> date:
    """The sandbox's own day: like AWS, it does not follow the clock of the application."""
    return datetime.now(UTC).date()


@cache
def models() -> dict[str, Model]:
    """Every model of the file by id, those past their end included."""
    facts = json.loads(FILE.read_text())
    named: dict[str, list[str]] = facts["regions"]
    return {entry["id"]: _model(entry, named) for entry in facts["models"]}


def offered(region: str, day: date) -> list[Model]:
    """Models that may be called from ``region`` on ``day``."""
    return [model for model in models().values() if model.inference_types(region) and not model.ended(day)]


def system_profiles(region: str, day: date) -> list[SystemProfile]:
    """System inference profiles whose source Regions include ``region``."""
    return [
        SystemProfile(geography, model, region, destinations)
        for model in offered(region, day)
        for geography, destinations in model.profiles.items()
        if region in destinations
    ]


def _model(entry: dict[str, Any], named: dict[str, list[str]]) -> Model:
    def regions(value: str | list[str]) -> tuple[str, ...]:
        return tuple(named[value] if isinstance(value, str) else value)

    return Model(
        id=entry["id"],
        name=entry["name"],
        provider=entry["provider"],
        input=tuple(entry["input"]),
        output=tuple(entry["output"]),
        streaming=entry.get("streaming", True),
        customizations=tuple(entry.get("customizations", [])),
        on_demand=regions(entry.get("on_demand", [])),
        profiles={geography: regions(value) for geography, value in entry.get("profiles", {}).items()},
        **{
            key: date.fromisoformat(entry[key]) if key in entry else None
            for key in ("start", "legacy", "extended", "end")
        },
    )


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=UTC)
