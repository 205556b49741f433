"""What people type on the pages of costs."""

from collections.abc import Iterable
from datetime import UTC, datetime, time
from decimal import Decimal
from typing import Any

from django import forms

from finops.models import UsageHandle
from governance.models import Tenant, UseCase, User
from governance.policy import within
from governance.roles import Permission
from portal.lib import clock
from portal.lib.money import to_nano


class ThresholdsField(forms.Field):
    """Percentages as people write them: "50, 80, 100"."""

    def to_python(self, value: Any) -> list[int]:
        parts = [part.strip().rstrip("%").strip() for part in str(value or "").replace(";", ",").split(",")]
        try:
            return [int(part) for part in parts if part]
        except ValueError:
            raise forms.ValidationError(
                f"Enter whole percentages, like 50, 80, 100. “{value}” could not be read."
            ) from None

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(map(str, value)) if isinstance(value, list) else value


class BudgetForm(forms.Form):
    """How much a tenant, or one of its use cases, may spend a month."""

    tenant = forms.ModelChoiceField(Tenant.objects.none(), label="Whose budget is it?", empty_label="Choose one")
    use_case = forms.ModelChoiceField(
        UseCase.objects.none(),
        label="For one use case only?",
        help_text="Leave it empty for the budget of everything below the line of business or team.",
        required=False,
        empty_label="Everything",
    )
    amount = forms.DecimalField(
        label="How much a month?",
        help_text="USD, like 60000.",
        min_value=Decimal("0.01"),
        max_value=Decimal(1_000_000_000),
        decimal_places=2,
        error_messages={"invalid": "Enter an amount in USD, like 60000."},
    )
    thresholds = ThresholdsField(
        label="When shall people be told?", help_text="Percent of the budget, like 50, 80, 100.", initial="50, 80, 100"
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = Tenant.objects.filter(within(user, Permission.MANAGE_BUDGETS)).order_by("name")
        self.fields["tenant"].queryset = mine  # type: ignore[attr-defined]
        self.fields["use_case"].queryset = UseCase.objects.filter(tenant__in=mine)  # type: ignore[attr-defined]

    def clean_amount(self) -> int:
        """The amount in nano-USD."""
        return to_nano(self.cleaned_data["amount"])


class AssignForm(forms.Form):
    """Whose usage it is that carries this mark."""

    kind = forms.ChoiceField(
        choices=[(kind.value, kind.label) for kind in (UsageHandle.Kind.PRINCIPAL, UsageHandle.Kind.ACCOUNT)],
        widget=forms.HiddenInput,
    )
    value = forms.CharField(max_length=2048, widget=forms.HiddenInput)
    use_case = forms.ModelChoiceField(UseCase.objects.none(), label="Which use case is it?", empty_label="Choose one")
    since = forms.DateField(
        label="Since when?",
        help_text="Spend from this day on (UTC) moves to the use case, like 2026-09-01.",
        widget=forms.DateInput(attrs={"type": "date"}),
        error_messages={"invalid": "Enter a date, like 2026-09-01."},
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cases = UseCase.objects.visible_to(user).select_related("tenant__parent").order_by("name", "pk")
        self.fields["use_case"].queryset = cases  # type: ignore[attr-defined]
        self.fields["use_case"].choices = [("", "Choose one"), *_by_line(cases)]  # type: ignore[attr-defined]

    def clean_since(self) -> datetime:
        """The beginning of that day, UTC."""
        since = datetime.combine(self.cleaned_data["since"], time(), UTC)
        if since > clock.now():
            raise forms.ValidationError("The day lies ahead; choose today or earlier.")
        return since


def _by_line(cases: Iterable[UseCase]) -> list[tuple[str, list[tuple[int, str]]]]:
    """Use cases as the groups of a select: one for each line of business, with the team behind the name."""
    groups: dict[str, list[tuple[int, str]]] = {}
    for case in cases:
        line, team = case.tenant.parent or case.tenant, case.tenant if case.tenant.parent else None
        groups.setdefault(str(line), []).append((case.pk, f"{case.name} · {team}" if team else case.name))
    return sorted(groups.items())
