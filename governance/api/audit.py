"""The audit trail in the API, with the filters of its page."""

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404
from rest_framework import serializers

from governance import policy
from governance.models import AuditEvent, AuditSeal, Tenant
from governance.reports import audit_sentences, audit_trail
from governance.roles import Permission
from governance.scopes import Scope
from governance.vocabulary import Verb
from portal.lib.api.references import Named, visible
from portal.lib.api.resource import Listed


class SubjectShape(serializers.Serializer[Any]):
    """What it happened to."""

    kind = serializers.CharField(source="subject_kind")
    uid = serializers.CharField(source="subject_uid")
    name = serializers.CharField(source="subject_name")


class AuditShape(serializers.ModelSerializer[AuditEvent]):
    """One thing that happened. sealed: whether the chain of hashes holds it already."""

    actor = serializers.CharField(source="actor_name")
    subject = SubjectShape(source="*")
    tenant = serializers.UUIDField(source="tenant_uid", allow_null=True)
    sentence = serializers.SerializerMethodField()
    details = serializers.DictField()
    sealed = serializers.BooleanField()

    class Meta:
        model = AuditEvent
        fields = (
            "uid",
            "verb",
            "sentence",
            "happened_at",
            "recorded_at",
            "actor",
            "subject",
            "tenant",
            "details",
            "request_id",
            "sealed",
        )

    def get_sentence(self, event: AuditEvent) -> str:
        return str(audit_sentences.of_event(event))


class AuditFilters(serializers.Serializer[Any]):
    who = serializers.CharField(required=False, max_length=160, help_text="Words of the actor.")
    verb = serializers.ChoiceField(Verb.choices, required=False)
    subject = serializers.CharField(required=False, max_length=200, help_text="Words or the uid of the subject.")
    tenant = Named(visible(Tenant), required=False, help_text="This tenant and its teams.")
    since = serializers.DateField(required=False, help_text="The first day.")
    until = serializers.DateField(required=False, help_text="The last day.")


class Audit(Listed):
    """Who did what, when, to what: append-only and sealed."""

    reads = Scope.AUDIT_READ
    shape = AuditShape
    filters = AuditFilters
    order = ("happened_at", "uid")

    def visible(self) -> QuerySet[AuditEvent]:
        if not policy.can_somewhere(self.person, Permission.VIEW_AUDIT):
            raise Http404
        tenant = Tenant.objects.filter(pk=OuterRef("tenant_id")).values("uid")
        sealed = Exists(AuditSeal.objects.filter(event_id=OuterRef("pk")))
        return audit_trail.visible_to(self.person).annotate(tenant_uid=tenant[:1], sealed=sealed)

    def narrowed(self, rows: QuerySet[AuditEvent], chosen: dict[str, Any]) -> QuerySet[AuditEvent]:
        return audit_trail.matching(rows, **chosen)
