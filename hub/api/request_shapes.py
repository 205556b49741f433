"""How access requests are told: as a line of a list, and whole with verdict and plan."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from governance.api.named import PersonShape, TenantName
from hub.access_facts import Decider
from hub.api.asking import AnswersShape
from hub.api.named import ModelName, UseCaseName
from hub.models import AccessRequest, Plan
from hub.residency import Residency
from hub.verdict import Verdict
from portal.lib.api import problems
from portal.lib.api.money import Usd


class RequestShape(serializers.ModelSerializer[AccessRequest]):
    """Somebody asks for one model for one use case. Of a draft only `answers` tell all."""

    tenant = TenantName(allow_null=True)
    use_case = UseCaseName(allow_null=True)
    model = ModelName(allow_null=True)
    account = serializers.CharField(source="account.number", default=None, allow_null=True)
    profile = serializers.CharField(source="profile.profile_id", default=None, allow_null=True)
    requested_by = PersonShape()
    monthly_budget = Usd(source="monthly_budget_nano")
    grant = serializers.UUIDField(source="grant.uid", default=None, allow_null=True)

    class Meta:
        model = AccessRequest
        fields = (
            "uid",
            "code",
            "headline",
            "state",
            "tenant",
            "use_case",
            "model",
            "account",
            "region",
            "profile",
            "environment",
            "data_class",
            "risk",
            "monthly_budget",
            "months",
            "requested_by",
            "created_at",
            "submitted_at",
            "grant",
        )


class ChoiceShape(serializers.Serializer[Any]):
    """Something that a field may say."""

    value = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]


class ObjectionShape(serializers.Serializer[Any]):
    """What stands in the way, at which field, and what that could say instead."""

    field = serializers.CharField(allow_blank=True)
    message = serializers.CharField()
    alternatives = ChoiceShape(many=True, required=False)


class DeciderShape(serializers.Serializer[Decider]):
    """A role that would decide; equal stages run side by side; people: how many could do it."""

    label = serializers.CharField()  # type: ignore[assignment]
    stage = serializers.IntegerField()
    because = serializers.ListField(child=serializers.CharField())
    people = serializers.IntegerField()


class ResidencyShape(serializers.Serializer[Residency]):
    """Whether the data may go wherever the route leads."""

    allowed = serializers.BooleanField()
    destinations = serializers.ListField(child=serializers.CharField())
    outside = serializers.ListField(child=serializers.CharField())
    sentence = serializers.CharField()


class VerdictShape(serializers.Serializer[Verdict]):
    """What would happen to it as it stands; null and "" while answers are missing."""

    risk = serializers.CharField(source="risk.value", default=None, allow_null=True)
    risk_reasons = serializers.ListField(child=serializers.CharField())
    understated = serializers.CharField(allow_blank=True)
    deciders = serializers.SerializerMethodField()
    undecided = serializers.CharField(allow_blank=True, help_text="Why nobody can decide it.")
    cost = serializers.CharField(allow_blank=True, help_text="Of a month, at list price, in words.")
    residency = ResidencyShape(allow_null=True)
    guardrail_because = serializers.CharField(source="guardrail", allow_blank=True)
    problems = serializers.SerializerMethodField()

    @extend_schema_field(DeciderShape(many=True))
    def get_deciders(self, verdict: Verdict) -> Any:
        return [DeciderShape(one).data for stage in verdict.stages for one in stage]

    @extend_schema_field(ObjectionShape(many=True))
    def get_problems(self, verdict: Verdict) -> Any:
        return [problems.told(one) for one in verdict.problems]


class LineShape(serializers.Serializer[Any]):
    """A line of the diff: added (+), changed (~), removed (-), or neither."""

    mark = serializers.CharField(allow_blank=True)
    text = serializers.CharField()


class PlanShape(serializers.ModelSerializer[Plan]):
    """What would change in AWS. Only what has this digest can be applied."""

    lines = LineShape(many=True)

    class Meta:
        model = Plan
        fields = ("digest", "computed_at", "lines")


class OptionsShape(serializers.Serializer[Any]):
    """What is on offer with the answers so far."""

    data_class = ChoiceShape(many=True)
    route = ChoiceShape(many=True)
    guardrail_version = ChoiceShape(many=True)


class RequestWhole(RequestShape):
    """With all answers; while it can be decided or changed, the verdict; for who asked, what else could be answered."""

    answers = AnswersShape()
    verdict = VerdictShape(allow_null=True)
    plan = PlanShape(allow_null=True, source="newest_plan")
    options = OptionsShape(allow_null=True)
    approval = serializers.UUIDField(allow_null=True, help_text="Where it is decided.")

    class Meta(RequestShape.Meta):
        fields = (  # type: ignore[assignment]
            *RequestShape.Meta.fields,
            "risk_reasons",
            "answers",
            "verdict",
            "plan",
            "options",
            "approval",
        )
