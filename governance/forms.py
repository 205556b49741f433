"""Forms of governance. They read what was typed; what may be done is decided by the actions."""

from typing import Any

from django import forms

from governance import policy
from governance.data_classes import DETAILS
from governance.models import Approval, ApprovalStep, Decision, Tenant, UseCase, User
from governance.models.tenant import DataClass
from governance.regions import REGIONS
from governance.reports import audit_sentences
from governance.reports.reviews import SHOWS
from governance.roles import Permission
from portal.lib.forms import CheckCards, ChoiceCards


class InboxForm(forms.Form):
    """Which approvals the inbox shows."""

    show = forms.ChoiceField(label="Show", choices=list(SHOWS.items()), required=False)
    kind = forms.ChoiceField(label="Of kind", required=False)

    def __init__(self, *args: Any, kinds: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kinds = kinds
        self.fields["kind"] = forms.ChoiceField(label="Of kind", choices=[("", "Every kind"), *kinds], required=False)


class DecisionForm(forms.Form):
    """A verdict on a step of one approval; a no needs a reason."""

    step = forms.ModelChoiceField(queryset=ApprovalStep.objects.none(), widget=forms.HiddenInput)
    verdict = forms.ChoiceField(choices=Decision.Verdict, widget=forms.HiddenInput)
    reason = forms.CharField(
        label="Reason, or a condition",
        required=False,
        max_length=2000,
        widget=forms.TextInput(attrs={"placeholder": "Reason, or a condition: “renew the DPIA by 9 December”"}),
    )

    def __init__(self, *args: Any, approval: Approval, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["step"].queryset = approval.steps.all()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """What is wrong with a field that nobody sees is said above the form."""
        if {"step", "verdict"} & self.errors.keys():
            self.add_error(None, "This was not a decision on a step of this request. Choose one of the buttons.")
        return self.cleaned_data


class CommentForm(forms.Form):
    text = forms.CharField(label="Comment", max_length=4000, widget=forms.Textarea(attrs={"rows": 2}))


class OnboardingForm(forms.Form):
    """A new line of business or team."""

    parent = forms.ModelChoiceField(
        label="Part of",
        queryset=Tenant.objects.none(),
        required=False,
        empty_label="None: it is a line of business of its own",
    )
    name = forms.CharField(max_length=80)
    purpose = forms.CharField(
        label="What for", help_text="What its people want to do with generative AI.", widget=forms.Textarea
    )
    cost_centre = forms.CharField(max_length=32, help_text="Who pays, as your accounting writes it.")
    data_classes = forms.MultipleChoiceField(
        label="Data it may use", choices=DataClass, widget=CheckCards(details=DETAILS)
    )
    regions = forms.MultipleChoiceField(
        label="Regions it may use",
        choices=[(region, region) for region in REGIONS],
        widget=CheckCards(details=REGIONS),
    )
    monthly_budget_usd = forms.DecimalField(
        label="Budget a month, in USD", min_value=0, max_digits=12, decimal_places=2
    )
    owner_email = forms.EmailField(label="Owner's e-mail", help_text="Answers for it and approves its requests.")
    builder_emails = forms.CharField(
        label="Builders' e-mails", required=False, help_text="One on each line.", widget=forms.Textarea
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lines = Tenant.objects.visible_to(user).lines_of_business().filter(state=Tenant.State.ACTIVE)
        self.fields["parent"].queryset = lines  # type: ignore[attr-defined]

    def clean_builder_emails(self) -> list[str]:
        lines = self.cleaned_data["builder_emails"].replace(",", "\n").splitlines()
        return [line.strip() for line in lines if line.strip()]


class TenantForm(forms.Form):
    """What of a tenant can be changed."""

    name = forms.CharField(max_length=80)
    cost_centre = forms.CharField(max_length=32)
    data_classes = OnboardingForm.base_fields["data_classes"]
    regions = OnboardingForm.base_fields["regions"]


class UseCaseForm(forms.ModelForm[UseCase]):
    """A use case; the risk tier follows from its answers."""

    tenant = forms.ModelChoiceField(label="Tenant", queryset=Tenant.objects.none(), empty_label="Choose one")

    class Meta:
        model = UseCase
        fields = (
            "tenant",
            "name",
            "purpose",
            "data_class",
            "audience",
            "people",
            "autonomy",
            "affects_people",
            "outcome",
            "kpi",
            "kpi_baseline",
            "kpi_target",
            "sponsor",
            "owner",
        )
        widgets = {  # noqa: RUF012  (Django reads it from the class)
            "data_class": ChoiceCards(details=DETAILS),
            "audience": ChoiceCards,
            "autonomy": ChoiceCards,
            "purpose": forms.Textarea(attrs={"rows": 2}),
        }
        labels = {  # noqa: RUF012
            "data_class": "Which data does it work with?",
            "audience": "Who sees its answers?",
            "autonomy": "How far does it act alone?",
            "kpi": "KPI",
            "kpi_baseline": "KPI today",
            "kpi_target": "KPI promised",
        }

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        tenants = Tenant.objects.filter(policy.within(user, Permission.EDIT_USE_CASES), state=Tenant.State.ACTIVE)
        self.fields["tenant"].queryset = tenants  # type: ignore[attr-defined]
        # Drop the empty choice that Django adds in front of cards.
        for name in ("data_class", "audience", "autonomy"):
            self.fields[name].choices = [c for c in self.fields[name].choices if c[0] != ""]  # type: ignore[attr-defined]
        if self.instance.pk:
            del self.fields["tenant"]
            people = User.objects.filter(is_active=True, memberships__tenant__in=_around(self.instance.tenant))
            self.fields["owner"].queryset = people.distinct()  # type: ignore[attr-defined]
        else:
            del self.fields["owner"]


class StageForm(forms.Form):
    stage = forms.ChoiceField(choices=UseCase.Stage)


class AuditForm(forms.Form):
    """What of the audit trail is shown."""

    who = forms.CharField(label="Who", required=False, max_length=160)
    verb = forms.ChoiceField(label="What", required=False, choices=audit_sentences.choices)
    subject = forms.CharField(label="Which thing", required=False, max_length=200)
    tenant = forms.ModelChoiceField(
        label="Tenant", queryset=Tenant.objects.none(), required=False, empty_label="Every tenant"
    )
    since = forms.DateField(label="From", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label="To", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    before = forms.CharField(required=False, max_length=80, widget=forms.HiddenInput)
    after = forms.CharField(required=False, max_length=80, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tenant"].queryset = Tenant.objects.visible_to(user)  # type: ignore[attr-defined]


def _around(tenant: Tenant) -> list[int]:
    """The ids of the tenants whose members act in `tenant`."""
    return [tenant.pk, tenant.parent_id or tenant.pk]
