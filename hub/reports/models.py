"""What the pages of the model hub tell."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q, QuerySet

from governance.models import DataClass, User
from hub.clearance import covering
from hub.inventory import SYNC_KIND
from hub.model_states import MEANING
from hub.models import AwsAccount, Clearance, FoundationModel, Grant, ModelOffer, ModelReview, Price, SystemProfile
from hub.prices import Rates, rate_table
from hub.regions import GLOBAL, place, places
from portal.jobs.reports import syncs
from portal.lib import clock
from portal.lib.status import Status, Tone

S = FoundationModel.Status
TONES = {
    S.UNREVIEWED: Tone.IDLE,
    S.IN_REVIEW: Tone.ATTENTION,
    S.APPROVED: Tone.OK,
    S.RESTRICTED: Tone.ATTENTION,
    S.DEPRECATED: Tone.ATTENTION,
    S.RETIRED: Tone.IDLE,
    S.BLOCKED: Tone.DANGER,
}
# What one may ask for stands above what one may not.
ORDER = (S.APPROVED, S.RESTRICTED, S.IN_REVIEW, S.DEPRECATED, S.UNREVIEWED, S.BLOCKED, S.RETIRED)
ON_DEMAND = "ON_DEMAND"


def status_of(model: FoundationModel) -> Status:
    """Where the model stands, as a badge; a model that no account offers any more is gone, whatever was decided."""
    if model.vanished_at:
        return Status("vanished", "no longer offered", Tone.DANGER)
    return Status(model.status, model.get_status_display().lower(), TONES[S(model.status)])


REVIEW_TONES = {
    ModelReview.State.APPROVED: Tone.OK,
    ModelReview.State.REJECTED: Tone.DANGER,
    ModelReview.State.IN_REVIEW: Tone.ATTENTION,
    ModelReview.State.CHANGES_REQUESTED: Tone.ATTENTION,
}


def review_status(review: ModelReview) -> Status:
    """How a review stands, as a badge."""
    tone = REVIEW_TONES.get(ModelReview.State(review.state), Tone.IDLE)
    return Status(review.state, review.get_state_display().lower(), tone)


@dataclass(frozen=True, slots=True)
class ModelRow:
    """A line of the list. rates: in region, at the standard tier; None is unpriced."""

    model: FoundationModel
    status: Status
    cleared: str
    regions: str
    rates: Rates | None


def rows(models: Iterable[FoundationModel]) -> list[ModelRow]:
    """The lines for `models`, with a constant number of queries."""
    models = list(models)
    table = rate_table(clock.now())
    regions: dict[int, set[str]] = defaultdict(set)
    offers = ModelOffer.objects.filter(model__in=models, vanished_at__isnull=True)
    for model_id, region in offers.values_list("model_id", "region"):
        regions[model_id].add(region)
    clearances: dict[int, list[Clearance]] = defaultdict(list)
    for clearance in Clearance.objects.filter(model__in=models).in_force(clock.now()):
        clearances[clearance.model_id].append(clearance)
    return [
        ModelRow(
            model,
            status_of(model),
            most_sensitive(clearances[model.pk]),
            places(regions[model.pk]) if regions[model.pk] else "",
            table.rates(model.model_id, region="", scope=Price.Scope.IN_REGION)
            or table.rates(model.model_id, region="", scope=Price.Scope.GEO),
        )
        for model in models
    ]


def narrowed(
    models: QuerySet[FoundationModel],
    *,
    words: str = "",
    modality: str = "",
    region: str = "",
    data_class: str = "",
    **exact: str,
) -> QuerySet[FoundationModel]:
    """`models` with these words in name or id, that make `modality`, offered in `region`, cleared for `data_class`.

    exact: provider and status.
    """
    models = models.filter(Q(name__icontains=words) | Q(model_id__icontains=words), **exact)
    if modality:
        models = models.filter(output_modalities__contains=[modality])
    if region:
        here = ModelOffer.objects.filter(region=region, vanished_at__isnull=True)
        models = models.filter(pk__in=here.values("model"))
    if data_class:
        enough = DataClass.values[DataClass.values.index(data_class) :]
        clearances = Clearance.objects.in_force(clock.now()).filter(data_class__in=enough)
        models = models.filter(pk__in=clearances.values("model"))
    return models


def catalogue_read_at() -> datetime | None:
    """The moment up to which the whole catalogue is known; None while nothing was read."""
    ends = [state.data_from for state in syncs(SYNC_KIND) if state.data_from]
    return min(ends, default=None)


def most_sensitive(clearances: Iterable[Clearance]) -> str:
    """ "up to confidential data", "" without any clearance."""
    classes = {clearance.data_class for clearance in clearances}
    highest = next((one for one in reversed(DataClass) if one.value in classes), None)
    return f"up to {highest.label.lower()}" if highest else ""


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether the model may be used with one class of data. clearances: those that say so."""

    data_class: str
    allowed: bool
    sentence: str
    clearances: list[Clearance]

    @property
    def conditions(self) -> list[str]:
        """What holds for everybody who uses it so, each once."""
        return list(dict.fromkeys(one.conditions for one in self.clearances if one.conditions))

    @property
    def status(self) -> Status:
        return Status("cleared", "cleared", Tone.OK) if self.allowed else Status("not_cleared", "not cleared")


def answers(model: FoundationModel) -> list[Answer]:
    """May I use it, for each class of data, from the least to the most sensitive."""
    in_force = list(model.clearances.in_force(clock.now()).select_related("review"))
    found = []
    for data_class in DataClass:
        enough = covering(in_force, data_class.value)
        regions = {region for clearance in enough for region in clearance.regions}
        where = "anywhere in the world" if GLOBAL in regions else f"in {places(regions)}"
        sentence = where if enough else "no review has cleared it"
        found.append(Answer(data_class.label, bool(enough), sentence, enough))
    return found


@dataclass(slots=True)
class Reach:
    """How a model is reached in one region of one account."""

    account: AwsAccount
    region: str
    offer: ModelOffer | None = None
    profiles: list[SystemProfile] = field(default_factory=list)

    @property
    def place(self) -> str:
        return place(self.region)

    @property
    def in_region(self) -> bool:
        """Whether the model itself can be called here, without a profile."""
        return self.offer is not None and ON_DEMAND in self.offer.inference_types

    @property
    def status(self) -> Status:
        if self.offer is None or self.offer.vanished_at:
            return Status("gone", "no longer offered", Tone.DANGER)
        if self.offer.available:
            return Status("available", "available", Tone.OK)
        return Status("not_available", "not enabled", Tone.ATTENTION)


def reaches(model: FoundationModel, user: User) -> list[Reach]:
    """Where the model can be called, in the accounts that this person may see, by account and region."""
    accounts = AwsAccount.objects.visible_to(user)
    found: dict[tuple[int, str], Reach] = {}
    offers = model.offers.filter(account__in=accounts, vanished_at__isnull=True).select_related("account")
    for offer in offers.order_by("account__name", "region"):
        found[offer.account_id, offer.region] = Reach(offer.account, offer.region, offer)
    profiles = model.system_profiles.filter(account__in=accounts, vanished_at__isnull=True).select_related("account")
    for profile in profiles.order_by("account__name", "region", "profile_id"):
        reach = found.setdefault((profile.account_id, profile.region), Reach(profile.account, profile.region))
        reach.profiles.append(profile)
    return list(found.values())


def destinations(profile: SystemProfile) -> str:
    """Where calls through a profile may be answered, in words."""
    if profile.scope == SystemProfile.Scope.GLOBAL:
        return "any region of the world"
    return places(profile.destination_regions)


def grants_of(model: FoundationModel, user: User) -> QuerySet[Grant]:
    """The grants of the model that this person may see, the newest first."""
    return Grant.objects.visible_to(user).filter(model=model).select_related("use_case", "tenant").order_by("-pk")


def meaning(model: FoundationModel) -> str:
    """What the status means, as a sentence."""
    return MEANING[model.status]
