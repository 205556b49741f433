"""The form by which platform staff let something go wrong in the sandbox."""

from typing import Any

from django import forms

from portal.aws.sandbox import Faults

ANY = "*"


class FaultForm(forms.Form):
    """One fault: what goes wrong, where, how often. `known`: what the sandbox offers to choose from."""

    kind = forms.ChoiceField(label="What goes wrong", widget=forms.Select)
    account = forms.ChoiceField(label="In which account", widget=forms.Select)
    operation = forms.CharField(
        label="In which operation",
        initial=ANY,
        max_length=120,
        help_text="Like bedrock:ListGuardrails, bedrock:* for a whole service, or * for everything.",
    )
    percent = forms.IntegerField(label="In how many of 100 calls", initial=100, min_value=1, max_value=100)
    seconds = forms.DecimalField(
        label="For how many seconds",
        required=False,
        min_value=0,
        help_text="For an answer that is slow or never comes, and for late reads. Empty: what is usual.",
    )
    seed = forms.IntegerField(
        initial=1, min_value=0, max_value=2**31, help_text="The same seed hits the same calls again."
    )

    def __init__(self, *args: Any, known: Faults, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._choose("kind", [(kind.name, f"{kind.label}: {kind.sentence}") for kind in known.kinds])
        named = [(number, f"{name} ({number})") for number, name in known.accounts.items()]
        self._choose("account", [(ANY, "Every account"), *named])

    def given(self) -> dict[str, Any]:
        """The arguments of the action."""
        cleaned = self.cleaned_data
        seconds = cleaned["seconds"]
        return {
            "account": cleaned["account"],
            "operation": cleaned["operation"].strip(),
            "kind": cleaned["kind"],
            "rate": cleaned["percent"] / 100,
            "seconds": None if seconds is None else float(seconds),
            "seed": cleaned["seed"],
        }

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        self.fields[name].choices = choices  # type: ignore[attr-defined]
