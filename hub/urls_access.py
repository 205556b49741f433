"""Addresses of access: requests and grants."""

from django.urls import path

from hub.views import access_drafts, access_requests, grants

app_name = "access"
urlpatterns = [
    path("", access_requests.index, name="index"),
    path("requests/new/", access_drafts.new, name="request-new"),
    path("requests/<uuid:uid>/", access_requests.detail, name="request-detail"),
    path("requests/<uuid:uid>/edit/", access_drafts.edit, name="request-edit"),
    path("requests/<uuid:uid>/save/", access_drafts.save, name="request-save"),
    path("requests/<uuid:uid>/submit/", access_drafts.submit, name="request-submit"),
    path("requests/<uuid:uid>/evidence/", access_requests.evidence, name="request-evidence"),
    path("requests/<uuid:uid>/withdraw/", access_requests.withdraw, name="request-withdraw"),
    path("requests/<uuid:uid>/clone/", access_requests.clone, name="request-clone"),
    path("requests/<uuid:uid>/comment/", access_requests.comment, name="request-comment"),
    path("use-cases/<uuid:uid>/", grants.use_case_panel, name="use-case-panel"),
    path("grants/", grants.index, name="grant-list"),
    path("grants/<uuid:uid>/", grants.detail, name="grant-detail"),
    path("grants/<uuid:uid>/freeze/", grants.freeze, name="grant-freeze"),
    path("grants/<uuid:uid>/unfreeze/", grants.unfreeze, name="grant-unfreeze"),
    path("grants/<uuid:uid>/revoke/", grants.revoke, name="grant-revoke"),
    path("grants/<uuid:uid>/retry/", grants.retry, name="grant-retry"),
]
