"""May this person? Reads memberships only; whether a thing is ready is asked beside its noun."""

from django.db.models import Q, QuerySet

from governance.models import Membership, Tenant, User
from governance.roles import Permission
from portal.lib.errors import NotAllowed


def holds(user: User, permission: Permission) -> list[Membership]:
    """The memberships in force through which this person has `permission`."""
    if not user.is_active:
        return []
    return [m for m in user.current_memberships if permission in m.spec.permissions]


def can(user: User, permission: Permission, tenant: Tenant | None = None) -> bool:
    """Whether this person has `permission` in `tenant` (or its line of business), or company-wide if it is None."""
    return any(_reaches(m, tenant) for m in holds(user, permission))


def can_somewhere(user: User, permission: Permission) -> bool:
    """Whether this person has `permission` in any tenant at all."""
    return bool(holds(user, permission))


def holds_role(user: User, role: str, tenant: Tenant | None) -> bool:
    """Whether this person acts as `role` for `tenant`."""
    return user.is_active and any(m.role == role and _reaches(m, tenant) for m in user.current_memberships)


def check_can(user: User, permission: Permission, tenant: Tenant | None = None, *, what: str) -> None:
    """Raise NotAllowed with a sentence unless `can`. `what` completes "Your roles do not let you …"."""
    if not can(user, permission, tenant):
        raise NotAllowed(f"Your roles do not let you {what}.")


def within(user: User, permission: Permission, path: str = "") -> Q:
    """The filter for rows that belong to a tenant where this person has `permission`.

    path: the field that leads to the tenant ("tenant", "use_case__tenant"), "" on Tenant itself.
    """
    memberships = holds(user, permission)
    if any(m.tenant_id is None for m in memberships):
        # Not an empty Q: joined with another condition by "or", that would vanish instead of holding for every row.
        return Q(pk__isnull=False)
    ids = {m.tenant_id for m in memberships}
    if not ids:
        return Q(pk__in=[])
    prefix = f"{path}__" if path else ""
    return Q(**{f"{prefix}id__in": ids}) | Q(**{f"{prefix}parent_id__in": ids})


def people_with_role(role: str, tenant: Tenant | None) -> QuerySet[User]:
    """Active people who act as `role` for `tenant`, whether in it or in its line of business."""
    from portal.lib import clock

    reach = Q(memberships__tenant__isnull=True)
    if tenant is not None:
        reach |= Q(memberships__tenant__in=[tenant.pk, tenant.parent_id or tenant.pk])
    in_force = Membership.objects.in_force(clock.now()).values("pk")
    people = User.objects.filter(is_active=True, is_service=False)
    return people.filter(reach, memberships__role=role, memberships__in=in_force).distinct()


def _reaches(membership: Membership, tenant: Tenant | None) -> bool:
    if membership.tenant_id is None:
        return True
    return tenant is not None and membership.tenant_id in {tenant.pk, tenant.parent_id}
