"""Every address of the portal."""

from django.contrib import admin
from django.urls import include, path

from governance.views import search
from portal import gallery, health, views

urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("ui/", gallery.gallery, name="ui"),
    path("account/", include("allauth.account.urls")),
    path("admin/", admin.site.urls),
    path("governance/", include("governance.urls")),
    path("hub/", include("hub.urls")),
    path("access/", include("hub.urls_access")),
    path("costs/", include("finops.urls")),
    path("platform/", include("governance.urls_platform")),
    path("search/", search.index, name="search"),
]
