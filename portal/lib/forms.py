"""How forms look: the renderer with our templates, and the widgets that Django does not have."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms.renderers import TemplatesSetting


class Renderer(TemplatesSetting):
    """Django's, with the markup of templates/components/: `{{ form.name.as_field_group }}`, `{{ form }}`."""

    form_template_name = "components/form.html"
    field_template_name = "components/field.html"


class _Detailed(forms.widgets.ChoiceWidget):
    """Choices with a small line each. details: value (as text) → line; barred: those that cannot be chosen → why."""

    template_name = "components/choice.html"

    def __init__(self, *args: Any, details: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.details = dict(details or {})
        self.barred: dict[str, str] = {}

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        if why := self.barred.get(str(value)):
            option["attrs"].pop("checked", None)
            option["attrs"]["disabled"] = True
            return option | {"detail": why, "selected": False}
        return option | {"detail": self.details.get(str(value), "")}


class ChoiceCards(_Detailed, forms.RadioSelect):
    """One of a few, each a card."""

    template_name = "components/choice.html"


class CheckCards(_Detailed, forms.CheckboxSelectMultiple):
    """Any of a few, each a card."""

    template_name = "components/choice.html"


_SENTENCES: dict[type[forms.Field], dict[str, str]] = {
    forms.Field: {
        "required": "Fill this in.",
        "min_value": "This must be %(limit_value)s or more.",
        "max_value": "This must be %(limit_value)s or less.",
        "max_length": "Use at most %(limit_value)d characters; these are %(show_value)d.",
        "min_length": "Use at least %(limit_value)d characters; these are %(show_value)d.",
        "max_digits": "Write it with at most %(max)s digits.",
        "max_decimal_places": "Write it with at most %(max)s digits after the point.",
        "max_whole_digits": "Write it with at most %(max)s digits before the point.",
        "null_characters_not_allowed": "There is a character in it that cannot be kept.",
    },
    forms.IntegerField: {"invalid": "Write a whole number, like 40."},
    forms.DecimalField: {"invalid": "Write a number, like 2500.50."},
    forms.DateField: {"invalid": "Write a date, like 2026-11-20."},
    forms.DateTimeField: {"invalid": "Write a date and a time, like 2026-11-20 14:00."},
    forms.EmailField: {"invalid": "This is not an e-mail address."},
    forms.ChoiceField: {"required": "Choose one.", "invalid_choice": "%(value)s cannot be chosen here."},
    forms.MultipleChoiceField: {
        "required": "Choose at least one.",
        "invalid_choice": "%(value)s cannot be chosen here.",
        "invalid_list": "Choose from the list.",
    },
    forms.ModelChoiceField: {"required": "Choose one.", "invalid_choice": "This cannot be chosen here."},
    forms.ModelMultipleChoiceField: {
        "required": "Choose at least one.",
        "invalid_choice": "%(value)s cannot be chosen here.",
        "invalid_pk_value": "%(pk)s cannot be chosen here.",
        "invalid_list": "Choose from the list.",
    },
}


def speak_plainly() -> None:
    """At start-up, before any form is declared: every form says what is wrong in our sentences, not in Django's."""
    for field, sentences in _SENTENCES.items():
        # A class of its own words: what it inherits must not be changed through it.
        field.default_error_messages = {**field.__dict__.get("default_error_messages", {}), **sentences}
