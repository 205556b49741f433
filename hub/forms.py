"""What people type on the pages of the hub: filters, reviews, prices, accounts."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.db.models import F, Func, QuerySet

from governance.data_classes import DETAILS
from governance.models import DataClass, Tenant
from hub.bands import BANDS
from hub.model_states import MEANING
from hub.models import AwsAccount, FoundationModel, Price
from hub.models.account import ACCOUNT_NUMBER
from hub.prices import STANDARD
from hub.regions import GLOBAL, PLACES, place
from hub.reports.models import narrowed
from portal.aws.arns import is_role, role_account
from portal.lib import clock
from portal.lib.forms import CheckCards

ANY = ("", "Any")
S = FoundationModel.Status
# What AWS calls service tiers, and batch, which is priced beside them.
TIERS = (STANDARD, "priority", "flex", "reserved", "batch")


def known_regions() -> list[tuple[str, str]]:
    """The Regions of the connected accounts, for a choice."""
    regions = {region for found in AwsAccount.objects.values_list("regions", flat=True) for region in found}
    return [(region, f"{place(region)} ({region})") for region in sorted(regions)]


class ModelFilter(forms.Form):
    """The facets of the model list."""

    q = forms.CharField(label="Name or id", required=False, max_length=140)
    provider = forms.ChoiceField(required=False)
    modality = forms.ChoiceField(label="Makes", required=False)
    status = forms.ChoiceField(required=False, choices=[ANY, *S.choices])
    region = forms.ChoiceField(required=False)
    data_class = forms.ChoiceField(label="Cleared for", required=False, choices=[ANY, *DataClass.choices])

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        models = FoundationModel.objects.order_by()
        providers = models.values_list("provider", flat=True).distinct()
        modalities = models.annotate(one=Func(F("output_modalities"), function="unnest")).values_list("one", flat=True)
        self._offer("provider", [(provider, provider) for provider in sorted(providers)])
        self._offer("modality", [(word, word.capitalize()) for word in sorted(set(modalities))])
        self._offer("region", known_regions())

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].choices = [ANY, *choices]  # type: ignore[attr-defined]

    def narrow(self, models: QuerySet[FoundationModel]) -> QuerySet[FoundationModel]:
        """`models` within the facets that could be read."""
        chosen = {name: value for name, value in getattr(self, "cleaned_data", {}).items() if value}
        return narrowed(models, words=chosen.pop("q", ""), **chosen)


class ReviewForm(forms.Form):
    """A proposal to clear a model."""

    data_classes = forms.MultipleChoiceField(
        label="For which data?",
        help_text="A class covers the less sensitive ones too.",
        choices=DataClass.choices,
        widget=CheckCards(details=DETAILS),
        error_messages={"required": "Choose at least one class of data."},
    )
    regions = forms.MultipleChoiceField(
        label="In which regions may the data be processed?",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choose at least one region."},
    )
    rationale = forms.CharField(
        label="Why does the company need it?",
        help_text="What it does better than the models that are cleared, and for whom.",
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=4000,
    )
    conditions = forms.CharField(
        label="Conditions for everybody who uses it",
        help_text="For example: only with the guardrail “customer-facing”.",
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=2000,
        required=False,
    )

    def __init__(self, *args: Any, model: FoundationModel, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        reached = {region for offer in model.offers.filter(vanished_at__isnull=True) for region in [offer.region]}
        profiles = model.system_profiles.filter(vanished_at__isnull=True)
        reached |= {region for profile in profiles for region in profile.destination_regions}
        choices = [(region, f"{place(region)} ({region})") for region in sorted(reached, key=place)]
        if any(profile.scope == Price.Scope.GLOBAL for profile in profiles):
            choices.append((GLOBAL, "Anywhere in the world, for global profiles"))
        self.fields["regions"].choices = choices  # type: ignore[attr-defined]


class StatusForm(forms.Form):
    """Where a model goes without a review: always to less use, never to more."""

    to = forms.ChoiceField(label="What shall it be?")
    reason = forms.CharField(
        label="Why?",
        help_text="Everybody who uses the model will read it.",
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=1000,
    )

    def __init__(self, *args: Any, open_moves: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(to, f"{S(to).label}: {MEANING[to]}") for to in open_moves]
        self.fields["to"].choices = choices  # type: ignore[attr-defined]


class PriceForm(forms.ModelForm):  # type: ignore[type-arg]  # not subscriptable when it runs
    """A rate that FinOps enters over the list."""

    reason = forms.CharField(
        label="Where does it come from?",
        help_text="The contract or offer, like “private offer of March”.",
        max_length=120,
    )

    usd_per_million = forms.DecimalField(
        label="USD per million tokens", min_value=Decimal(0), max_digits=16, decimal_places=8
    )

    class Meta:
        model = Price
        fields = ("model_id", "region", "scope", "tier", "band", "token_class", "usd_per_million", "since")
        labels = {  # noqa: RUF012
            "model_id": "Model",
            "scope": "How is it called?",
            "band": "Prompt size",
            "token_class": "Which tokens?",
            "since": "From when on? (UTC)",
        }
        error_messages = {  # noqa: RUF012
            NON_FIELD_ERRORS: {"unique_together": "There is a rate for exactly this from this moment on."}
        }
        widgets = {"since": forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")}  # noqa: RUF012
        help_texts = {"since": "The former rate ends then. Costs since then are computed again."}  # noqa: RUF012

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        models = FoundationModel.objects.order_by("provider", "name").values_list("model_id", "provider", "name")
        choices = [(model_id, f"{provider}: {name} ({model_id})") for model_id, provider, name in models]
        self.fields["model_id"] = forms.ChoiceField(label="Model", choices=[("", "Choose one"), *choices])
        regions = [("", "Any region"), *((region, f"{town} ({region})") for region, town in PLACES.items())]
        self.fields["region"] = forms.ChoiceField(label="Region", choices=regions, required=False)
        bands = [("", "Any size"), *((band, f"{band} tokens") for band in BANDS.values())]
        self.fields["band"] = forms.ChoiceField(label="Prompt size", choices=bands, required=False)
        tiers = [(tier, tier.capitalize()) for tier in TIERS]
        self.fields["tier"] = forms.ChoiceField(label="Service tier", choices=tiers, initial=STANDARD)
        self.fields["since"].initial = clock.now()


class AccountForm(forms.Form):
    """An AWS account that Atrium shall read and provision in."""

    number = forms.CharField(label="Account number", help_text="12 digits.", validators=[ACCOUNT_NUMBER])
    name = forms.CharField(label="What is it called?", max_length=80)
    environment = forms.ChoiceField(label="What runs there?", choices=AwsAccount.Environment.choices)
    tenant = forms.ModelChoiceField(
        Tenant.objects.none(),
        label="Whose is it?",
        help_text="Leave it empty for an account that all lines of business share.",
        required=False,
        empty_label="Shared",
    )
    regions = forms.MultipleChoiceField(
        label="In which regions?",
        help_text="Hold Ctrl or ⌘ to choose several.",
        choices=[(region, f"{town} ({region})") for region, town in sorted(PLACES.items(), key=lambda one: one[1])],
        widget=forms.SelectMultiple(attrs={"size": 8}),
        error_messages={"required": "Choose at least one region."},
    )
    role_arn = forms.CharField(
        label="Role that Atrium assumes",
        help_text="Leave it empty for atrium-control, which the template makes.",
        required=False,
        max_length=200,
    )

    def __init__(self, *args: Any, account: AwsAccount | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account = account
        self.fields["tenant"].queryset = Tenant.objects.order_by("name")  # type: ignore[attr-defined]
        if account:
            # The number is what the external id was made for: another account is another row.
            del self.fields["number"]

    def clean_role_arn(self) -> str:
        """The ARN of a role of this very account, or ""."""
        arn: str = self.cleaned_data["role_arn"].strip()
        number = self.account.number if self.account else self.cleaned_data.get("number", "")
        if arn and not is_role(arn):
            raise forms.ValidationError("Enter the ARN of a role, like arn:aws:iam::123456789012:role/atrium-control.")
        if arn and number and role_account(arn) != number:
            raise forms.ValidationError(f"This role belongs to account {role_account(arn)}, not to {number}.")
        return arn
