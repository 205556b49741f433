"""Forms of the page on which tokens, services and keys are made."""

from typing import Any

from django import forms
from django.db.models import QuerySet

from governance.models import Tenant, User
from governance.scopes import Scope
from portal.lib.forms import CheckCards

LASTING = (("30", "30 days"), ("90", "90 days"), ("180", "180 days"), ("365", "a year"))


class TokenForm(forms.Form):
    """A token that acts as who makes it."""

    name = forms.CharField(label="What for", max_length=80, help_text="The program that will hold it.")
    scopes = forms.MultipleChoiceField(label="May be used to", choices=Scope, widget=CheckCards)
    days = forms.TypedChoiceField(label="Ends after", choices=LASTING, coerce=int, initial="90")


class KeyForm(TokenForm):
    """A key of a service account."""

    account = forms.ModelChoiceField(
        label="Service", queryset=User.objects.none(), empty_label="Choose one", help_text="Who the key acts as."
    )
    field_order = ("account", "name", "scopes", "days")

    def __init__(self, *args: Any, accounts: QuerySet[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["account"].queryset = accounts  # type: ignore[attr-defined]


class ServiceForm(forms.Form):
    """A service account of a tenant."""

    name = forms.CharField(max_length=120, help_text="What the program is called, like “Claims intake”.")
    tenant = forms.ModelChoiceField(queryset=Tenant.objects.none(), empty_label="Choose one")

    def __init__(self, *args: Any, tenants: QuerySet[Tenant], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tenant"].queryset = tenants  # type: ignore[attr-defined]
