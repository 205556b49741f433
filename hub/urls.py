"""Addresses of the hub: models, reviews, prices, guardrails, accounts."""

from django.urls import path

from hub.views import accounts, guardrails, models, prices, reviews

app_name = "hub"
urlpatterns = [
    path("", models.index, name="index"),
    path("models/<uuid:uid>/", models.detail, name="model-detail"),
    path("models/<uuid:uid>/status/", models.change_status, name="model-status"),
    path("models/<uuid:uid>/propose/", reviews.new, name="review-new"),
    path("reviews/<uuid:uid>/", reviews.detail, name="review-detail"),
    path("reviews/<uuid:uid>/edit/", reviews.edit, name="review-edit"),
    path("reviews/<uuid:uid>/submit/", reviews.submit, name="review-submit"),
    path("reviews/<uuid:uid>/withdraw/", reviews.withdraw, name="review-withdraw"),
    path("reviews/<uuid:uid>/evidence/", reviews.evidence, name="review-evidence"),
    path("prices/", prices.index, name="price-list"),
    path("prices/new/", prices.new, name="price-new"),
    path("prices/load/", prices.load, name="price-load"),
    path("guardrails/", guardrails.index, name="guardrail-list"),
    path("guardrails/<uuid:uid>/", guardrails.detail, name="guardrail-detail"),
    path("accounts/", accounts.index, name="account-list"),
    path("accounts/new/", accounts.new, name="account-new"),
    path("accounts/<uuid:uid>/", accounts.detail, name="account-detail"),
    path("accounts/<uuid:uid>/edit/", accounts.edit, name="account-edit"),
    path("accounts/<uuid:uid>/test/", accounts.test, name="account-test"),
    path("accounts/<uuid:uid>/sync/", accounts.sync, name="account-sync"),
]
