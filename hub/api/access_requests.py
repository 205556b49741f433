"""Access requests in the API: drafted, changed, sent, taken back, with the verdict and the plan."""

from typing import Any, cast
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from governance.api.named import of_tenant, words_in
from governance.models import Tenant, UseCase
from governance.scopes import Scope
from hub import answers as stored
from hub.access_plans import plan_lines
from hub.actions import access_requests
from hub.api import asking
from hub.api.request_shapes import RequestShape, RequestWhole
from hub.forms_access import AccessRequestForm
from hub.models import AccessRequest, FoundationModel, Plan
from hub.request_states import EDITABLE
from hub.verdict import verdict
from portal.lib.api.references import Named, visible
from portal.lib.api.resource import Listed, Shown
from portal.lib.api.schema import takes

State = AccessRequest.State
UNDECIDED = (*EDITABLE, State.IN_REVIEW)


class RequestFilters(serializers.Serializer[Any]):
    words = serializers.CharField(required=False, max_length=120, help_text="Of its use case, model or tenant.")
    state = serializers.ChoiceField(State.choices, required=False)
    tenant = Named(visible(Tenant), required=False, help_text="Of this tenant and its teams.")
    use_case = Named(visible(UseCase), required=False)
    model = Named(visible(FoundationModel), required=False)
    asked_by_me = serializers.BooleanField(required=False)


class RequestNew(asking.AnswersGiven):
    """submit: send it at once, or keep nothing of it; else it stays a draft, which may lack anything."""

    submit = serializers.BooleanField(required=False, default=False)


class AccessRequests(Listed, Shown):
    """What is asked for: one model for one use case."""

    reads, writes = Scope.ACCESS_READ, Scope.ACCESS_WRITE
    shape, whole = RequestShape, RequestWhole
    filters = RequestFilters

    def visible(self) -> QuerySet[AccessRequest]:
        return AccessRequest.objects.visible_to(self.person).select_related(
            "tenant__parent", "use_case__tenant__parent", "model", "account", "profile", "requested_by", "grant",
            "guardrail_version__guardrail",
        )  # fmt: skip

    def narrowed(self, rows: QuerySet[AccessRequest], chosen: dict[str, Any]) -> QuerySet[AccessRequest]:
        if words := chosen.pop("words", ""):
            rows = rows.filter(words_in(words, "use_case__name", "model__name", "tenant__name"))
        if tenant := chosen.pop("tenant", None):
            rows = rows.filter(of_tenant(tenant))
        if chosen.pop("asked_by_me", False):
            rows = rows.filter(requested_by=self.person)
        return rows.filter(**chosen)

    def told(self, thing: Any) -> Any:
        form = self._form(thing) if self._changes(thing) else None
        thing.answers = form.answers if form else stored.of(thing)
        thing.verdict = None
        if thing.state in UNDECIDED:
            thing.verdict = verdict(thing.answers, asked_by=thing.requested_by, own=thing)
        thing.options = _options(form) if form else None
        thing.newest_plan = _with_lines(thing.plan) if thing.submitted_at else None
        approval = access_requests.approval_of(thing)
        thing.approval = approval.uid if approval else None
        return super().told(thing)

    @takes(RequestNew, RequestWhole, 201)
    def create(self, request: Request) -> Response:
        """Ask, at once or as a draft. What is wrong is said for every field, with what it could say instead."""
        access_requests.check_may_ask(self.person)
        body = self.given(RequestNew)
        submit, answers = body.pop("submit"), asking.typed(body, {})
        form = asking.read(answers, self.person)
        with transaction.atomic():  # of a request that could not be sent at once, no draft stays
            access = access_requests.start(typed=answers, by=self.person)
            self._keep(access, form, answers)
            if submit:
                self._send(access, form)
        return self.made(access)

    @takes(asking.AnswersGiven, RequestWhole)
    def partial_update(self, request: Request, uid: UUID) -> Response:
        """Change what one asked for oneself, while it is a draft or changes were requested."""
        access = self.found()
        access_requests.check_may_edit(access, self.person)
        answers = asking.typed(self.given(asking.AnswersGiven), _typed(access))
        self._keep(access, asking.read(answers, self.person), answers)
        return self.shown(access)

    @takes(None, RequestWhole)
    @action(detail=True, methods=["post"])
    def submit(self, request: Request, uid: UUID) -> Response:
        """Send it to those who decide."""
        access = self.found()
        access_requests.check_may_edit(access, self.person)
        self._send(access, self._form(access))
        return self.shown(access)

    @extend_schema(request=None, responses={200: RequestWhole, 204: OpenApiResponse(description="It was a draft.")})
    @action(detail=True, methods=["post"])
    def withdraw(self, request: Request, uid: UUID) -> Response:
        """Take one's own request back. Of a draft that was never sent nothing stays."""
        access = self.found()
        access_requests.withdraw(access, by=self.person)
        there = AccessRequest.objects.filter(pk=access.pk).exists()
        return self.shown(access) if there else Response(status=204)

    @takes(None, RequestWhole, 201)
    @action(detail=True, methods=["post"])
    def clone(self, request: Request, uid: UUID) -> Response:
        """A draft of one's own with the same answers."""
        made = self.shown(access_requests.clone(self.found(), by=self.person), 201)
        made["Location"] = reverse("api-access-requests-detail", args=[made.data["uid"]])
        return made

    def _changes(self, access: AccessRequest) -> bool:
        return access.requested_by_id == self.person.pk and access.state in EDITABLE

    def _form(self, access: AccessRequest) -> AccessRequestForm:
        return asking.form_of(_typed(access), self.person)

    def _keep(self, access: AccessRequest, form: AccessRequestForm, answers: access_requests.Typed) -> None:
        read = form.answers
        access_requests.save_draft(access, typed=answers, use_case=read.use_case, model=read.model, by=self.person)

    def _send(self, access: AccessRequest, form: AccessRequestForm) -> None:
        form.require_everything()
        asking.check(form)
        access_requests.submit(access, answers=form.answers, answer=form.reply, by=self.person)


def _typed(access: AccessRequest) -> access_requests.Typed:
    """The answers as they were typed, or as they were sent."""
    return cast(access_requests.Typed, access.typed) or (stored.of(access).typed() if access.submitted_at else {})


def _options(form: AccessRequestForm) -> dict[str, Any]:
    offered = asking.choices(form)
    return {
        name: [{"value": value, "label": label} for value, label in offered[name]]
        for name in ("data_class", "route", "guardrail_version")
    }


def _with_lines(plan: Plan | None) -> Any:
    if plan:
        plan.lines = [{"mark": mark, "text": text} for mark, text in plan_lines(plan)]  # type: ignore[attr-defined]
    return plan
