"""Approvals in the API: what waits on whom and why, decisions, comments."""

from typing import Any
from uuid import UUID

from django.db.models import Prefetch, QuerySet
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance import deciding
from governance.actions import approvals
from governance.api.named import PersonShape, TenantName, of_tenant
from governance.models import Approval, ApprovalStep, Comment, Decision, Tenant
from governance.reports import routes
from governance.scopes import Scope
from portal.lib.api.references import Named, visible
from portal.lib.api.resource import Listed, Shown
from portal.lib.api.schema import takes
from portal.lib.errors import Refused

OPEN = (Approval.State.IN_REVIEW, Approval.State.CHANGES_REQUESTED)
WAITS = (("me", "on the caller"), ("anybody", "on anybody"))


class BecauseShape(serializers.Serializer[Any]):
    """A rule that asked for a step, and why."""

    name = serializers.CharField()
    because = serializers.CharField()


class StepShape(serializers.ModelSerializer[ApprovalStep]):
    """One role that decides, with `quorum` different people; equal stages run side by side."""

    rules = BecauseShape(many=True)

    class Meta:
        model = ApprovalStep
        fields = ("role", "stage", "quorum", "state", "rules", "opened_at", "due_at", "decided_at")


class ApprovalShape(serializers.ModelSerializer[Approval]):
    """The decision about one content of one subject. `digest` is that content's."""

    tenant = TenantName(allow_null=True)
    requested_by = PersonShape()
    steps = StepShape(many=True, source="steps_of_round")

    class Meta:
        model = Approval
        fields = (
            "uid",
            "kind",
            "headline",
            "tenant",
            "state",
            "round",
            "digest",
            "requested_by",
            "steps",
            "opened_at",
            "decided_at",
            "expires_at",
        )


class DecisionShape(serializers.ModelSerializer[Decision]):
    """What one person said on one step."""

    person = PersonShape()
    role = serializers.CharField(source="step.role")

    class Meta:
        model = Decision
        fields = ("role", "person", "round", "verdict", "reason", "digest", "decided_at")


class CommentShape(serializers.ModelSerializer[Comment]):
    author = PersonShape()

    class Meta:
        model = Comment
        fields = ("author", "text", "written_at")


class ExplainedStep(StepShape):
    """With who can still decide it."""

    people = PersonShape(many=True)

    class Meta(StepShape.Meta):
        fields = (*StepShape.Meta.fields, "people")  # type: ignore[assignment]


class ApprovalWhole(ApprovalShape):
    """With the facts that routed it, who can decide each step, what was said, and whether it waits on the caller."""

    steps = ExplainedStep(many=True, source="explained")
    facts = serializers.DictField()
    policy_version = serializers.IntegerField(source="policy.version")
    waits_on_me = serializers.BooleanField()
    decisions = DecisionShape(many=True)
    comments = CommentShape(many=True)

    class Meta(ApprovalShape.Meta):
        fields = (  # type: ignore[assignment]
            *ApprovalShape.Meta.fields,
            "facts",
            "policy_version",
            "waits_on_me",
            "decisions",
            "comments",
        )


class ApprovalFilters(serializers.Serializer[Any]):
    waits = serializers.ChoiceField(WAITS, required=False, help_text="On whom it waits: me, or anybody.")
    state = serializers.ChoiceField(Approval.State.choices, required=False)
    kind = serializers.CharField(required=False, max_length=40, help_text="Such as hub.access_request.")
    tenant = Named(visible(Tenant), required=False, help_text="Of this tenant and its teams.")
    asked_by_me = serializers.BooleanField(required=False)


class DecisionNew(serializers.Serializer[Any]):
    """A verdict. role: the step that it is for. A reason is needed for all but a plain approval."""

    role = serializers.CharField(max_length=32)
    verdict = serializers.ChoiceField(Decision.Verdict.choices)
    reason = serializers.CharField(required=False, allow_blank=True, default="", max_length=2000)


class CommentNew(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=4000)


class Approvals(Listed, Shown):
    """Reviews: what was asked, who decides, and what they said."""

    reads, writes = Scope.APPROVALS_READ, Scope.APPROVALS_WRITE
    scopes = {"decisions": Scope.APPROVALS_DECIDE}  # noqa: RUF012
    shape, whole = ApprovalShape, ApprovalWhole
    filters = ApprovalFilters

    def visible(self) -> QuerySet[Approval]:
        seen = Approval.objects.visible_to(self.person).select_related("tenant__parent", "requested_by", "policy")
        return seen.prefetch_related(Prefetch("steps", queryset=ApprovalStep.objects.order_by("stage", "pk")))

    def narrowed(self, rows: QuerySet[Approval], chosen: dict[str, Any]) -> QuerySet[Approval]:
        if waits := chosen.pop("waits", ""):
            rows = (
                rows.filter(pk__in=deciding.waiting_for(self.person)) if waits == "me" else rows.filter(state__in=OPEN)
            )
        if tenant := chosen.pop("tenant", None):
            rows = rows.filter(of_tenant(tenant))
        if chosen.pop("asked_by_me", False):
            rows = rows.filter(requested_by=self.person)
        return rows.filter(**chosen)

    def told(self, thing: Any) -> Any:
        told = routes.explain(thing)
        thing.explained = [_with_people(one) for one in told.steps]
        thing.waits_on_me = any(not deciding.why_not(one.step, self.person) for one in told.steps)
        return super().told(thing)

    @takes(DecisionNew, ApprovalWhole)
    @action(detail=True, methods=["post"])
    def decisions(self, request: Request, uid: UUID) -> Response:
        """Give one's verdict on an open step. Send If-Match to decide on the version that one read, and on no other."""
        approval, given = self.found(), self.given(DecisionNew)
        step = approval.steps.filter(round=approval.round, role=given.pop("role")).first()
        if step is None:
            raise Refused("No step of this round is for that role.", field="role")
        return self.shown(approvals.decide(step, by=self.person, **given))

    @takes(CommentNew, ApprovalWhole)
    @action(detail=True, methods=["post"])
    def comments(self, request: Request, uid: UUID) -> Response:
        """Remark on it."""
        approval = self.found()
        approvals.comment(approval, self.given(CommentNew)["text"], by=self.person)
        return self.shown(approval)

    @takes(None, ApprovalWhole)
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, uid: UUID) -> Response:
        """Take back one's own request."""
        return self.shown(approvals.withdraw(self.found(), by=self.person))


def _with_people(told: routes.Told) -> ApprovalStep:
    step: Any = told.step
    step.people = sorted(told.people, key=lambda person: person.uid)
    return told.step
