"""What of the hub is found by search."""

from collections.abc import Iterable

from django.urls import reverse

from governance import policy
from governance.models import User
from governance.roles import Permission
from governance.search import Hit, containing
from hub.models import AwsAccount, FoundationModel, Guardrail
from hub.reports.accounts import STATES


def models(user: User, words: str, limit: int) -> Iterable[Hit]:
    """Models by name, id or provider."""
    found = FoundationModel.objects.visible_to(user).filter(containing(words, "name", "model_id", "provider"))
    for model in found[:limit]:
        note = f"{model.provider} · {model.get_status_display().lower()}"
        yield Hit(model.name, "model", reverse("hub:model-detail", args=[model.uid]), note)


def guardrails(user: User, words: str, limit: int) -> Iterable[Hit]:
    """Guardrails by name or account."""
    found = Guardrail.objects.visible_to(user).filter(containing(words, "name", "account__name"))
    for guardrail in found.select_related("account")[:limit]:
        note = f"{guardrail.account.name} · {guardrail.region}"
        yield Hit(guardrail.name, "guardrail", reverse("hub:guardrail-detail", args=[guardrail.uid]), note)


def accounts(user: User, words: str, limit: int) -> Iterable[Hit]:
    """AWS accounts by number or name, for those who may open their pages."""
    if not policy.can(user, Permission.VIEW_PLATFORM):
        return
    for account in AwsAccount.objects.visible_to(user).filter(containing(words, "number", "name"))[:limit]:
        note = f"{account.number} · {STATES[AwsAccount.State(account.state)].label}"
        yield Hit(account.name, "AWS account", reverse("hub:account-detail", args=[account.uid]), note)
