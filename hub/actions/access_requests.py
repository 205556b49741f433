"""Access requests: a draft from the first moment, submitted with its plan, decided by the engine, made a grant."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from governance import audit
from governance.actions import approvals
from governance.models import Approval, UseCase, User
from governance.policy import can_somewhere, check_can
from governance.roles import Permission
from governance.vocabulary import Verb
from hub import readiness
from hub.access_facts import KIND, facts
from hub.access_plans import inputs
from hub.actions import grants
from hub.answers import Answers, of
from hub.clearance import check_requestable
from hub.models import AccessRequest, FoundationModel, Plan
from hub.past import changes_asked
from hub.plans.compile import compiled, plan_digest
from hub.provisioning.binding import subject_digest
from hub.request_states import EDITABLE, move
from portal.lib import clock
from portal.lib.errors import NotAllowed, Refused

State = AccessRequest.State
Typed = dict[str, list[str]]
LONGEST_TYPED = 20_000
# Facts that route a request and that an edit of its use case changes.
OF_THE_USE_CASE = ("risk", "autonomy", "affects_people")


class Overtaken(Refused):
    """The draft was saved from elsewhere since the page that is sent was drawn."""


def check_may_ask(by: User) -> None:
    """Raise NotAllowed for somebody who may not ask for a model anywhere."""
    if not can_somewhere(by, Permission.REQUEST_ACCESS):
        raise NotAllowed("Your roles do not let you ask for models. Builders and owners of a line of business can.")


def start(*, typed: Typed | None = None, uid: UUID | None = None, by: User) -> AccessRequest:
    """A new draft; one with the same answers that this person left behind is taken up again.

    uid: the one that the form was drawn with, so that its first answers, sent twice, make one draft.
    """
    check_may_ask(by)
    typed = _storable(typed or {})
    if uid:
        return AccessRequest.objects.get_or_create(uid=uid, defaults={"requested_by": by, "typed": typed})[0]
    same = AccessRequest.objects.filter(requested_by=by, state=State.DRAFT, typed=typed).first()
    return same or AccessRequest.objects.create(requested_by=by, typed=typed)


def save_draft(
    request: AccessRequest,
    *,
    typed: Typed,
    use_case: UseCase | None = None,
    model: FoundationModel | None = None,
    seen: datetime | None = None,
    page: str = "",
    by: User,
) -> None:
    """Keep what was typed, readable or not. use_case and model: what could be read, so that a list can name it.

    seen: `saved_at` of what the page showed. Raises Overtaken if another page saved something since; None: never.
    page: the id of the page that sends it. Its own saving is no stranger's, even if the answer never came back.
    """
    check_may_edit(request, by)
    if sum(len(value) for values in typed.values() for value in values) > LONGEST_TYPED:
        raise Refused("That is more text than a request can hold; shorten it.")
    changes: dict[str, Any] = {"typed": _storable(typed), "saved_at": clock.now(), "saved_from": page}
    if request.state == State.DRAFT:
        changes |= {"use_case": use_case, "model": model, "tenant": use_case.tenant if use_case else None}
    there = AccessRequest.objects.filter(pk=request.pk, state__in=EDITABLE)
    known = Q(saved_at=seen) | Q(saved_from=page, saved_from__gt="")
    if not (there.filter(known) if seen else there).update(**changes):
        request.refresh_from_db()
        check_may_edit(request, by)
        if request.typed != changes["typed"]:
            raise Overtaken("This was changed elsewhere meanwhile, perhaps in another tab.")
        return
    for name, value in changes.items():
        setattr(request, name, value)


def submit(request: AccessRequest, *, answers: Answers, answer: str = "", by: User) -> Approval:
    """Compile the plan and ask for approval of exactly that; after requested changes, ask again.

    answer: what is said to who asked for changes; a comment of the review. Nothing changed and nothing said is refused.
    Raises Refused with the field that is wrong, NotAllowed for somebody who may not ask for this tenant.
    """
    check_may_edit(request, by)
    readiness.check(answers)
    check_can(by, Permission.REQUEST_ACCESS, answers.tenant, what="ask for models for this use case")
    with transaction.atomic():
        request = AccessRequest.objects.select_for_update(of=("self",)).get(pk=request.pk)
        if request.state not in EDITABLE:
            raise Refused("This request was submitted already.")
        again = request.state == State.CHANGES_REQUESTED
        _write(request, answers)
        plan = _plan(request)
        verb = Verb.ACCESS_CHANGED if again else Verb.ACCESS_REQUESTED
        audit.record(verb, request, by=by, tenant=request.tenant, plan=plan.digest)
        running = approval_of(request)
        if running and running.state == Approval.State.CHANGES_REQUESTED:
            return _asked_again(request, plan, running, answer.replace("\x00", "").strip(), by)
        return approvals.open(kind=KIND, subject=request, by=by)


def _asked_again(request: AccessRequest, plan: Plan, running: Approval, answer: str, by: User) -> Approval:
    """Another round of its review, with the answer for those who decide in it."""
    if answer:
        approvals.comment(running, answer, by=by)
    elif subject_digest(request, plan) == running.digest:
        asked = changes_asked(request)
        whom = asked.person if asked else "who decides"
        raise Refused(
            f"Nothing changed since {whom} asked for changes. Change something, or say in your answer why not.",
            field="answer",
        )
    return approvals.resubmit(running, by=by)


def withdraw(request: AccessRequest, *, by: User) -> None:
    """Take a request back. A draft that was never sent is thrown away: nothing of it stays."""
    _check_own(request, by)
    if AccessRequest.objects.filter(pk=request.pk, state=State.DRAFT, submitted_at=None).delete()[0]:
        return
    with transaction.atomic():
        running = approval_of(request)
        if running and running.state in (Approval.State.IN_REVIEW, Approval.State.CHANGES_REQUESTED):
            approvals.withdraw(running, by=by)
        elif request.state in EDITABLE:
            move(request, State.WITHDRAWN)
        else:
            raise Refused("This request was decided already; a grant is ended by revoking it.")
        audit.record(Verb.ACCESS_WITHDRAWN, request, by=by, tenant=request.tenant)


def clone(request: AccessRequest, *, by: User) -> AccessRequest:
    """A new draft with the same answers."""
    typed = dict(request.typed) or of(request).typed()
    return start(typed=typed, by=by)


def check_may_edit(request: AccessRequest, by: User) -> None:
    """Raise unless this is one's own request and it can still be changed."""
    _check_own(request, by)
    if request.state not in EDITABLE:
        raise Refused(f"A request that is {request.get_state_display().lower()} cannot be changed; clone it instead.")


def approval_of(request: AccessRequest) -> Approval | None:
    """The newest approval of a request."""
    return Approval.objects.filter(kind=KIND, subject_id=request.pk).order_by("-id").first()


def approved(request: AccessRequest, approval: Approval) -> None:
    """The last decision fell: the request becomes a grant, in the same transaction.

    Raises Refused if what was asked for does not hold any more; whoever decides can then ask for changes or reject.
    """
    check_still_holds(request, approval)
    _close(request, State.APPROVED)
    grants.create(request, approval=approval)


def check_still_holds(request: AccessRequest, approval: Approval) -> None:
    """Raise Refused if the model may not be used or reached any more, or if the use case is not what routed the review.

    Both belong to others than the request, so its digest cannot cover them.
    """
    answers = of(request)
    now = facts(answers)
    if any(now.get(name) != approval.facts.get(name) for name in OF_THE_USE_CASE):
        raise Refused(
            f"{request.use_case} changed since this was sent, so others might have to decide. Ask for changes."
        )
    if answers.model and answers.route:
        check_requestable(answers.model, answers.data_class, answers.route.regions)
        readiness.route_leads_to_the_model(answers)


def rejected(request: AccessRequest, _approval: Approval) -> None:
    _close(request, State.REJECTED)


def changes_requested(request: AccessRequest, _approval: Approval) -> None:
    _close(request, State.CHANGES_REQUESTED)


def withdrawn(request: AccessRequest, approval: Approval) -> None:
    """It ended without a decision. A void one can be changed and submitted again."""
    ends = {Approval.State.EXPIRED: State.EXPIRED, Approval.State.VOID: State.CHANGES_REQUESTED}
    _close(request, ends.get(Approval.State(approval.state), State.WITHDRAWN))


def _close(request: AccessRequest, state: State) -> None:
    move(request, state)
    audit.record(Verb.ACCESS_DECIDED, request, by=None, tenant=request.tenant, state=str(state))


def _check_own(request: AccessRequest, by: User) -> None:
    if request.requested_by_id != by.pk:
        raise NotAllowed("Only who asked can change or take back a request. You can clone it.")


def _storable(typed: Typed) -> Typed:
    """PostgreSQL holds any character but NUL, which no keyboard types."""
    return {name: [value.replace("\x00", "") for value in values] for name, values in typed.items()}


def _write(request: AccessRequest, answers: Answers) -> None:
    """The answers as columns; readiness.check has seen that none is missing."""
    route, risk = answers.route, answers.risk
    if route is None or risk is None:
        raise Refused("The request is not complete.")
    request.use_case, request.tenant, request.model = answers.use_case, answers.tenant, answers.model
    request.account, request.region, request.profile = route.account, route.region, route.profile
    for name in ("environment", "data_class", "audience", "create_role", "cached_share", "why"):
        setattr(request, name, getattr(answers, name))
    for name in ("calls_per_day", "input_tokens", "output_tokens", "monthly_budget_nano", "months"):
        setattr(request, name, getattr(answers, name) or 0)
    request.guardrail_version = answers.guardrail_version if answers.guardrail_because else None
    request.role_arns = sorted(set(answers.role_arns))
    request.risk, request.risk_reasons = risk.tier, list(risk.reasons)
    request.typed = answers.typed()
    request.submitted_at = clock.now()
    request.save()
    move(request, State.IN_REVIEW)


def _plan(request: AccessRequest) -> Plan:
    """The plan of the request as it is now; the same content gives the stored plan again, as the newest one."""
    artefacts = compiled(inputs(request))
    digest = plan_digest(artefacts)
    newest = request.plan
    if newest and newest.digest == digest:
        return newest
    Plan.objects.filter(request=request, digest=digest, grants=None).delete()
    return Plan.objects.create(request=request, artefacts=artefacts, digest=digest)
