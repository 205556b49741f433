"""Every address of the portal."""

from allauth.account import urls as account
from allauth.account.decorators import secure_admin_login
from axes.decorators import axes_dispatch
from django.contrib import admin
from django.urls import include, path

from governance.views import search
from portal import gallery, health, metrics, views

# One door to sign in at, with its limit of attempts: Django's own form would be a second one without.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

admin.site.site_header = admin.site.site_title = "Atrium"
admin.site.index_title = "Reference data, for looking something up"

# Of the library's pages those that we draw. The e-mail address is the identity here, and an invitation gives it:
# nobody takes another one by themselves.
DRAWN = {"login", "logout", "inactive", "signup"} | {
    f"reset_password{step}" for step in ("", "_done", "_from_key", "_from_key_done")
}
ACCOUNT = [page for page in account.urlpatterns if page.name.removeprefix("account_") in DRAWN]
# While an address is locked, its password is not even looked at.
SIGN_IN = next(page for page in ACCOUNT if page.name == "account_login")
SIGN_IN.callback = axes_dispatch(SIGN_IN.callback)

urlpatterns = [
    path("", views.home, name="home"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("ui/", gallery.gallery, name="ui"),
    path("account/", include(ACCOUNT)),
    path("admin/", admin.site.urls),
    path("governance/", include("governance.urls")),
    path("hub/", include("hub.urls")),
    path("access/", include("hub.urls_access")),
    path("costs/", include("finops.urls")),
    path("platform/", include("governance.urls_platform")),
    path("search/", search.index, name="search"),
    path("", include("portal.api.urls")),
]
