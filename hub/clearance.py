"""Is a model ready to be asked for? Why not, and what could be asked for instead."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal

from governance.models import DataClass
from hub.model_states import MEANING
from hub.models import Clearance, FoundationModel, Price
from hub.prices import STANDARD, Rates, RateTable, rate_table
from hub.regions import GLOBAL, places
from portal.lib import clock
from portal.lib.errors import Refused

MOST_ALTERNATIVES = 3
# For ordering alternatives only: answers are shorter than prompts, three to one being common for assistants.
INPUT_PARTS, OUTPUT_PARTS = 3, 1


@dataclass(frozen=True, slots=True)
class Alternative:
    """A model that may be asked for with the same data in the same regions; rates is None if it is unpriced."""

    model: FoundationModel
    rates: Rates | None


class NotRequestable(Refused):
    """Why a model cannot be asked for, with models that can, the cheapest first."""

    def __init__(self, sentence: str, alternatives: list[Alternative]) -> None:
        instead = [(str(one.model.uid), one.model.name) for one in alternatives]
        super().__init__(sentence, field="model", instead=instead)
        self.alternatives = alternatives


def check_requestable(model: FoundationModel, data_class: str, regions: Collection[str]) -> list[Clearance]:
    """The clearances under which `model` may process `data_class` data in every one of `regions`.

    regions: every Region in which a call may be served, "global" for a profile that may serve it anywhere.
    Raises NotRequestable with the reason and alternatives.
    """
    sentence = _why_nobody_may(model) or _why_not(model, data_class, regions)
    if sentence:
        raise NotRequestable(sentence, alternatives(model, data_class, regions))
    return covering(model.clearances.in_force(clock.now()), data_class)


def covering(clearances: Iterable[Clearance], data_class: str) -> list[Clearance]:
    """The clearances for `data_class` or for a more sensitive one, which covers it too."""
    enough = DataClass.values[DataClass.values.index(data_class) :]
    return [clearance for clearance in clearances if clearance.data_class in enough]


def cleared_regions(clearances: Iterable[Clearance]) -> set[str]:
    """Every Region that the clearances name, together; "global" stands for all."""
    return {region for clearance in clearances for region in clearance.regions}


def alternatives(model: FoundationModel, data_class: str, regions: Collection[str]) -> list[Alternative]:
    """Other models with the same abilities that may be asked for, the cheapest first, unpriced ones last."""
    candidates = (
        FoundationModel.objects.filter(
            status=FoundationModel.Status.APPROVED,
            output_modalities__contains=model.output_modalities,
            input_modalities__contains=model.input_modalities,
            vanished_at__isnull=True,
        )
        .exclude(pk=model.pk)
        .prefetch_related("clearances")
    )
    table = rate_table(clock.now())
    found = [
        Alternative(other, _rates(table, other, regions))
        for other in candidates
        if not _why_nobody_may(other) and not _why_not(other, data_class, regions)
    ]
    return sorted(found, key=_cost)[:MOST_ALTERNATIVES]


def _why_nobody_may(model: FoundationModel) -> str:
    if model.vanished_at:
        return f"{model.name} is no longer offered in any connected account."
    if model.end_of_life_at and model.end_of_life_at <= clock.now():
        return f"{model.name} reached the end of its life on {model.end_of_life_at:%-d %B %Y}."
    if model.status != FoundationModel.Status.APPROVED:
        return f"{model.name} is {model.get_status_display().lower()}. {MEANING[model.status]}"
    return ""


def _why_not(model: FoundationModel, data_class: str, regions: Collection[str]) -> str:
    now = clock.now()
    in_force = [c for c in model.clearances.all() if c.since <= now and (c.until is None or c.until > now)]
    enough = covering(in_force, data_class)
    word = DataClass(data_class).label.lower()
    if not enough:
        return f"{model.name} is not cleared for {word} data."
    cleared = cleared_regions(enough)
    if GLOBAL in cleared:
        return ""
    if GLOBAL in regions:
        return f"{model.name} is cleared for {word} data in {places(cleared)}, not in every region of the world."
    missing = set(regions) - cleared
    return f"{model.name} is cleared for {word} data in {places(cleared)}, not in {places(missing)}." if missing else ""


def _rates(table: RateTable, model: FoundationModel, regions: Collection[str]) -> Rates | None:
    scope = Price.Scope.GLOBAL if GLOBAL in regions else Price.Scope.GEO if len(regions) > 1 else Price.Scope.IN_REGION
    region = next(iter(regions), "") if len(regions) == 1 else ""
    return table.rates(model.model_id, region=region, scope=scope, tier=STANDARD)


def _cost(alternative: Alternative) -> tuple[bool, Decimal, str]:
    rates = alternative.rates
    if rates is None:
        return True, Decimal(0), alternative.model.name
    return False, INPUT_PARTS * rates.input + OUTPUT_PARTS * rates.output, alternative.model.name
