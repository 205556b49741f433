"""Addresses of governance: reviews, tenants, use cases, audit."""

from django.urls import path

from governance.views import audit, credentials, notifications, onboardings, reviews, tenants, use_cases

app_name = "governance"
urlpatterns = [
    path("", reviews.index, name="index"),
    path("reviews/<uuid:uid>/", reviews.detail, name="review-detail"),
    path("reviews/<uuid:uid>/decide/", reviews.decide, name="review-decide"),
    path("reviews/<uuid:uid>/comment/", reviews.comment, name="review-comment"),
    path("reviews/<uuid:uid>/withdraw/", reviews.withdraw, name="review-withdraw"),
    path("tenants/", tenants.index, name="tenant-list"),
    path("tenants/<uuid:uid>/", tenants.detail, name="tenant-detail"),
    path("tenants/<uuid:uid>/edit/", tenants.edit, name="tenant-edit"),
    path("onboarding/new/", onboardings.new, name="onboarding-new"),
    path("onboarding/reach/", onboardings.reach, name="onboarding-reach"),
    path("onboarding/<uuid:uid>/", onboardings.detail, name="onboarding-detail"),
    path("onboarding/<uuid:uid>/edit/", onboardings.edit, name="onboarding-edit"),
    path("onboarding/<uuid:uid>/submit/", onboardings.submit, name="onboarding-submit"),
    path("onboarding/<uuid:uid>/evidence/", onboardings.evidence, name="onboarding-evidence"),
    path("use-cases/", use_cases.index, name="use-case-list"),
    path("use-cases/new/", use_cases.new, name="use-case-new"),
    path("use-cases/risk/", use_cases.live_risk, name="use-case-risk"),
    path("use-cases/<uuid:uid>/", use_cases.detail, name="use-case-detail"),
    path("use-cases/<uuid:uid>/edit/", use_cases.edit, name="use-case-edit"),
    path("use-cases/<uuid:uid>/stage/", use_cases.move, name="use-case-stage"),
    path("audit/", audit.index, name="audit-list"),
    path("audit/export/", audit.export, name="audit-export"),
    path("api-access/", credentials.index, name="api-access"),
    path("api-access/tokens/", credentials.make_token, name="token-make"),
    path("api-access/tokens/<uuid:uid>/revoke/", credentials.revoke_token, name="token-revoke"),
    path("api-access/services/", credentials.make_service, name="service-make"),
    path("api-access/keys/", credentials.make_key, name="key-make"),
    path("api-access/keys/<uuid:uid>/revoke/", credentials.revoke_key, name="key-revoke"),
    path("notifications/", notifications.index, name="notification-list"),
    path("notifications/read/", notifications.read_all, name="notification-read-all"),
    path("notifications/<int:pk>/read/", notifications.read, name="notification-read"),
]
