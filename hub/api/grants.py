"""Grants in the API: how far each is in AWS, what proved it, the code that calls it, and what stops it."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance.api.named import TenantName, of_tenant, words_in
from governance.models import Tenant, UseCase
from governance.scopes import Scope
from hub import grant_kit, outgrown, story
from hub.actions import grants
from hub.api.named import AccountName, ModelName, UseCaseName
from hub.kits import Snippet
from hub.models import Artefact, Environment, FoundationModel, Grant, Probe
from portal.lib.api.references import Named, visible
from portal.lib.api.resource import Listed, Shown
from portal.lib.api.schema import takes

PROBES_TOLD = 6


class GrantShape(serializers.ModelSerializer[Grant]):
    """An approved access. wanted: what people decided; state: how far AWS is; reason: why it was frozen or revoked."""

    request = serializers.UUIDField(source="request.uid")
    tenant = TenantName()
    use_case = UseCaseName()
    model = ModelName()
    account = AccountName()

    class Meta:
        model = Grant
        fields = (
            "uid",
            "slug",
            "state",
            "wanted",
            "reason",
            "error",
            "request",
            "tenant",
            "use_case",
            "model",
            "account",
            "region",
            "environment",
            "profile_arn",
            "created_at",
            "applied_at",
            "activated_at",
            "ends_at",
        )


class ArtefactShape(serializers.ModelSerializer[Artefact]):
    """One thing of it in AWS. drift: whether it is still as approved; what could not be looked at is unknown."""

    class Meta:
        model = Artefact
        fields = ("kind", "name", "arn", "state", "drift", "error", "applied_at", "observed_at")


class ProbeShape(serializers.ModelSerializer[Probe]):
    """A call that was made to prove it; ok: whether what had to happen did."""

    class Meta:
        model = Probe
        fields = ("kind", "ok", "detail", "role_arn", "ran_at")


class SnippetShape(serializers.Serializer[Snippet]):
    """Code to copy."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    text = serializers.CharField()


class GrantWhole(GrantShape):
    """With what exists in AWS, the newest probes and, while it is active, the code that calls the model."""

    moving = serializers.BooleanField(help_text="Whether Atrium is at work on it; look again soon.")
    outgrown = serializers.CharField(allow_blank=True, help_text="Why its use case needs a new request by now.")
    artefacts = ArtefactShape(many=True)
    probes = ProbeShape(many=True, source="newest_probes")
    kit = SnippetShape(many=True)

    class Meta(GrantShape.Meta):
        fields = (*GrantShape.Meta.fields, "moving", "outgrown", "artefacts", "probes", "kit")  # type: ignore[assignment]


class GrantFilters(serializers.Serializer[Any]):
    words = serializers.CharField(required=False, max_length=120, help_text="Of its use case, model or tenant.")
    state = serializers.ChoiceField(Grant.State.choices, required=False)
    environment = serializers.ChoiceField(Environment.choices, required=False)
    tenant = Named(visible(Tenant), required=False, help_text="Of this tenant and its teams.")
    use_case = Named(visible(UseCase), required=False)
    model = Named(visible(FoundationModel), required=False)


class Reason(serializers.Serializer[Any]):
    """Why, in a few words; it is kept with the grant."""

    reason = serializers.CharField(max_length=300)


class Grants(Listed, Shown):
    """Approved access: asked for, decided, made true in AWS, proved."""

    reads, writes = Scope.GRANTS_READ, Scope.GRANTS_WRITE
    shape, whole = GrantShape, GrantWhole
    filters = GrantFilters

    def visible(self) -> QuerySet[Grant]:
        seen = Grant.objects.visible_to(self.person).select_related(
            "request__requested_by", "tenant__parent", "use_case", "model", "account", "plan"
        )
        return seen if self.action == "list" else seen.prefetch_related(Prefetch("artefacts"))

    def narrowed(self, rows: QuerySet[Grant], chosen: dict[str, Any]) -> QuerySet[Grant]:
        if words := chosen.pop("words", ""):
            rows = rows.filter(words_in(words, "use_case__name", "model__name", "tenant__name"))
        if tenant := chosen.pop("tenant", None):
            rows = rows.filter(of_tenant(tenant))
        return rows.filter(**chosen)

    def told(self, thing: Any) -> Any:
        thing.moving = story.is_moving(thing)
        thing.outgrown = outgrown.sentence(thing)
        thing.newest_probes = thing.probes.all()[:PROBES_TOLD]
        thing.kit = grant_kit.snippets(thing) if thing.state == Grant.State.ACTIVE else []
        return super().told(thing)

    @takes(Reason, GrantWhole)
    @action(detail=True, methods=["post"])
    def freeze(self, request: Request, uid: UUID) -> Response:
        """Deny every call of it in AWS until it is unfrozen."""
        return self._decide(grants.freeze)

    @takes(Reason, GrantWhole)
    @action(detail=True, methods=["post"])
    def unfreeze(self, request: Request, uid: UUID) -> Response:
        """Take the deny away; the access is proved again."""
        return self._decide(grants.unfreeze)

    @takes(Reason, GrantWhole)
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, uid: UUID) -> Response:
        """Remove everything of it from AWS, for good."""
        return self._decide(grants.revoke)

    @takes(None, GrantWhole)
    @action(detail=True, methods=["post"])
    def retry(self, request: Request, uid: UUID) -> Response:
        """Put right what failed or drifted; nothing that was not approved changes."""
        grant = self.found()
        grants.retry(grant, by=self.person)
        return self.shown(grant)

    def _decide(self, act: Callable[..., None]) -> Response:
        grant = self.found()
        act(grant, reason=self.given(Reason)["reason"], by=self.person)
        return self.shown(grant)
