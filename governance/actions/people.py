"""People: invited, deactivated, given roles. Nobody gives themselves a role; the last platform engineer stays."""

from collections.abc import Iterable

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from governance import audit, policy
from governance.actions import credentials, invitations
from governance.models import Membership, Tenant, User
from governance.roles import ROLES, Permission, Platform, Service
from governance.vocabulary import Verb
from portal.jobs.outbox import enqueue
from portal.lib import clock
from portal.lib.errors import NotAllowed, Refused

INVITATION_TASK = "governance.mail_invitation"
Roles = Iterable[tuple[str, Tenant | None]]


def invite(*, email: str, name: str, roles: Roles = (), mail: bool = True, by: User | None) -> User:
    """Make an account with `roles` and mail a link to set a password. by=None: Atrium itself, on an approval.

    mail: False where somebody else hands out the access, as in a demo.
    """
    _check(by, "invite people")
    email = _address(email)
    if not name.strip():
        raise Refused("Say what they are called.", field="name")
    with transaction.atomic():
        user = _create(email, name.strip(), by)
        audit.record(Verb.PERSON_INVITED, user, by=by, email=email)
        for role, tenant in roles:
            _give(user, role, tenant, by)
        if mail:
            enqueue(INVITATION_TASK, user.pk)
    return user


def hand_out_invitation(user: User, *, by: User) -> str:
    """The link of an open invitation, for who hands it over where no mail arrives. Taking it is in the trail."""
    _check(by, "hand out invitations")
    if not invitations.is_open(user):
        raise Refused(f"{user} has no open invitation.")
    with transaction.atomic():
        audit.record(Verb.INVITATION_SHOWN, user, by=by)
    return invitations.link(user)


def set_password(user: User, password: str) -> None:
    """Set the password of somebody who followed their link. Raises Refused with what is wrong with it."""
    if user.is_service:
        raise Refused("A service account cannot sign in; it has keys.", field="password1")
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Refused(" ".join(error.messages), field="password1") from error
    user.set_password(password)
    user.save(update_fields=["password"])


def deactivate(user: User, *, by: User) -> None:
    """Take somebody's access away, from their next request on: sessions, tokens, keys. Their memberships stay."""
    _check(by, "deactivate people")
    if user.pk == by.pk:
        raise NotAllowed("You cannot deactivate yourself; ask another platform engineer.")
    with transaction.atomic():
        _check_platform_stays(without=user)
        if User.objects.filter(pk=user.pk, is_active=True).update(is_active=False) != 1:
            raise Refused(f"{user} is deactivated already.")
        audit.record(Verb.PERSON_DEACTIVATED, user, by=by)
        credentials.revoke_all(user, by=by)
    user.is_active = False


def reactivate(user: User, *, by: User) -> None:
    """Give somebody their access back, with the roles that they held."""
    _check(by, "reactivate people")
    with transaction.atomic():
        if User.objects.filter(pk=user.pk, is_active=False).update(is_active=True) != 1:
            raise Refused(f"{user} is active already.")
        audit.record(Verb.PERSON_REACTIVATED, user, by=by)
    user.is_active = True


def give_role(user: User, role: str, tenant: Tenant | None = None, *, by: User | None) -> Membership:
    """Let somebody act as `role`, in `tenant` or (None) in the whole company, from now on. by=None: Atrium itself."""
    _check(by, "give roles")
    if by and user.pk == by.pk:
        raise NotAllowed("Nobody gives themselves a role; ask another platform engineer.")
    with transaction.atomic():
        return _give(user, role, tenant, by)


def take_role(membership: Membership, *, by: User) -> None:
    """End a membership now. It stays in the record with its end."""
    _check(by, "take roles")
    user = membership.user
    with transaction.atomic():
        if membership.role == Platform.name:
            _check_platform_stays(without=user)
        ended = Membership.objects.filter(pk=membership.pk, until__isnull=True).update(until=clock.now())
        if ended != 1:
            raise Refused("This role has ended already.")
        audit.record(Verb.ROLE_TAKEN, user, by=by, tenant=membership.tenant, role=membership.role)
        _follow(user)


def found(*, people: Iterable[tuple[str, str]]) -> list[User]:
    """Make the first platform engineers, (email, name) each, of an installation that has none.

    Raises Refused for fewer than two: with one alone nothing could ever be decided by four eyes.
    """
    people = list(people)
    if Membership.objects.filter(role=Platform.name).exists():
        raise Refused("This installation has platform engineers; they invite the others.")
    if len({_address(email) for email, _name in people}) < 2:
        raise Refused("Name two people: whoever proposes a routing policy cannot approve it.")
    with transaction.atomic():
        return [invite(email=email, name=name, roles=[(Platform.name, None)], by=None) for email, name in people]


def _create(email: str, name: str, by: User | None) -> User:
    try:
        with transaction.atomic():
            return User.objects.create_user(email, name=name, invited_by=by)
    except IntegrityError as error:
        raise Refused(f"{email} has an account already.", field="email") from error


def _give(user: User, role: str, tenant: Tenant | None, by: User | None) -> Membership:
    spec = ROLES.get(role)
    if spec is None or (spec is Service) != user.is_service:
        raise Refused("There is no such role for them.", field="role")
    if spec.attaches == "tenant" and tenant is None:
        raise Refused(f"{spec.label} is held in a tenant; choose which.", field="tenant")
    if spec.attaches == "company" and tenant is not None:
        raise Refused(f"{spec.label} is held in the whole company; leave the tenant empty.", field="tenant")
    if not user.is_active:
        raise Refused(f"{user} is deactivated.", field="role")
    try:
        with transaction.atomic():
            membership = Membership.objects.create(user=user, role=role, tenant=tenant)
    except IntegrityError as error:
        raise Refused(f"{user} holds this role already.", field="role") from error
    audit.record(Verb.ROLE_GIVEN, user, by=by, tenant=tenant, role=role)
    _follow(user)
    return membership


def _check(by: User | None, what: str) -> None:
    if by is not None:
        policy.check_can(by, Permission.MANAGE_PEOPLE, what=what)


def _check_platform_stays(*, without: User) -> None:
    """Raise Refused if nobody else would be platform engineer. Locks: two who remove each other follow one another."""
    engineers = Membership.objects.in_force(clock.now()).filter(role=Platform.name).order_by("pk")
    holders = [m.user for m in engineers.select_related("user").select_for_update() if m.user.is_active]
    if without in holders and {user.pk for user in holders} == {without.pk}:
        raise Refused("This is the last platform engineer; name another one first.")


def _address(email: str) -> str:
    try:
        validate_email(email.strip())
    except ValidationError as error:
        raise Refused("This is not an e-mail address.", field="email") from error
    return email.strip().lower()


def _follow(user: User) -> None:
    """What follows from the memberships: read them afresh, and open or close the reference data pages."""
    user.__dict__.pop("current_memberships", None)
    user.is_staff = any(Permission.VIEW_PLATFORM in m.spec.permissions for m in user.current_memberships)
    User.objects.filter(pk=user.pk).update(is_staff=user.is_staff)
