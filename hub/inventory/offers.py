"""Keeping which models a region offers, and what follows for the models themselves."""

from collections import defaultdict
from collections.abc import Iterable

from django.db import connection

from governance import audit
from governance.vocabulary import Verb
from hub.inventory.merging import merge
from hub.inventory.reading import Offered
from hub.models import AwsAccount, FoundationModel, ModelOffer
from hub.price_list import context_window
from portal.aws.bedrock import ModelInfo
from portal.jobs.outbox import enqueue
from portal.lib import clock

PRICES_TASK = "hub.load_prices"
ACTIVE = "ACTIVE"
OFFER_FIELDS = (
    "arn",
    "inference_types",
    "agreement",
    "authorization",
    "entitlement",
    "region_availability",
    "lifecycle",
    "legacy_at",
    "end_of_life_at",
)
DESCRIBED_FIELDS = ("provider", "name", "streaming", "input_modalities", "output_modalities")
DERIVED_FIELDS = ("lifecycle", "legacy_at", "end_of_life_at", "vanished_at")


def save_offers(account: AwsAccount, region: str, found: Iterable[Offered]) -> int:
    """Keep what `region` of `account` offers. Runs inside a transaction; returns how many rows were written."""
    offered = {one.model.model_id: one for one in found}
    _one_at_a_time()
    models, written = _models(offered)
    known = {
        offer.model.model_id: offer
        for offer in ModelOffer.objects.filter(account=account, region=region).select_related("model")
    }
    rows = {
        model_id: _offer(account, region, models[model_id], one, known.get(model_id))
        for model_id, one in offered.items()
    }
    changed = merge(ModelOffer, known, rows, OFFER_FIELDS)
    if changed:
        written += _derive({*models.values(), *(offer.model for offer in known.values())})
    return written + changed


def _one_at_a_time() -> None:
    """Syncs of other accounts wait for this transaction: two would find the same new model."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('hub.catalogue'))")


def _models(offered: dict[str, Offered]) -> tuple[dict[str, FoundationModel], int]:
    """The models by id, the new ones made, and how many rows were written."""
    models = {model.model_id: model for model in FoundationModel.objects.filter(model_id__in=offered)}
    new = [_new_model(one.model) for model_id, one in offered.items() if model_id not in models]
    renamed = [model for model_id, model in models.items() if _describe(model, offered[model_id].model)]
    if renamed:
        FoundationModel.objects.bulk_update(renamed, DESCRIBED_FIELDS, batch_size=500)
    FoundationModel.objects.bulk_create(new)
    for model in new:
        models[model.model_id] = model
        audit.record(Verb.MODEL_FOUND, model, by=None, model_id=model.model_id)
    if new:
        enqueue(PRICES_TASK)
    return models, len(new) + len(renamed)


def _new_model(info: ModelInfo) -> FoundationModel:
    model = FoundationModel(
        model_id=info.model_id,
        lifecycle=info.lifecycle,
        starts_at=info.starts_at,
        legacy_at=info.legacy_at,
        end_of_life_at=info.end_of_life_at,
        context_window=context_window(info.model_id),
    )
    _describe(model, info)
    return model


def _describe(model: FoundationModel, info: ModelInfo) -> bool:
    """Give the model its name, provider and abilities. Returns whether anything differed."""
    before = [getattr(model, name) for name in DESCRIBED_FIELDS]
    model.provider, model.name, model.streaming = info.provider, info.name, info.streaming
    model.input_modalities, model.output_modalities = list(info.input_modalities), list(info.output_modalities)
    return before != [getattr(model, name) for name in DESCRIBED_FIELDS]


def _offer(
    account: AwsAccount, region: str, model: FoundationModel, one: Offered, known: ModelOffer | None
) -> ModelOffer:
    """The row for an offer. Where availability could not be read, what was known stands."""
    said = one.availability
    return ModelOffer(
        model=model,
        account=account,
        region=region,
        arn=one.model.arn,
        inference_types=list(one.model.inference_types),
        agreement=said.agreement if said else known.agreement if known else "",
        authorization=said.authorization if said else known.authorization if known else "",
        entitlement=said.entitlement if said else known.entitlement if known else "",
        region_availability=said.region if said else known.region_availability if known else "",
        lifecycle=one.model.lifecycle,
        legacy_at=one.model.legacy_at,
        end_of_life_at=one.model.end_of_life_at,
    )


def _derive(models: Iterable[FoundationModel]) -> int:
    """Lifecycle of each model from its offers in all accounts: the earliest dates, and gone when all are gone."""
    by_model: dict[int, list[ModelOffer]] = defaultdict(list)
    models = list(models)
    for offer in ModelOffer.objects.filter(model__in=models, vanished_at__isnull=True):
        by_model[offer.model_id].append(offer)
    changed = [model for model in models if _derive_one(model, by_model[model.pk])]
    if changed:
        FoundationModel.objects.bulk_update(changed, DERIVED_FIELDS, batch_size=500)
    return len(changed)


def _derive_one(model: FoundationModel, offers: list[ModelOffer]) -> bool:
    before = [getattr(model, name) for name in DERIVED_FIELDS]
    if offers:
        # A word other than ACTIVE, known to us or not, is worth more attention.
        model.lifecycle = min((offer.lifecycle for offer in offers), key=lambda word: (word == ACTIVE, word))
        model.legacy_at = min((o.legacy_at for o in offers if o.legacy_at), default=None)
        model.end_of_life_at = min((o.end_of_life_at for o in offers if o.end_of_life_at), default=None)
        model.vanished_at = None
    elif model.vanished_at is None:
        model.vanished_at = clock.now()
        audit.record(Verb.MODEL_VANISHED, model, by=None, model_id=model.model_id)
    return before != [getattr(model, name) for name in DERIVED_FIELDS]
