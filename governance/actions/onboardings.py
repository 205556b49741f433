"""Onboarding of tenants: asked for, approved, and then put in place: tenant, members, data classes, regions, budget."""

import re
from collections.abc import Callable, Iterable
from decimal import Decimal
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.urls import reverse

from governance import audit, policy
from governance.actions import approvals, people, tenants
from governance.models import Approval, Onboarding, Tenant, User
from governance.roles import ROLES, Builder, Owner, Permission
from governance.subjects import Subject
from governance.vocabulary import Verb
from portal.lib.digest import sha256
from portal.lib.errors import NotAllowed, Refused
from portal.lib.money import to_nano, to_usd

KIND = "governance.onboarding"
State = Onboarding.State
NEEDED = {
    "name": "a name",
    "cost_centre": "the cost centre that pays",
    "purpose": "a purpose",
    "monthly_budget_usd": "a monthly budget above zero",
}


def ask(
    *,
    name: str,
    cost_centre: str,
    purpose: str,
    data_classes: Iterable[str],
    regions: Iterable[str],
    monthly_budget_usd: Decimal,
    owner_email: str,
    builder_emails: Iterable[str] = (),
    parent: Tenant | None = None,
    by: User,
) -> Onboarding:
    """Draft the onboarding of a line of business, or of a team of `parent`. `submit` sends it into review."""
    policy.check_can(by, Permission.ONBOARD_TENANT, what="take tenants in")
    onboarding = Onboarding(requested_by=by)
    content = {
        "name": name.strip(),
        "cost_centre": cost_centre.strip(),
        "purpose": purpose.strip(),
        "data_classes": list(data_classes),
        "regions": sorted(set(regions)),
        "monthly_budget_usd": monthly_budget_usd,
        "owner_email": owner_email,
        "builder_emails": list(builder_emails),
        "parent": parent,
    }
    with transaction.atomic():
        _fill(onboarding, content)
        audit.record(Verb.TENANT_ONBOARDING_ASKED, onboarding, by=by, tenant=parent)
    return onboarding


def change(onboarding: Onboarding, *, by: User, **content: Any) -> Onboarding:
    """Change a draft, or what changes were asked for. content: all or some of what `ask` takes."""
    _check_own(onboarding, by)
    with transaction.atomic():
        # As it stands now, its row locked: what is submitted at the same moment is not changed under its reviewers.
        onboarding.refresh_from_db(from_queryset=Onboarding.objects.select_for_update())
        if onboarding.state != State.DRAFT:
            raise Refused(f"This onboarding is {onboarding.get_state_display().lower()}; it cannot be changed.")
        _fill(onboarding, content)
        audit.record(Verb.TENANT_ONBOARDING_ASKED, onboarding, by=by, tenant=onboarding.parent, changed=sorted(content))
    return onboarding


def submit(onboarding: Onboarding, *, by: User) -> Approval:
    """Send a draft into review, or back into it after changes were asked for."""
    _check_own(onboarding, by)
    with transaction.atomic():
        if Onboarding.objects.filter(pk=onboarding.pk, state=State.DRAFT).update(state=State.IN_REVIEW) != 1:
            raise Refused("This onboarding was submitted already.")
        onboarding.refresh_from_db()
        running = Approval.objects.open().filter(kind=KIND, subject_id=onboarding.pk).first()
        if running:
            return approvals.resubmit(running, by=by)
        return approvals.open(kind=KIND, subject=onboarding, by=by)


def _approved(onboarding: Onboarding, approval: Approval) -> None:
    """Put in place what was asked for. The default budget is made by who listens to the new tenant."""
    tenant = tenants.create(
        name=onboarding.name,
        cost_centre=onboarding.cost_centre,
        data_classes=onboarding.data_classes,
        regions=onboarding.regions,
        parent=onboarding.parent,
        by=None,
    )
    _end(onboarding, State.DONE, tenant=tenant)
    _join(onboarding.owner_email, Owner.name, tenant)
    for email in onboarding.builder_emails:
        _join(email, Builder.name, tenant)


def _rejected(onboarding: Onboarding, approval: Approval) -> None:
    _end(onboarding, State.REJECTED)


def _changes_requested(onboarding: Onboarding, approval: Approval) -> None:
    _end(onboarding, State.DRAFT)


def _withdrawn(onboarding: Onboarding, approval: Approval) -> None:
    _end(onboarding, State.WITHDRAWN)


def _end(onboarding: Onboarding, state: State, **changes: Any) -> None:
    waits = [State.IN_REVIEW, State.DRAFT]
    if Onboarding.objects.filter(pk=onboarding.pk, state__in=waits).update(state=state, **changes) != 1:
        raise Refused(f"The onboarding of {onboarding.name} has ended already.")


def _join(email: str, role: str, tenant: Tenant) -> None:
    user = User.objects.filter(email=email).first()
    if user is None:
        people.invite(email=email, name=_called(email, role, tenant), roles=[(role, tenant)], by=None)
    else:
        people.give_role(user, role, tenant, by=None)


def _called(email: str, role: str, tenant: Tenant) -> str:
    """A name for somebody of whom only the address is known: "ana.keller@…" → "Ana Keller", "owner@…" → by the role."""
    words = re.findall(r"[^\W\d_]+", email.partition("@")[0])
    if not words or (len(words) == 1 and words[0] in ROLES):
        return f"{ROLES[role].label} of {tenant}"
    return " ".join(word.capitalize() for word in words)


def _fill(onboarding: Onboarding, content: dict[str, Any]) -> None:
    content = dict(content)
    if "monthly_budget_usd" in content:
        onboarding.monthly_budget_nano = to_nano(content.pop("monthly_budget_usd"))
    for name, value in content.items():
        setattr(onboarding, name, value)
    if found := faults(_content(onboarding)):
        raise Refused(found[0].sentence, field=found[0].field, also=found[1:])
    onboarding.owner_email = onboarding.owner_email.strip().lower()
    onboarding.builder_emails = list(dict.fromkeys(email.strip().lower() for email in onboarding.builder_emails))
    onboarding.save()


def faults(content: dict[str, Any]) -> list[Refused]:
    """Everything that is wrong with `content`: all or some of what `ask` takes. What is not in it is not missed."""
    parent = content.get("parent")
    checks: list[Callable[[], object]] = [partial(_needed, content, field) for field in NEEDED if field in content]
    if content.get("name"):
        checks.append(partial(tenants.check_name, content["name"], parent))
    if {"data_classes", "regions"} <= content.keys():
        limits = {"data_classes": content["data_classes"], "regions": content["regions"]}
        checks.append(partial(tenants.check_limits, parent=parent, **limits))
    if "owner_email" in content:
        checks.append(partial(_check_address, content["owner_email"], "owner_email"))
    checks += [partial(_check_address, email, "builder_emails") for email in content.get("builder_emails", ())]
    return [refusal for check in checks if (refusal := _refusal_of(check))]


def _content(onboarding: Onboarding) -> dict[str, Any]:
    names = ("name", "cost_centre", "purpose", "data_classes", "regions", "owner_email", "builder_emails", "parent")
    budget = to_usd(onboarding.monthly_budget_nano)
    return {name: getattr(onboarding, name) for name in names} | {"monthly_budget_usd": budget}


def _refusal_of(check: Callable[[], object]) -> Refused | None:
    try:
        check()
    except Refused as refusal:
        return refusal
    return None


def _needed(content: dict[str, Any], field: str) -> None:
    value = content[field]
    if not value or (field == "monthly_budget_usd" and value <= 0):
        raise Refused(f"Give it {NEEDED[field]}.", field=field)


def _check_address(email: str, field: str) -> None:
    try:
        validate_email(email.strip())
    except ValidationError as error:
        raise Refused(f"{email or 'Nothing'} is not an e-mail address.", field=field) from error
    if User.objects.filter(email=email.strip().lower(), is_active=False).exists():
        raise Refused(f"{email} is deactivated; a platform engineer can reactivate them.", field=field)


def _check_own(onboarding: Onboarding, by: User) -> None:
    if onboarding.requested_by_id != by.pk:
        raise NotAllowed("Only who asked for this onboarding can change it.")
    policy.check_can(by, Permission.ONBOARD_TENANT, what="take tenants in")


def _digest(onboarding: Onboarding) -> str:
    names = ("name", "cost_centre", "purpose", "data_classes", "regions", "monthly_budget_nano", "owner_email")
    content = {name: getattr(onboarding, name) for name in (*names, "builder_emails", "parent_id")}
    return sha256(content)


def _facts(onboarding: Onboarding) -> dict[str, Any]:
    return {
        "new_tenant": True,
        "regions": onboarding.regions,
        "data_class": max(onboarding.data_classes, key=_sensitivity),
        "monthly_cost_usd": int(onboarding.monthly_budget_nano // 1_000_000_000),
    }


def _sensitivity(data_class: str) -> int:
    from governance.facts import DATA_CLASSES

    return DATA_CLASSES.index(data_class)


def _url(onboarding: Onboarding) -> str:
    return reverse("governance:onboarding-detail", args=[onboarding.uid])


SUBJECT = Subject(
    kind=KIND,
    model=Onboarding,
    digest=_digest,
    facts=_facts,
    headline=str,
    url=_url,
    tenant=lambda onboarding: onboarding.parent,
    evidence_url=lambda onboarding: reverse("governance:onboarding-evidence", args=[onboarding.uid]),
    afterwards="Atrium creates it, invites its members, sets its budget",
    approved=_approved,
    rejected=_rejected,
    changes_requested=_changes_requested,
    withdrawn=_withdrawn,
)
