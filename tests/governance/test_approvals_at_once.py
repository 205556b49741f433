"""Two people who decide at the same moment, on real commits."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from governance.actions import approvals
from governance.models import Approval, ApprovalStep, AuditEvent, Decision, User
from portal.lib.errors import Refused
from tests.cast import Cast, make_cast, person
from tests.governance.conftest import KIND


@pytest.fixture
def cast_at_once(committed_database: Any) -> Cast:
    return make_cast()


def at_once(*actions: Callable[[], Any]) -> list[str]:
    """Run each action in a thread of its own, all started together. Returns "done" or the refusal of each."""
    start, outcomes = threading.Barrier(len(actions)), [""] * len(actions)

    def run(number: int, action: Callable[[], Any]) -> None:
        try:
            start.wait()
            action()
            outcomes[number] = "done"
        except Refused as refusal:
            outcomes[number] = refusal.sentence
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(actions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def deciding(step: ApprovalStep, by: User, verdict: str = "approve") -> Callable[[], Any]:
    """The decision as another request would take it: with everything read afresh."""
    return lambda: approvals.decide(
        ApprovalStep.objects.get(pk=step.pk), verdict, "Because.", by=User.objects.get(pk=by.pk)
    )


def test_of_two_owners_who_decide_at_once_one_counts(cast_at_once: Cast) -> None:
    cast = cast_at_once
    other = person("Otto Owner", "owner", cast.retail)
    approval = approvals.open(kind=KIND, subject=cast.call_summary, by=cast.builder_retail)
    step = approval.steps.get(role="owner")
    outcomes = at_once(deciding(step, cast.owner_retail), deciding(step, other))
    assert outcomes.count("done") == 1
    assert Decision.objects.count() == 1


def test_an_approval_and_a_rejection_at_once_end_in_one_state(cast_at_once: Cast) -> None:
    cast = cast_at_once
    other = person("Otto Owner", "owner", cast.retail)
    approval = approvals.open(kind=KIND, subject=cast.call_summary, by=cast.builder_retail)
    step = approval.steps.get(role="owner")
    outcomes = at_once(deciding(step, cast.owner_retail), deciding(step, other, "reject"))
    assert outcomes.count("done") == 1
    verdict = Decision.objects.get().verdict
    assert Approval.objects.get().state == ("rejected" if verdict == "reject" else "in_review")


def test_two_steps_decided_at_once_complete_it_once(cast_at_once: Cast) -> None:
    cast = cast_at_once
    cast.call_summary.audience = "customers"
    cast.call_summary.save()
    approval = approvals.open(kind=KIND, subject=cast.call_summary, by=cast.builder_retail)
    deciding(approval.steps.get(role="owner"), cast.owner_retail)()
    outcomes = at_once(
        deciding(approval.steps.get(role="security"), cast.security),
        deciding(approval.steps.get(role="responsible_ai"), cast.rai),
    )
    assert outcomes == ["done", "done"]
    assert AuditEvent.objects.filter(verb="approval.approved").count() == 1
    assert Approval.objects.get().state == "approved"


def test_one_person_deciding_twice_at_once_counts_once(cast_at_once: Cast) -> None:
    cast = cast_at_once
    approval = approvals.open(kind=KIND, subject=cast.call_summary, by=cast.builder_retail)
    ApprovalStep.objects.filter(role="owner").update(quorum=2)
    step = approval.steps.get(role="owner")
    assert at_once(*[deciding(step, cast.owner_retail)] * 2).count("done") == 1
    assert (Decision.objects.count(), approval.steps.get(role="owner").state) == (1, "open")


def test_the_same_subject_submitted_twice_at_once_is_in_review_once(cast_at_once: Cast) -> None:
    cast = cast_at_once
    outcomes = at_once(*[lambda: approvals.open(kind=KIND, subject=cast.call_summary, by=cast.builder_retail)] * 2)
    assert outcomes.count("done") == 1
    assert Approval.objects.count() == 1
