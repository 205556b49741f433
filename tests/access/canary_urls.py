"""All addresses of the product, and beside them a resource with each flaw that Schemathesis or the walk must find."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.urls import include, path
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter

from governance.api.use_cases import UseCaseChange, UseCases
from governance.models import UseCase


class Canaries(UseCases):
    """Lists rightly, and shows each single use case to whoever has its uid."""

    http_method_names = ["get"]  # noqa: RUF012  (DRF's own)

    def visible(self) -> QuerySet[UseCase]:
        rows = super().visible()
        return rows if self.action == "list" else UseCase.objects.select_related("tenant__parent", "owner")


class Unlocked(Canaries):
    """Asks nobody who they are."""

    authentication_classes = ()
    filters = None

    def check_permissions(self, request: Request) -> None:
        """Everybody may."""

    def visible(self) -> QuerySet[UseCase]:
        return UseCase.objects.none()


class Broken(Canaries):
    """Falls over."""

    def narrowed(self, rows: QuerySet[UseCase], chosen: dict[str, Any]) -> QuerySet[UseCase]:
        raise RuntimeError("It is broken.")


class Overreaching(UseCases):
    """Writes on each single use case, for whoever has its uid. Schemathesis cannot see this, the walk must."""

    http_method_names = ["patch"]  # noqa: RUF012  (DRF's own)

    def visible(self) -> QuerySet[UseCase]:
        return UseCase.objects.select_related("tenant__parent", "owner")

    def partial_update(self, request: Request, uid: UUID) -> Response:
        case = self.found()
        UseCase.objects.filter(pk=case.pk).update(**self.given(UseCaseChange, partial=True))
        return self.shown(case)


router = SimpleRouter(use_regex_path=False)
for prefix, resource in (
    ("canaries", Canaries),
    ("unlocked", Unlocked),
    ("broken", Broken),
    ("overreaching", Overreaching),
):
    router.register(prefix, resource, basename=f"api-{prefix}")

urlpatterns = [path("api/v1/", include(router.urls)), path("", include("portal.urls"))]
