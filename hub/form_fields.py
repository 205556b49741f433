"""Fields that read numbers as people write them; their errors repeat what could not be read."""

from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms


class WholeNumber(forms.IntegerField):
    """A count; thousands may be set apart. The error repeats what could not be read."""

    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})

    def __init__(self, *, example: int, **kwargs: Any) -> None:
        self.example = example
        super().__init__(min_value=0, max_value=2_000_000_000, required=False, **kwargs)

    def to_python(self, value: Any) -> int | None:
        text = str(value or "").strip()
        plain = text.replace(",", "").replace(" ", "").replace("\u202f", "")
        if text and not plain.isdecimal():
            raise forms.ValidationError(f"Enter a whole number, like {self.example}. “{text}” could not be read.")
        return super().to_python(plain)


class Dollars(forms.CharField):
    """An amount in USD, as Decimal. "$" and thousands separators may be there."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})

    def clean(self, value: Any) -> Decimal | None:
        text = str(value or "").strip()
        if not text:
            return None
        try:
            amount = Decimal(text.replace("$", "").replace(",", "").replace(" ", ""))
        except InvalidOperation:
            amount = Decimal("NaN")
        if not amount.is_finite() or not 0 <= amount < 10**9:
            raise forms.ValidationError(f"Enter an amount in US dollars, like 2500. “{text}” could not be read.")
        return amount.quantize(Decimal("0.01"))
