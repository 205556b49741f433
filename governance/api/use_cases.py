"""Use cases in the API: read, created, changed, moved from stage to stage."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance.actions import use_cases
from governance.api.named import PersonShape, TenantName, colleagues, edited_tenants, of_tenant, words_in
from governance.models import DataClass, Tenant, UseCase
from governance.scopes import Scope
from portal.lib.api.references import Named, visible
from portal.lib.api.resource import Listed, Shown
from portal.lib.api.schema import takes


class UseCaseShape(serializers.ModelSerializer[UseCase]):
    """What a model is used for. The risk tier and its reasons follow from the fields."""

    tenant = TenantName()
    owner = PersonShape()

    class Meta:
        model = UseCase
        fields = (
            "uid",
            "tenant",
            "slug",
            "stage",
            "risk",
            "risk_reasons",
            "name",
            "purpose",
            "owner",
            "sponsor",
            "outcome",
            "kpi",
            "kpi_baseline",
            "kpi_target",
            "data_class",
            "audience",
            "people",
            "autonomy",
            "affects_people",
            "created_at",
        )


class UseCaseFilters(serializers.Serializer[Any]):
    words = serializers.CharField(required=False, max_length=120, help_text="Words of its name or its tenant's.")
    tenant = Named(visible(Tenant), required=False, help_text="Of this tenant and its teams.")
    stage = serializers.ChoiceField(UseCase.Stage.choices, required=False)
    risk = serializers.ChoiceField(UseCase.Risk.choices, required=False)
    data_class = serializers.ChoiceField(DataClass.choices, required=False)


class UseCaseChange(serializers.ModelSerializer[UseCase]):
    """What of a use case can be changed; what is left out stays."""

    owner = Named(colleagues, required=False, help_text="Somebody with a role in the tenant.")

    class Meta:
        model = UseCase
        fields = use_cases.CHANGEABLE


class UseCaseNew(UseCaseChange):
    """A new use case; without an owner it is the caller's."""

    tenant = Named(edited_tenants)

    class Meta:
        model = UseCase
        fields = ("tenant", *use_cases.CHANGEABLE)


class StageChange(serializers.Serializer[Any]):
    stage = serializers.ChoiceField(UseCase.Stage.choices)


class UseCases(Listed, Shown):
    """What models are used for; every request and every dollar hangs on one."""

    reads, writes = Scope.USE_CASES_READ, Scope.USE_CASES_WRITE
    shape = UseCaseShape
    filters = UseCaseFilters

    def visible(self) -> QuerySet[UseCase]:
        return UseCase.objects.visible_to(self.person).select_related("tenant__parent", "owner")

    def narrowed(self, rows: QuerySet[UseCase], chosen: dict[str, Any]) -> QuerySet[UseCase]:
        if words := chosen.pop("words", ""):
            rows = rows.filter(words_in(words, "name", "tenant__name"))
        if tenant := chosen.pop("tenant", None):
            rows = rows.filter(of_tenant(tenant))
        return rows.filter(**chosen)

    @takes(UseCaseNew, UseCaseShape, 201)
    def create(self, request: Request) -> Response:
        """Describe a new use case, in the stage idea."""
        return self.made(use_cases.create(by=self.person, **self.given(UseCaseNew)))

    @takes(UseCaseChange, UseCaseShape)
    def partial_update(self, request: Request, uid: UUID) -> Response:
        """Change it. Reviews that ran on what it was before may end."""
        use_case = self.found()
        return self.shown(use_cases.change(use_case, by=self.person, **self.given(UseCaseChange, partial=True)))

    @takes(StageChange, UseCaseShape)
    @action(detail=True, methods=["post"])
    def stage(self, request: Request, uid: UUID) -> Response:
        """Bring it into another stage of its life."""
        use_case = self.found()
        return self.shown(use_cases.move_stage(use_case, self.given(StageChange)["stage"], by=self.person))
