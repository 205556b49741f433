"""The audit trail: append-only by grants and triggers, without foreign keys, sealed in commit order."""

from typing import ClassVar

import pgtrigger
from django.db import models

from governance.vocabulary import Verb
from portal.lib import clock
from portal.lib.identified import Identified


def _append_only(suffix: str) -> list[pgtrigger.Trigger]:
    """Triggers that refuse to change, remove or empty: they hold for the owner of the table too."""
    return [
        pgtrigger.Protect(name=f"append_only{suffix}", operation=pgtrigger.Update | pgtrigger.Delete),
        pgtrigger.Trigger(
            name=f"never_emptied{suffix}",
            operation=pgtrigger.Truncate,
            level=pgtrigger.Statement,
            when=pgtrigger.Before,
            func="RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;",
        ),
    ]


def verbs() -> list[tuple[str, str]]:
    """The vocabulary as choices. A function, so that a new verb needs no migration."""
    return list(Verb.choices)


class AuditEvent(Identified):
    """One thing that happened. Written in the transaction of the change; never changed, never removed."""

    verb = models.CharField(max_length=48, choices=verbs)
    happened_at = models.DateTimeField(default=clock.now)
    recorded_at = models.DateTimeField(default=clock.wall)
    actor_id = models.BigIntegerField(null=True, help_text="null: Atrium itself")
    actor_name = models.CharField(max_length=400)
    subject_kind = models.CharField(max_length=40)
    subject_uid = models.CharField(max_length=64)
    subject_name = models.CharField(max_length=200)
    tenant_id = models.BigIntegerField(null=True)
    details = models.JSONField(default=dict, help_text="Facts of the change; never secrets, never prompts or answers.")
    request_id = models.CharField(max_length=64, blank=True)
    demo = models.BooleanField(default=False)
    # The transaction that wrote it: the sealer chains only what no running transaction can still precede.
    transaction_id = models.BigIntegerField(
        db_default=models.expressions.RawSQL("pg_current_xact_id()::text::bigint", ())
    )

    class Meta:
        ordering = ("-id",)
        indexes: ClassVar = [
            models.Index(fields=["subject_kind", "subject_uid"]),
            models.Index(fields=["tenant_id", "-happened_at", "-id"]),
            models.Index(fields=["-happened_at", "-id"]),
            models.Index(fields=["actor_id", "-id"]),
            models.Index(fields=["transaction_id", "id"]),
        ]
        triggers: ClassVar = _append_only("")

    def __str__(self) -> str:
        return f"{self.actor_name}: {self.get_verb_display()} {self.subject_name}"


class AuditSeal(models.Model):
    """A link of the chain: hash = SHA-256(previous hash + the event's canonical content)."""

    sequence = models.BigIntegerField(primary_key=True)
    event_id = models.BigIntegerField(unique=True)
    hash = models.CharField(max_length=64)
    sealed_at = models.DateTimeField(default=clock.wall)

    class Meta:
        ordering = ("sequence",)
        triggers: ClassVar = _append_only("_seal")

    def __str__(self) -> str:
        return f"{self.sequence}: {self.hash[:12]}"


class AuditAnchor(models.Model):
    """A head of the chain that was written outside the database."""

    sequence = models.BigIntegerField()
    hash = models.CharField(max_length=64)
    place = models.CharField(max_length=300)
    anchored_at = models.DateTimeField(default=clock.wall)

    class Meta:
        ordering = ("-anchored_at",)
        triggers: ClassVar = _append_only("_anchor")

    def __str__(self) -> str:
        return f"{self.sequence} at {self.place}"
