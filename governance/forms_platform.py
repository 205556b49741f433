"""Forms of the Platform pages: people, roles, and trying out a routing policy."""

from typing import Any

from django import forms

from governance.facts import FACTS
from governance.models import Tenant
from governance.roles import OF_PEOPLE
from governance.subjects import kinds, noun


class RoleForm(forms.Form):
    """A role, and where it is held."""

    role = forms.ChoiceField(choices=[(role.name, role.label) for role in OF_PEOPLE.values()])
    tenant = forms.ModelChoiceField(
        queryset=Tenant.objects.none(),
        required=False,
        empty_label="The whole company",
        help_text="Builders and owners belong to a tenant; every other role to the whole company.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        active = Tenant.objects.filter(state=Tenant.State.ACTIVE)
        self.fields["tenant"].queryset = active  # type: ignore[attr-defined]


class InvitationForm(RoleForm):
    """Somebody new, with a first role or none."""

    email = forms.EmailField(label="E-mail")
    name = forms.CharField(max_length=120)
    role = forms.ChoiceField(
        label="First role", required=False, choices=[("", "None yet"), *((r.name, r.label) for r in OF_PEOPLE.values())]
    )
    field_order = ("email", "name", "role", "tenant")


class TryForm(forms.Form):
    """Facts of a request that nobody asked: one field for each declared fact, empty for a fact that is not known."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for fact in FACTS.values():
            self.fields[fact.name] = _field(fact.name)

    def facts(self) -> dict[str, Any]:
        """The facts that were given, typed."""
        given = {name: value for name, value in self.cleaned_data.items() if value not in ("", None)}
        for name, value in given.items():
            if FACTS[name].type is bool:
                given[name] = value == "yes"
            elif FACTS[name].type is list:
                given[name] = [part.strip() for part in value.split(",") if part.strip()]
        return given


def _field(name: str) -> forms.Field:
    fact = FACTS[name]
    if name == "kind":
        return forms.ChoiceField(label=fact.sentence, choices=[(kind, noun(kind)) for kind in kinds()])
    if fact.choices:
        choices = [("", "not known"), *((value, value) for value in fact.choices)]
        return forms.ChoiceField(label=fact.sentence, choices=choices, required=False)
    if fact.type is bool:
        choices = [("", "not known"), ("yes", "yes"), ("no", "no")]
        return forms.ChoiceField(label=fact.sentence, choices=choices, required=False)
    if fact.type is int:
        return forms.IntegerField(label=fact.sentence, min_value=0, required=False)
    help_text = "Separated by commas." if fact.type is list else ""
    return forms.CharField(label=fact.sentence, required=False, help_text=help_text)
