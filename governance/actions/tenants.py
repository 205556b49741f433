"""Tenants: created when their onboarding is approved, changed by who may take tenants in."""

from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.text import slugify

from governance import audit, effects, policy
from governance.models import DataClass, Tenant, User
from governance.roles import Permission
from governance.vocabulary import Verb
from portal.lib.errors import Refused

CHANGEABLE = ("name", "cost_centre", "data_classes", "regions")


def create(
    *,
    name: str,
    cost_centre: str,
    data_classes: Iterable[str],
    regions: Iterable[str],
    parent: Tenant | None = None,
    by: User | None,
) -> Tenant:
    """Create a line of business, or a team of `parent`. by=None: Atrium itself, when an onboarding was approved.

    data_classes and regions: what it may use; a team's lie within those of its line of business.
    """
    _check(by, "take tenants in")
    tenant = Tenant(
        parent=parent,
        name=name.strip(),
        slug=slug_of(name, parent),
        cost_centre=cost_centre.strip(),
        data_classes=list(data_classes),
        regions=sorted(set(regions)),
    )
    with transaction.atomic():
        _save(tenant)
        audit.record(Verb.TENANT_CREATED, tenant, by=by, tenant=tenant, **_told(tenant))
        effects.emit(effects.Event.TENANT_CREATED, tenant.pk)
    return tenant


def change(tenant: Tenant, *, by: User, **changes: Any) -> Tenant:
    """Change name, cost centre, data classes or regions. The slug stays: AWS tags and reports carry it."""
    _check(by, "change tenants")
    if unknown := changes.keys() - set(CHANGEABLE):
        raise TypeError(f"A tenant has no changeable {', '.join(sorted(unknown))}.")
    with transaction.atomic():
        # As it stands now, its row locked: a change of something else at the same moment is kept.
        tenant.refresh_from_db(from_queryset=Tenant.objects.select_for_update())
        before = _told(tenant)
        for name, value in changes.items():
            setattr(tenant, name, sorted(set(value)) if name == "regions" else value)
        _check_teams(tenant)
        _save(tenant)
        after = _told(tenant)
        changed = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
        if changed:
            audit.record(Verb.TENANT_CHANGED, tenant, by=by, tenant=tenant, changed=changed)
    return tenant


def slug_of(name: str, parent: Tenant | None) -> str:
    """What AWS tags and reports call a tenant of this name below `parent`."""
    return slugify(f"{parent.slug} {name}" if parent else name)[:40]


def check_name(name: str, parent: Tenant | None) -> None:
    """Raise Refused unless a new tenant below `parent` can be called so."""
    if not slugify(name):
        raise Refused("Give it a name with Latin letters or digits in it: AWS tags carry it.", field="name")
    if taken := Tenant.objects.filter(Q(parent=parent, name__iexact=name) | Q(slug=slug_of(name, parent))).first():
        raise Refused(f"There is a tenant called {taken} already.", field="name")


def check_limits(*, data_classes: Iterable[str], regions: Iterable[str], parent: Tenant | None) -> None:
    """Raise Refused unless these data classes and regions can be allowed to a tenant below `parent`."""
    data_classes, regions = list(data_classes), list(regions)
    if not data_classes or set(data_classes) - set(DataClass.values):
        raise Refused("Choose the data classes that it may use.", field="data_classes")
    if not regions:
        raise Refused("Choose the regions that it may use.", field="regions")
    if parent is None:
        return
    if parent.parent_id is not None:
        raise Refused(f"{parent} is a team; a team has no teams below it.", field="parent")
    if wider := set(data_classes) - set(parent.data_classes):
        raise Refused(
            f"{parent} may not use {', '.join(sorted(wider))} data, so its team cannot.", field="data_classes"
        )
    if wider := set(regions) - set(parent.regions):
        raise Refused(f"{parent} may not use {', '.join(sorted(wider))}, so its team cannot.", field="regions")


def _save(tenant: Tenant) -> None:
    if not tenant.name or not tenant.slug:
        raise Refused("Give it a name with letters in it.", field="name")
    if not tenant.cost_centre:
        raise Refused("Name the cost centre that pays.", field="cost_centre")
    check_limits(data_classes=tenant.data_classes, regions=tenant.regions, parent=tenant.parent)
    try:
        with transaction.atomic():
            tenant.save()
    except IntegrityError as error:
        raise Refused(f"There is a tenant called {tenant.name} already, or nearly so.", field="name") from error


def _check_teams(tenant: Tenant) -> None:
    for team in tenant.teams.all() if tenant.pk else ():
        if wider := (set(team.data_classes) - set(tenant.data_classes)) or (set(team.regions) - set(tenant.regions)):
            raise Refused(f"Its team {team} uses {', '.join(sorted(wider))}; narrow the team first.")


def _check(by: User | None, what: str) -> None:
    if by is not None:
        policy.check_can(by, Permission.ONBOARD_TENANT, what=what)


def _told(tenant: Tenant) -> dict[str, Any]:
    return {name: getattr(tenant, name) for name in CHANGEABLE}
