"""The approval engine: who decides, in which order, and what follows."""

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from governance import subjects
from governance.actions import approvals
from governance.deciding import waiting_for, why_not
from governance.models import Approval, ApprovalStep, AuditEvent, Decision, Membership, Notification, UseCase, User
from governance.transitions import APPROVAL, STEP, TERMINAL, move, move_step
from portal.jobs.apart import NotAll
from portal.lib import clock
from portal.lib.errors import NotAllowed, Refused
from tests.cast import Cast, person, use_case
from tests.governance.conftest import KIND, PURPOSE

State = Approval.State
Step = ApprovalStep.State


@pytest.fixture
def approval(cast: Cast) -> Approval:
    """The medium-risk use case, asked for by its builder: owner first, then security."""
    return approvals.open(kind=KIND, subject=cast.call_summary, by=cast.builder_retail)


def step_of(approval: Approval, role: str) -> ApprovalStep:
    return ApprovalStep.objects.get(approval=approval, role=role, round=Approval.objects.get(pk=approval.pk).round)


def decide(approval: Approval, role: str, by: User, verdict: str = "approve", reason: str = "") -> Approval:
    return approvals.decide(step_of(approval, role), verdict, reason, by=by)


def states(approval: Approval) -> dict[str, str]:
    return {step.role: step.state for step in ApprovalStep.objects.filter(approval=approval)}


def sponsor(cast: Cast) -> str:
    return UseCase.objects.get(pk=cast.call_summary.pk).sponsor


def test_a_medium_risk_request_goes_to_the_owner_and_then_to_security(cast: Cast, approval: Approval) -> None:
    assert states(approval) == {"owner": Step.OPEN, "security": Step.WAITING}
    decide(approval, "owner", cast.owner_retail)
    assert states(approval) == {"owner": Step.APPROVED, "security": Step.OPEN}


def test_the_last_approval_completes_it_and_has_its_effect_at_once(cast: Cast, approval: Approval) -> None:
    decide(approval, "owner", cast.owner_retail)
    done = decide(approval, "security", cast.security)
    assert (done.state, sponsor(cast)) == (State.APPROVED, "approved approved")
    assert AuditEvent.objects.filter(verb="approval.approved", subject_uid=str(approval.uid)).count() == 1


def test_nobody_decides_on_their_own_request_even_holding_the_role(cast: Cast) -> None:
    own = approvals.open(kind=KIND, subject=cast.call_summary, by=cast.builder_retail)
    Membership.objects.create(user=cast.builder_retail, role="owner", tenant=cast.retail)
    with pytest.raises(NotAllowed, match="nobody decides on their own request"):
        decide(own, "owner", User.objects.get(pk=cast.builder_retail.pk))


def test_the_mover_refuses_a_judgement_by_the_requester(cast: Cast, approval: Approval) -> None:
    with pytest.raises(NotAllowed):
        move(approval, State.APPROVED, by=cast.builder_retail)


def test_the_database_refuses_a_decision_on_ones_own_request(cast: Cast, approval: Approval) -> None:
    with pytest.raises(IntegrityError, match="decision_never_on_ones_own_request"), transaction.atomic():
        Decision.objects.create(
            approval=approval,
            step=step_of(approval, "owner"),
            person=cast.builder_retail,
            requested_by=cast.builder_retail,
            verdict="approve",
            digest=approval.digest,
        )


def test_one_person_counts_once_whatever_roles_they_hold(cast: Cast, approval: Approval) -> None:
    Membership.objects.create(user=cast.owner_retail, role="security")
    decide(approval, "owner", User.objects.get(pk=cast.owner_retail.pk))
    with pytest.raises(NotAllowed, match="You decided on this already"):
        decide(approval, "security", User.objects.get(pk=cast.owner_retail.pk))


@pytest.mark.parametrize("who", ["owner_insurance", "security", "builder_insurance", "auditor", "nobody"])
def test_only_the_role_of_the_step_in_its_tenant_decides(cast: Cast, approval: Approval, who: str) -> None:
    with pytest.raises(NotAllowed, match="you do not hold that role here"):
        decide(approval, "owner", getattr(cast, who))


def test_a_step_of_a_later_stage_waits_for_its_turn(cast: Cast, approval: Approval) -> None:
    with pytest.raises(Refused, match="comes later"):
        decide(approval, "security", cast.security)


def test_a_deactivated_reviewer_decides_nothing(cast: Cast, approval: Approval) -> None:
    User.objects.filter(pk=cast.owner_retail.pk).update(is_active=False)
    with pytest.raises(NotAllowed):
        decide(approval, "owner", User.objects.get(pk=cast.owner_retail.pk))


def test_one_rejection_ends_it_and_closes_what_waits(cast: Cast, approval: Approval) -> None:
    ended = decide(approval, "owner", cast.owner_retail, "reject", "No budget this year.")
    assert (ended.state, sponsor(cast)) == (State.REJECTED, "rejected rejected")
    assert states(approval) == {"owner": Step.REJECTED, "security": Step.CLOSED}


@pytest.mark.parametrize("verdict", ["reject", "request_changes"])
def test_a_no_needs_a_reason(cast: Cast, approval: Approval, verdict: str) -> None:
    with pytest.raises(Refused, match="Say why") as refused:
        decide(approval, "owner", cast.owner_retail, verdict, "  ")
    assert refused.value.field == "reason"
    assert Approval.objects.get().state == State.IN_REVIEW


def test_an_approval_may_carry_a_condition(cast: Cast, approval: Approval) -> None:
    decide(approval, "owner", cast.owner_retail, reason="Renew the DPIA by 9 December.")
    assert Decision.objects.get().reason == "Renew the DPIA by 9 December."


def test_requested_changes_lead_to_another_round_with_the_new_content(cast: Cast, approval: Approval) -> None:
    decide(approval, "owner", cast.owner_retail)
    decide(approval, "security", cast.security, "request_changes", "Name the data.")
    assert sponsor(cast) == "changes changes_requested"
    UseCase.objects.filter(pk=cast.call_summary.pk).update(purpose="Another purpose.")

    again = approvals.resubmit(approval, by=cast.builder_retail)

    assert (again.state, again.round, again.digest != approval.digest) == (State.IN_REVIEW, 2, True)
    assert {s.role: s.state for s in again.steps.filter(round=2)} == {"owner": Step.OPEN, "security": Step.WAITING}
    resubmitted = AuditEvent.objects.get(verb="approval.resubmitted")
    assert (resubmitted.details["round"], resubmitted.details["facts"]["data_class"]) == (2, "confidential")
    # The owner decides again in the new round; what was said in the first stays on record with its content.
    decide(again, "owner", cast.owner_retail)
    assert set(Decision.objects.filter(round=1).values_list("digest", flat=True)) == {approval.digest}


def test_only_the_requester_submits_again(cast: Cast, approval: Approval) -> None:
    decide(approval, "owner", cast.owner_retail, "request_changes", "Name the data.")
    with pytest.raises(NotAllowed):
        approvals.resubmit(approval, by=cast.owner_retail)


def test_a_request_in_review_cannot_be_submitted_again(cast: Cast, approval: Approval) -> None:
    with pytest.raises(Refused, match="nothing to submit again"):
        approvals.resubmit(approval, by=cast.builder_retail)


def test_a_change_of_the_content_voids_it_at_the_next_decision(cast: Cast, approval: Approval) -> None:
    UseCase.objects.filter(pk=cast.call_summary.pk).update(purpose="Something else entirely.")
    with pytest.raises(Refused, match="content changed"):
        decide(approval, "owner", cast.owner_retail)
    approval.refresh_from_db()
    assert (approval.state, sponsor(cast), Decision.objects.count()) == (State.VOID, "withdrawn void", 0)
    assert AuditEvent.objects.filter(verb="approval.voided").count() == 1
    told = Notification.objects.get(user=cast.builder_retail, key=f"approval:{approval.pk}:void")
    assert told.sentence == (
        f"The review of {approval} ended without a decision. What was submitted is not what stands there now."
    )


@pytest.mark.parametrize(
    ("changed", "state"),
    [({"autonomy": 4, "risk": "high"}, "void"), ({"affects_people": True}, "void"), ({"people": 9000}, "in_review")],
)
def test_a_change_of_what_chose_the_reviewers_voids_it_and_a_change_of_its_cost_does_not(
    cast: Cast, approval: Approval, changed: dict[str, Any], state: str
) -> None:
    """The digest of this kind covers neither: it is about the purpose alone, and cost follows from prices."""
    UseCase.objects.update(**changed)
    with pytest.raises(Refused, match="this approval is void") if state == "void" else nullcontext():
        decide(approval, "owner", cast.owner_retail)
    approval.refresh_from_db()
    assert approval.state == state


def test_an_action_that_changes_the_content_voids_the_running_review(cast: Cast, approval: Approval) -> None:
    assert approvals.void_for(kind=KIND, subject=cast.call_summary, because="its purpose changed") is True
    assert approvals.void_for(kind=KIND, subject=cast.call_summary, because="its purpose changed") is False
    assert AuditEvent.objects.get(verb="approval.voided").details["because"] == "its purpose changed"


def test_the_requester_withdraws_and_nobody_else(cast: Cast, approval: Approval) -> None:
    with pytest.raises(NotAllowed):
        approvals.withdraw(approval, by=cast.owner_retail)
    approvals.withdraw(approval, by=cast.builder_retail)
    assert (Approval.objects.get().state, sponsor(cast)) == (State.WITHDRAWN, "withdrawn withdrawn")


def test_an_undecided_request_expires_after_thirty_days(cast: Cast, approval: Approval) -> None:
    assert approvals.expire_due() == 0
    with clock.set_to(approval.opened_at + timedelta(days=30)):
        assert approvals.expire_due() == 1
        assert approvals.expire_due() == 0
    assert Approval.objects.get().state == State.EXPIRED


def test_one_that_cannot_expire_keeps_nobody_else_in_review(cast: Cast, stuck_kind: str) -> None:
    asked = [
        approvals.open(kind=kind, subject=use_case(cast.retail, cast.builder_retail, name), by=cast.builder_retail)
        for kind, name in ((KIND, "First"), (stuck_kind, "Second"), (KIND, "Third"))
    ]
    sentence = r"^1 of 3 failed\. Stuck purpose of Second: RuntimeError: Nobody answers\."
    with clock.set_to(asked[-1].opened_at + timedelta(days=30)):
        with pytest.raises(NotAll, match=sentence):
            approvals.expire_due()
        assert [Approval.objects.get(pk=one.pk).state for one in asked] == ["expired", "in_review", "expired"]
        with pytest.raises(NotAll, match="1 of 1 failed"):
            approvals.expire_due()
    events = AuditEvent.objects.filter(verb="approval.expired").values_list("subject_name", flat=True)
    assert sorted(events) == ["Purpose of First", "Purpose of Third"]


@pytest.fixture
def stuck_kind() -> Iterator[str]:
    """A kind of subject whose review cannot end."""

    def withdrawn(_use_case: UseCase, _approval: Approval) -> None:
        raise RuntimeError("Nobody answers.")

    kind, headline = "test.stuck", lambda use_case: f"Stuck purpose of {use_case}"
    subjects.register(replace(PURPOSE, kind=kind, headline=headline, withdrawn=withdrawn))
    yield kind
    subjects._subjects.pop(kind)


def test_a_subject_is_in_review_once_at_a_time(cast: Cast, approval: Approval) -> None:
    with pytest.raises(Refused, match="in review already"):
        approvals.open(kind=KIND, subject=cast.call_summary, by=cast.builder_retail)


def test_a_request_that_nobody_else_could_decide_is_refused_with_the_cure(cast: Cast) -> None:
    Membership.objects.filter(role="security").delete()
    with pytest.raises(Refused, match=r"Security must decide on this.*nobody"):
        approvals.open(kind=KIND, subject=cast.call_summary, by=cast.builder_retail)
    assert Approval.objects.count() == 0


def test_a_step_with_a_quorum_of_two_needs_two_people(cast: Cast, approval: Approval) -> None:
    decide(approval, "owner", cast.owner_retail)
    ApprovalStep.objects.filter(role="security").update(quorum=2)
    decide(approval, "security", cast.security)
    assert states(approval)["security"] == Step.OPEN
    assert decide(approval, "security", cast.security_two).state == State.APPROVED


def test_steps_of_one_stage_run_side_by_side(cast: Cast) -> None:
    UseCase.objects.filter(pk=cast.call_summary.pk).update(audience="customers")
    wide = approvals.open(kind=KIND, subject=UseCase.objects.get(), by=cast.builder_retail)
    decide(wide, "owner", cast.owner_retail)
    assert states(wide) == {"owner": Step.APPROVED, "security": Step.OPEN, "responsible_ai": Step.OPEN}
    decide(wide, "responsible_ai", cast.rai)
    assert decide(wide, "security", cast.security).state == State.APPROVED


def test_a_step_is_due_so_many_hours_after_it_opened(cast: Cast, approval: Approval) -> None:
    step = step_of(approval, "owner")
    assert step.opened_at
    assert step.due_at == step.opened_at + timedelta(hours=24)


def test_those_who_decide_are_told_once_and_reminded_once_when_it_is_overdue(cast: Cast, approval: Approval) -> None:
    told = Notification.objects.filter(user=cast.owner_retail)
    assert [one.kind for one in told] == ["step_waits"]
    with clock.set_to(approval.opened_at + timedelta(hours=25)):
        approvals.remind_overdue()
        approvals.remind_overdue()
    assert told.all().count() == 2
    assert not Notification.objects.filter(user=cast.owner_insurance).exists()


def test_who_asked_is_told_of_each_step(cast: Cast, approval: Approval) -> None:
    decide(approval, "owner", cast.owner_retail)
    assert Notification.objects.filter(user=cast.builder_retail, kind="decided").count() == 1


@pytest.mark.parametrize("verdict", ["approve", "reject", "request_changes"])
def test_nobody_is_called_to_a_step_that_was_decided_be_it_late_or_not(
    cast: Cast, approval: Approval, verdict: str
) -> None:
    person("Otto Owner", "owner", cast.retail)
    with clock.set_to(approval.opened_at + timedelta(days=4)):
        approvals.remind_overdue()
        decide(approval, "owner", cast.owner_retail, verdict, "Because.")
    step = approval.steps.get(role="owner")
    called = Notification.objects.filter(key__in=[f"step:{step.pk}", f"step:{step.pk}:overdue"])
    assert called.count() == 3  # Otto came after it was opened
    assert not called.filter(read_at=None).exists()


def test_the_inbox_holds_what_one_can_decide_now(cast: Cast, approval: Approval) -> None:
    assert list(waiting_for(cast.owner_retail)) == [approval]
    assert list(waiting_for(cast.security)) == []
    assert list(waiting_for(cast.builder_retail)) == []
    decide(approval, "owner", cast.owner_retail)
    assert list(waiting_for(cast.owner_retail)) == []
    assert list(waiting_for(cast.security)) == [approval]


def test_an_owner_of_the_line_of_business_decides_for_its_teams(cast: Cast) -> None:
    from tests.cast import tenant, use_case

    team = tenant("Cards", parent=cast.retail)
    of_team = use_case(team, cast.builder_retail, "Card disputes")
    approval = approvals.open(kind=KIND, subject=of_team, by=cast.builder_retail)
    assert why_not(step_of(approval, "owner"), cast.owner_retail) == ""


def test_comments_are_for_who_asks_and_who_decides(cast: Cast, approval: Approval) -> None:
    approvals.comment(approval, "Which calls?", by=cast.security)
    assert Notification.objects.filter(user=cast.builder_retail, kind="comment").count() == 1
    for outsider in (cast.auditor, cast.builder_insurance):
        with pytest.raises(NotAllowed):
            approvals.comment(approval, "Hello", by=outsider)
    with pytest.raises(Refused, match="Write something"):
        approvals.comment(approval, " ", by=cast.security)


PAIRS = [(a, b) for a in APPROVAL for b in APPROVAL]


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_each_move_of_an_approval_is_allowed_or_refused_by_the_table(
    cast: Cast, approval: Approval, before: str, after: str
) -> None:
    Approval.objects.filter(pk=approval.pk).update(state=before)
    approval.refresh_from_db()
    if after in APPROVAL[before]:
        move(approval, after, by=cast.owner_retail)
        assert Approval.objects.get().state == after
        assert (Approval.objects.get().decided_at is not None) == (after in TERMINAL)
    else:
        with pytest.raises(Refused):
            move(approval, after, by=cast.owner_retail)
        assert Approval.objects.get().state == before


@pytest.mark.parametrize(("before", "after"), [(a, b) for a in STEP for b in STEP])
def test_each_move_of_a_step_is_allowed_or_refused_by_the_table(approval: Approval, before: str, after: str) -> None:
    step = approval.steps.get(role="security")
    ApprovalStep.objects.filter(pk=step.pk).update(state=before)
    step.refresh_from_db()
    if after in STEP[before]:
        move_step(step, after)
    else:
        with pytest.raises(Refused):
            move_step(step, after)
    step.refresh_from_db()
    assert step.state == (after if after in STEP[before] else before)


def test_a_move_from_a_state_that_it_left_meanwhile_changes_nothing(cast: Cast, approval: Approval) -> None:
    stale = Approval.objects.get(pk=approval.pk)
    approvals.withdraw(approval, by=cast.builder_retail)
    with pytest.raises(Refused, match="at the same moment"):
        move(stale, State.REJECTED, by=cast.owner_retail)
    assert Approval.objects.get().state == State.WITHDRAWN


def test_every_audit_event_of_it_names_the_content_and_the_policy(cast: Cast, approval: Approval) -> None:
    decide(approval, "owner", cast.owner_retail)
    event: Any = AuditEvent.objects.get(verb="approval.step_approved")
    assert event.details["digest"] == approval.digest
    assert event.details["policy_version"] == cast.routing_policy.version
    assert event.actor_id == cast.owner_retail.pk
