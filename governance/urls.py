"""Addresses of governance: reviews, tenants, use cases, audit."""

from django.urls import path

from governance.views import reviews

app_name = "governance"
urlpatterns = [
    path("", reviews.index, name="index"),
    path("reviews/<uuid:uid>/", reviews.detail, name="review-detail"),
]
