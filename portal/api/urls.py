"""The addresses of the REST API: the resources of every app, and a problem for everything else."""

from django.urls import include, path, re_path
from rest_framework.routers import SimpleRouter

from governance.api.routes import ROUTES as GOVERNANCE
from portal.api import unknown

router = SimpleRouter(use_regex_path=False)
for prefix, resource in (*GOVERNANCE,):
    router.register(prefix, resource, basename=f"api-{prefix}")

urlpatterns = [
    path("api/v1/", include(router.urls)),
    re_path(r"^api/v1/.*$", unknown.nothing),
]
