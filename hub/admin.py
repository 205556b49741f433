"""The hub in the Django admin, for looking something up. What is governed changes by actions alone."""

from django.contrib import admin

from governance.admin import ReadOnly
from hub.models import (
    AccessRequest,
    AwsAccount,
    FoundationModel,
    Grant,
    Guardrail,
    GuardrailVersion,
    ModelOffer,
    ModelReview,
    Price,
    SystemProfile,
)


@admin.register(AwsAccount)
class AwsAccountAdmin(ReadOnly):
    list_display = ("name", "number", "environment", "tenant", "state", "checked_at")
    list_select_related = ("tenant",)
    search_fields = ("name", "number")
    # The external id is between Atrium and the account's trust policy; its own page shows it to who installs it.
    exclude = ("external_id",)


@admin.register(FoundationModel)
class FoundationModelAdmin(ReadOnly):
    list_display = ("name", "provider", "model_id", "status", "lifecycle")
    list_filter = ("status", "lifecycle", "provider")
    search_fields = ("name", "model_id", "provider")


@admin.register(ModelOffer)
class ModelOfferAdmin(ReadOnly):
    list_display = ("model", "account", "region", "vanished_at")
    list_select_related = ("model", "account")
    list_filter = ("region",)
    search_fields = ("model__name", "account__number")


@admin.register(SystemProfile)
class SystemProfileAdmin(ReadOnly):
    list_display = ("profile_id", "account", "region", "scope", "vanished_at")
    list_select_related = ("account",)
    list_filter = ("scope", "region")
    search_fields = ("profile_id",)


@admin.register(Guardrail)
class GuardrailAdmin(ReadOnly):
    list_display = ("name", "account", "region", "vanished_at")
    list_select_related = ("account",)
    search_fields = ("name", "guardrail_id")


@admin.register(GuardrailVersion)
class GuardrailVersionAdmin(ReadOnly):
    list_display = ("guardrail", "version", "status")
    list_select_related = ("guardrail",)


@admin.register(ModelReview)
class ModelReviewAdmin(ReadOnly):
    list_display = ("model", "requested_by", "state", "created_at", "decided_at")
    list_select_related = ("model", "requested_by")
    list_filter = ("state",)


@admin.register(Price)
class PriceAdmin(ReadOnly):
    list_display = ("model_id", "region", "scope", "tier", "token_class", "usd_per_million", "since", "until")
    list_filter = ("scope", "tier", "token_class")
    search_fields = ("model_id",)


@admin.register(AccessRequest)
class AccessRequestAdmin(ReadOnly):
    list_display = ("headline", "tenant", "requested_by", "environment", "state", "submitted_at")
    list_select_related = ("tenant", "use_case", "model", "requested_by")
    list_filter = ("state", "environment")


@admin.register(Grant)
class GrantAdmin(ReadOnly):
    list_display = ("slug", "tenant", "use_case", "model", "state", "ends_at")
    list_select_related = ("tenant", "use_case", "model")
    list_filter = ("state", "environment")
    search_fields = ("slug",)
