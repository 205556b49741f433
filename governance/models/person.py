"""People and the roles that they hold."""

from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import Q
from django.http import HttpRequest

from governance.roles import ROLES, Role
from portal.lib import clock
from portal.lib.identified import Identified


class UserManager(BaseUserManager["User"]):
    """Makes users; the address is their name."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=self.normalize_email(email).lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(Identified, AbstractBaseUser, PermissionsMixin):
    """A person who can sign in, or a service account, which cannot. What they may do comes from their memberships."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    is_service = models.BooleanField("is a program, known by its keys", default=False)
    is_staff = models.BooleanField("may open the reference data pages", default=False)
    joined_at = models.DateTimeField(default=clock.now)
    invited_by = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects: ClassVar[UserManager] = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        ordering = ("name",)
        constraints: ClassVar = [
            # Django writes "!" before what can never be a password.
            models.CheckConstraint(
                condition=Q(is_service=False) | Q(password__startswith="!", is_staff=False, is_superuser=False),  # noqa: S106 - a mark, not a password
                name="service_never_signs_in",
            )
        ]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    def get_session_auth_hash(self) -> str:
        """What a session is bound to: the password, and whether AWS is the sandbox.

        On the sandbox everybody may know the demo's password, so a session of there must not open real AWS.
        """
        bound: str = super().get_session_auth_hash()
        return f"{bound}-sandbox" if settings.SANDBOX else bound

    @cached_property
    def current_memberships(self) -> "list[Membership]":
        """The memberships in force now, read once for each instance, so once a request."""
        return list(Membership.objects.filter(user=self).in_force(clock.now()).select_related("tenant"))


class PersonRequest(HttpRequest):
    """A request behind the sign-in, for annotations: its user is a person."""

    user: User


class MembershipQuerySet(models.QuerySet["Membership"]):
    def in_force(self, at: datetime) -> Self:
        return self.filter(Q(until__isnull=True) | Q(until__gt=at), since__lte=at)


class Membership(models.Model):
    """A role that a person holds, in one tenant or (tenant is null) in the whole company, over a period."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=32, choices=[(role.name, role.label) for role in ROLES.values()])
    tenant = models.ForeignKey(
        "governance.Tenant", null=True, blank=True, on_delete=models.PROTECT, related_name="memberships"
    )
    since = models.DateTimeField(default=clock.now)
    until = models.DateTimeField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ("role", "since")
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["tenant", "user", "role"],
                condition=Q(until__isnull=True),
                nulls_distinct=False,
                name="membership_held_once",
            ),
            models.CheckConstraint(
                condition=Q(tenant__isnull=True, role__in=[r.name for r in ROLES.values() if r.attaches == "company"])
                | Q(tenant__isnull=False, role__in=[r.name for r in ROLES.values() if r.attaches == "tenant"]),
                name="membership_attaches_where_its_role_does",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} is {self.spec.label} of {self.tenant or 'the company'}"

    @property
    def spec(self) -> type[Role]:
        """The class of the role."""
        return ROLES[self.role]
