"""The addresses of the REST API: the resources of every app, and a problem for everything else."""

from django.urls import include, path, re_path
from rest_framework.routers import SimpleRouter

from finops.api.routes import ROUTES as FINOPS
from governance.api.routes import ROUTES as GOVERNANCE
from hub.api.routes import ROUTES as HUB
from portal.api import docs, unknown

router = SimpleRouter(use_regex_path=False)
for prefix, resource in (*GOVERNANCE, *HUB, *FINOPS):
    router.register(prefix, resource, basename=f"api-{prefix}")

urlpatterns = [
    path("api/docs/", docs.index, name="api-docs"),
    path("api/openapi.yaml", docs.as_yaml, name="api-document"),
    path("api/v1/", include(router.urls)),
    re_path(r"^api/v1/.*$", unknown.nothing, name="api-nothing"),
]
