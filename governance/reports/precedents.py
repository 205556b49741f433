"""Alike before: decided approvals that resemble one, and how they ended."""

from dataclasses import dataclass

from governance.facts import stated
from governance.models import Approval, Decision, User

LIMIT = 5


@dataclass(frozen=True, slots=True)
class Precedent:
    """A decided approval, and in what it is alike: "same tenant", "same risk and data"; reason: what was said."""

    approval: Approval
    alike: str
    reason: str


def of(approval: Approval, reader: User) -> list[Precedent]:
    """The newest decided approvals of the same kind, in the same tenant or with the same risk vector, that `reader` may
    see."""
    decided = (
        Approval.objects.visible_to(reader)
        .filter(kind=approval.kind, state__in=[Approval.State.APPROVED, Approval.State.REJECTED])
        .exclude(pk=approval.pk)
        .select_related("tenant")
        .order_by("-decided_at")
    )
    vector = {f"facts__{name}": value for name, value in stated(approval.facts).items()}
    same_risk = list(decided.filter(**vector)[:LIMIT]) if vector else []
    same_tenant = list(decided.filter(tenant=approval.tenant)[:LIMIT]) if approval.tenant_id else []
    found = {one.pk: one for one in (*same_risk, *same_tenant)}
    newest = sorted(found.values(), key=lambda one: one.decided_at or one.opened_at, reverse=True)[:LIMIT]
    reasons = _reasons(newest)
    risky = {one.pk for one in same_risk}
    return [
        Precedent(one, "same risk and data" if one.pk in risky else "same tenant", reasons.get(one.pk, ""))
        for one in newest
    ]


def _reasons(approvals: list[Approval]) -> dict[int, str]:
    """The last words with a reason on each approval."""
    said = Decision.objects.filter(approval__in=approvals).exclude(reason="").order_by("decided_at")
    return dict(said.values_list("approval_id", "reason"))
