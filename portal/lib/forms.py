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
    """Choices with a small line each. details: value (as text) → line."""

    template_name = "components/choice.html"

    def __init__(self, *args: Any, details: Mapping[str, str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.details = dict(details or {})

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        return option | {"detail": self.details.get(str(value), "")}


class ChoiceCards(_Detailed, forms.RadioSelect):
    """One of a few, each a card."""

    template_name = "components/choice.html"


class CheckCards(_Detailed, forms.CheckboxSelectMultiple):
    """Any of a few, each a card."""

    template_name = "components/choice.html"
