"""Approvals: open, decide, comment, withdraw, submit again, expire, void. One engine for every kind of subject."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, models, transaction

from governance import audit, deciding, facts, policy, subjects
from governance.actions import notifications, rounds
from governance.models import Approval, ApprovalStep, Comment, Decision, Notification, RoutingPolicy, User
from governance.roles import Permission
from governance.transitions import move, move_step
from governance.vocabulary import Verb
from portal.jobs.apart import each
from portal.lib import clock
from portal.lib.errors import NotAllowed, Refused

EXPIRES_AFTER = timedelta(days=30)
CHANGED = "What was submitted is not what stands there now."
VOIDED = "The content changed after it was submitted, so this approval is void. It has to be asked for again."

State = Approval.State
Verdict = Decision.Verdict


def open(*, kind: str, subject: models.Model, by: User) -> Approval:
    """Ask for the approval of `subject` as it stands now: route it, open the first stage, tell who decides.

    The caller has checked that this person may ask. Raises Refused if it is in review already, if the routing policy
    cannot say who decides, or if too few people hold a role that must decide.
    """
    adapter = subjects.of_kind(kind)
    with transaction.atomic():
        approval = Approval(
            kind=kind,
            subject_id=subject.pk,
            tenant=adapter.tenant(subject),
            requested_by=by,
            **_content(adapter, subject),
        )
        plans = rounds.plan(approval)
        try:
            with transaction.atomic():
                approval.save()
        except IntegrityError as error:
            raise Refused(f"{approval.headline} is in review already.") from error
        _record_asked(Verb.APPROVAL_OPENED, approval, by)
        rounds.begin(approval, plans)
    return approval


def decide(step: ApprovalStep, verdict: str, reason: str = "", *, by: User) -> Approval:
    """Give one's verdict on an open step. A reason is needed to reject or to ask for changes; with an approval it is a
    condition or a remark.

    If the subject's content is not what was submitted, the approval becomes void (and stays so) and Refused is raised.
    Raises NotAllowed for anybody who is not asked, was asked before in this round, or asked for it themselves.
    """
    verdict = Verdict(verdict)
    if verdict != Verdict.APPROVE and not reason.strip():
        raise Refused("Say why, so that they know what to do.", field="reason")
    with transaction.atomic():
        approval = _locked(step.approval)
        step = approval.steps.get(pk=step.pk)
        step.approval = approval
        deciding.check_may_decide(step, by)
        changed = _content_changed(approval)
        if changed:
            _void(approval, CHANGED)
        else:
            _record(step, verdict, reason.strip(), by)
            _FOLLOW[verdict](step, by)
    # Raised after the commit: the void must stay.
    if changed:
        raise Refused(VOIDED)
    return approval


def comment(approval: Approval, text: str, *, by: User) -> Comment:
    """Remark on an approval, as its requester or as somebody who decides or asks in its tenant."""
    may = by.pk == approval.requested_by_id or any(
        policy.can(by, permission, approval.tenant) for permission in (Permission.DECIDE, Permission.REQUEST_ACCESS)
    )
    if not may:
        raise NotAllowed("Your roles do not let you comment on this.")
    if not text.strip():
        raise Refused("Write something first.", field="text")
    with transaction.atomic():
        remark = Comment.objects.create(approval=approval, author=by, text=text.strip())
        audit.record(Verb.COMMENTED, approval, by=by, tenant=approval.tenant, comment=remark.pk)
        others = {d.person for d in approval.decisions.select_related("person")} | {approval.requested_by}
        rounds.tell(
            others - {by}, approval, Notification.Kind.COMMENT, f"{by} commented on {approval}.", f"comment:{remark.pk}"
        )
    return remark


def withdraw(approval: Approval, *, by: User) -> Approval:
    """Take back one's own request."""
    if by.pk != approval.requested_by_id:
        raise NotAllowed("Only who asked can withdraw the request.")
    with transaction.atomic():
        approval = _locked(approval)
        _end(approval, State.WITHDRAWN, Verb.APPROVAL_WITHDRAWN, by=by)
    return approval


def resubmit(approval: Approval, *, by: User) -> Approval:
    """Submit again after changes were asked for: another round, with the content, facts and policy of now."""
    if by.pk != approval.requested_by_id:
        raise NotAllowed("Only who asked can submit the request again.")
    with transaction.atomic():
        approval = _locked(approval)
        adapter = subjects.of_kind(approval.kind)
        content = _content(adapter, adapter.load(approval.subject_id))
        # Checked before the round is counted up, or a request in review would be routed again.
        if approval.state != State.CHANGES_REQUESTED:
            raise Refused(f"{approval.headline} is {approval.status}; there is nothing to submit again.")
        move(approval, State.IN_REVIEW, by=by, round=approval.round + 1, **content)
        plans = rounds.plan(approval)
        _record_asked(Verb.APPROVAL_RESUBMITTED, approval, by)
        rounds.begin(approval, plans)
    return approval


def void(approval: Approval, *, because: str) -> Approval:
    """End a review because what is reviewed changed, and tell who asked; `because` says in a sentence what."""
    with transaction.atomic():
        approval = _locked(approval)
        _void(approval, because)
    return approval


def void_for(*, kind: str, subject: models.Model, because: str) -> bool:
    """Void the review that runs on `subject`, if one does: for actions that change its content. Returns whether.

    One that is decided at this moment is waited for, and then runs no more.
    """
    with transaction.atomic():
        running = (
            Approval.objects.select_for_update(of=("self",))
            .filter(kind=kind, subject_id=subject.pk, state=State.IN_REVIEW)
            .first()
        )
        if running:
            void(running, because=because)
    return running is not None


@contextmanager
def carried_out(*, kind: str, subject: models.Model) -> Iterator[None]:
    """Name the approval of `subject` in the trail of a block that does later what was asked for."""
    approval = Approval.objects.filter(kind=kind, subject_id=subject.pk, state=State.APPROVED).order_by("-pk").first()
    with audit.on_grounds(**(rounds.grounds(approval) if approval else {})):
        yield


def expire_due() -> int:
    """Let every open approval expire whose time is over; returns how many did. Raises NotAll for those that cannot."""
    due = Approval.objects.open().filter(expires_at__lte=clock.now())
    return sum(each(list(due), _expire))


def remind_overdue() -> None:
    """Tell those who decide, once, about every step that is past its due time."""
    overdue = ApprovalStep.objects.filter(
        state=ApprovalStep.State.OPEN, due_at__lte=clock.now(), approval__state=State.IN_REVIEW
    ).select_related("approval__tenant", "approval__requested_by")
    each(list(overdue), rounds.remind)


def _content(adapter: subjects.Subject, subject: Any) -> dict[str, Any]:
    """What an approval is bound to, and by which policy: at its opening, and again at each round."""
    return {
        "digest": adapter.digest(subject),
        "facts": facts.check({"kind": adapter.kind, **adapter.facts(subject)}),
        "headline": adapter.headline(subject)[:200],
        "policy": RoutingPolicy.objects.in_force(),
        "expires_at": clock.now() + EXPIRES_AFTER,
    }


def _content_changed(approval: Approval) -> bool:
    """Whether the subject, or what its people said that chose the reviewers (its use case, too), is another one now."""
    adapter = subjects.of_kind(approval.kind)
    subject = adapter.load(approval.subject_id)
    if adapter.digest(subject) != approval.digest:
        return True
    return facts.stated(facts.check(adapter.facts(subject))) != facts.stated(approval.facts)


def _record_asked(verb: Verb, approval: Approval, by: User) -> None:
    """With the facts that routed it: the approval itself keeps those of its last round only."""
    evidence = rounds.evidence(approval)
    audit.record(verb, approval, by=by, tenant=approval.tenant, facts=approval.facts, **evidence)


def _locked(approval: Approval) -> Approval:
    """The approval as it stands, its row locked: two decisions at the same moment follow one another."""
    return Approval.objects.select_for_update(of=("self",)).select_related("tenant", "requested_by").get(pk=approval.pk)


def _record(step: ApprovalStep, verdict: Verdict, reason: str, by: User) -> None:
    approval = step.approval
    Decision.objects.create(
        approval=approval,
        step=step,
        person=by,
        requested_by=approval.requested_by,
        round=approval.round,
        digest=approval.digest,
        verdict=verdict,
        reason=reason,
    )
    verb = _VERBS[verdict]
    audit.record(
        verb, approval, by=by, tenant=approval.tenant, role=step.role, reason=reason, **rounds.evidence(approval)
    )


def _approved(step: ApprovalStep, by: User) -> None:
    if step.decisions.filter(verdict=Verdict.APPROVE).count() < step.quorum:
        return
    move_step(step, ApprovalStep.State.APPROVED)
    rounds.settle(step)
    approval = step.approval
    sentence = f"{step.get_role_display()} approved {approval}."
    if not rounds.open_next_stage(approval):
        move(approval, State.APPROVED, by=by)
        audit.record(Verb.APPROVED, approval, by=None, tenant=approval.tenant, **rounds.evidence(approval))
        with audit.on_grounds(**rounds.grounds(approval)):
            _effect(approval, "approved")
        sentence = f"{approval} is approved; {step.get_role_display()} decided last."
    rounds.tell_requester(approval, sentence, f"step:{step.pk}:approved")


def _rejected(step: ApprovalStep, by: User) -> None:
    move_step(step, ApprovalStep.State.REJECTED)
    move(step.approval, State.REJECTED, by=by)
    rounds.close(step.approval)
    _effect(step.approval, "rejected")
    rounds.tell_requester(step.approval, f"{step.get_role_display()} rejected {step.approval}.", f"step:{step.pk}:no")


def _changes_requested(step: ApprovalStep, by: User) -> None:
    move(step.approval, State.CHANGES_REQUESTED, by=by)
    rounds.close(step.approval)
    _effect(step.approval, "changes_requested")
    sentence = f"{step.get_role_display()} asks for changes to {step.approval}."
    rounds.tell_requester(step.approval, sentence, f"step:{step.pk}:changes")


def _expire(due: Approval) -> bool:
    with transaction.atomic():
        approval = _locked(due)
        if not approval.is_open or approval.expires_at > clock.now():
            return False
        _end(approval, State.EXPIRED, Verb.APPROVAL_EXPIRED, by=None)
        sentence = f"Nobody decided on {approval} in time; it expired."
        rounds.tell_requester(approval, sentence, f"approval:{approval.pk}:expired")
    return True


def _end(approval: Approval, to: State, verb: Verb, *, by: User | None, **details: Any) -> None:
    """Leave review without a decision."""
    move(approval, to, by=by)
    rounds.close(approval)
    audit.record(verb, approval, by=by, tenant=approval.tenant, **rounds.evidence(approval), **details)
    _effect(approval, "withdrawn")


def _void(approval: Approval, because: str) -> None:
    """Every void passes here, so whoever asked is told of each, with the way to what they can change and send again."""
    _end(approval, State.VOID, Verb.APPROVAL_VOIDED, by=None, because=because)
    adapter = subjects.of_kind(approval.kind)
    notifications.tell(
        approval.requested_by,
        kind=Notification.Kind.DECIDED,
        sentence=f"The review of {approval.headline} ended without a decision. {because}",
        url=adapter.url(adapter.load(approval.subject_id)),
        key=f"approval:{approval.pk}:void",
    )


def _effect(approval: Approval, name: str) -> None:
    adapter = subjects.of_kind(approval.kind)
    getattr(adapter, name)(adapter.load(approval.subject_id), approval)


_VERBS = {
    Verdict.APPROVE: Verb.APPROVED_STEP,
    Verdict.REJECT: Verb.REJECTED,
    Verdict.REQUEST_CHANGES: Verb.CHANGES_REQUESTED,
}
_FOLLOW = {Verdict.APPROVE: _approved, Verdict.REJECT: _rejected, Verdict.REQUEST_CHANGES: _changes_requested}
