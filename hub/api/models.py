"""Models in the API: where each stands, for which data, where it is offered, at which price."""

from typing import Any

from django.db.models import Prefetch, QuerySet
from rest_framework import serializers

from governance.models import DataClass
from governance.scopes import Scope
from hub.api.named import AccountName
from hub.models import Clearance, FoundationModel, ModelOffer, Price, SystemProfile
from hub.price_list import BEGINNING
from hub.reports import models as report
from hub.reports.prices import PriceLine, lines
from portal.lib import clock
from portal.lib.api.money import decimal_text
from portal.lib.api.resource import Listed, Shown


class ClearanceShape(serializers.ModelSerializer[Clearance]):
    """That the model may be used with this class of data, and less sensitive ones. regions: "global" is anywhere."""

    class Meta:
        model = Clearance
        fields = ("data_class", "regions", "conditions", "since")


class ModelShape(serializers.ModelSerializer[FoundationModel]):
    """A model of the catalogue. clearances: those in force."""

    clearances = ClearanceShape(many=True, source="in_force")

    class Meta:
        model = FoundationModel
        fields = (
            "uid",
            "model_id",
            "provider",
            "name",
            "status",
            "clearances",
            "input_modalities",
            "output_modalities",
            "streaming",
            "context_window",
            "max_output",
            "lifecycle",
            "legacy_at",
            "end_of_life_at",
            "first_seen_at",
            "vanished_at",
        )


class OfferShape(serializers.ModelSerializer[ModelOffer]):
    """AWS's own words about the model in one Region of one account; available: whether a call can work."""

    available = serializers.BooleanField()

    class Meta:
        model = ModelOffer
        fields = ("available", "inference_types", "agreement", "authorization", "entitlement", "region_availability")


class ProfileShape(serializers.ModelSerializer[SystemProfile]):
    """An inference profile of AWS; calls may be answered in any of its destinations."""

    class Meta:
        model = SystemProfile
        fields = ("profile_id", "scope", "destination_regions")


class ReachShape(serializers.Serializer[report.Reach]):
    """How it is reached in one Region of one account. offer: null where only a profile of AWS leads to it."""

    account = AccountName()
    region = serializers.CharField()
    in_region = serializers.BooleanField(help_text="Whether it can be called without a profile.")
    offer = OfferShape(allow_null=True)
    profiles = ProfileShape(many=True)


class PriceShape(serializers.Serializer[PriceLine]):
    """Rates in USD per million tokens, by class of token. An empty scope, region or list of bands is any."""

    tier = serializers.CharField()
    scope = serializers.CharField()
    region = serializers.CharField()
    bands = serializers.SerializerMethodField(help_text="Sizes of the prompt.")
    since = serializers.SerializerMethodField(help_text="null: since before anything that is known.")
    until = serializers.DateTimeField(allow_null=True)
    source = serializers.CharField(source="source_words")  # type: ignore[assignment]
    usd_per_million = serializers.SerializerMethodField()

    def get_bands(self, line: PriceLine) -> list[str]:
        return [band for band in line.bands if band]

    def get_since(self, line: PriceLine) -> str | None:
        return serializers.DateTimeField().to_representation(line.since) if line.since > BEGINNING else None

    def get_usd_per_million(self, line: PriceLine) -> dict[str, str]:
        return {name: decimal_text(rate) for name, rate in line.rates.items()}


class ModelWhole(ModelShape):
    """With where the caller can reach it and what it costs."""

    meaning = serializers.CharField(help_text="The status in a sentence.")
    offers = ReachShape(many=True, source="reaches")
    prices = PriceShape(many=True)

    class Meta(ModelShape.Meta):
        fields = (*ModelShape.Meta.fields, "meaning", "offers", "prices")  # type: ignore[assignment]


class ModelFilters(serializers.Serializer[Any]):
    words = serializers.CharField(required=False, max_length=140, help_text="Words of its name or id.")
    provider = serializers.CharField(required=False, max_length=60)
    status = serializers.ChoiceField(FoundationModel.Status.choices, required=False)
    modality = serializers.CharField(required=False, max_length=16, help_text="What it makes, such as TEXT.")
    region = serializers.CharField(required=False, max_length=32, help_text="Where some account offers it.")
    data_class = serializers.ChoiceField(DataClass.choices, required=False, help_text="It is cleared for such data.")


class Models(Listed, Shown):
    """The catalogue: what may be asked for, for which data, where and for how much."""

    reads = Scope.MODELS_READ
    shape, whole = ModelShape, ModelWhole
    filters = ModelFilters

    def visible(self) -> QuerySet[FoundationModel]:
        in_force = Clearance.objects.in_force(clock.now())
        return FoundationModel.objects.visible_to(self.person).prefetch_related(
            Prefetch("clearances", queryset=in_force, to_attr="in_force")
        )

    def narrowed(self, rows: QuerySet[FoundationModel], chosen: dict[str, Any]) -> QuerySet[FoundationModel]:
        return report.narrowed(rows, **chosen)

    def told(self, thing: Any) -> Any:
        thing.meaning = report.meaning(thing)
        thing.reaches = report.reaches(thing, self.person)
        thing.prices = lines(Price.objects.in_force(clock.now()).filter(model_id=thing.model_id))
        return super().told(thing)
