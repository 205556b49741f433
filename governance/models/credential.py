"""Credentials of the API: tokens of people and keys of service accounts. Only digests are kept."""

from datetime import datetime
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from knox.models import AbstractAuthToken

from governance.scopes import Scope
from portal.lib import clock
from portal.lib.identified import Identified
from portal.lib.status import Status, Tone


def scopes() -> list[tuple[str, str]]:
    """The scopes as choices. A function, so that a new one needs no migration."""
    return list(Scope.choices)


class Credential(Identified):
    """Abstract: what a token and a key have in common. Both end, and neither can be shown a second time."""

    name = models.CharField(max_length=80, help_text="What it is for.")
    scopes = ArrayField(models.CharField(max_length=40, choices=scopes))
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def ends_at(self) -> datetime:
        raise NotImplementedError

    @property
    def in_force(self) -> bool:
        return self.revoked_at is None and self.ends_at > clock.now()

    @property
    def status(self) -> Status:
        """Where it stands, for a badge."""
        if self.revoked_at:
            return Status("revoked", "revoked")
        return Status("in_force", "in force", Tone.OK) if self.in_force else Status("ended", "ended")

    @property
    def caller(self) -> str:
        """The name under which the API counts and keeps what it asks."""
        return f"{self._meta.model_name}:{self.uid}"


class PersonToken(Credential, AbstractAuthToken):
    """A token with which somebody's own program acts as them, as far as its scopes go."""

    objects = models.Manager()

    class Meta:
        ordering = ("-uid",)
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(expiry__isnull=False), name="person_token_ends"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def ends_at(self) -> datetime:
        return self.expiry  # type: ignore[no-any-return]

    @property
    def made_at(self) -> datetime:
        return self.created  # type: ignore[no-any-return]


class ServiceKey(Credential):
    """A key of a service account. hint: its first characters, to tell keys apart."""

    account = models.ForeignKey("governance.User", on_delete=models.PROTECT, related_name="service_keys")
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the key")
    hint = models.CharField(max_length=12)
    expires_at = models.DateTimeField()
    made_at = models.DateTimeField(default=clock.now)
    made_by = models.ForeignKey("governance.User", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ("-uid",)

    @property
    def ends_at(self) -> datetime:
        return self.expires_at
