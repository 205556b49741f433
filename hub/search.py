"""What of the hub is found by search."""

from collections.abc import Iterable

from django.urls import reverse

from governance.models import User
from governance.search import Hit
from hub.models import FoundationModel, Guardrail


def models(user: User, words: str, limit: int) -> Iterable[Hit]:
    """Models by name, id or provider."""
    visible = FoundationModel.objects.visible_to(user)
    found = visible.filter(name__icontains=words) | visible.filter(model_id__icontains=words)
    for model in (found | visible.filter(provider__icontains=words))[:limit]:
        note = f"{model.provider} · {model.get_status_display().lower()}"
        yield Hit(model.name, "model", reverse("hub:model-detail", args=[model.uid]), note)


def guardrails(user: User, words: str, limit: int) -> Iterable[Hit]:
    """Guardrails by name."""
    found = Guardrail.objects.visible_to(user).filter(name__icontains=words).select_related("account")
    for guardrail in found[:limit]:
        note = f"{guardrail.account.name} · {guardrail.region}"
        yield Hit(guardrail.name, "guardrail", reverse("hub:guardrail-detail", args=[guardrail.uid]), note)
