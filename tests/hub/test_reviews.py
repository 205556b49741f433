"""A model enters the hub by a review, and leaves it without one."""

from typing import Any

import pytest

from governance.actions import approvals
from governance.models import Approval, AuditEvent, User
from governance.vocabulary import Verb
from hub.actions import model_reviews, models
from hub.model_states import MODEL, move_model
from hub.models import Clearance, FoundationModel, ModelReview
from portal.lib import clock
from portal.lib.errors import NotAllowed, Refused
from tests.cast import Cast

pytestmark = pytest.mark.django_db

S, R = FoundationModel.Status, ModelReview.State
ASKED: dict[str, Any] = {
    "data_classes": ["internal", "confidential"],
    "regions": ["eu-west-1", "eu-central-1"],
    "rationale": "It summarises calls better than what we have.",
    "conditions": "Only with a guardrail.",
}


@pytest.fixture
def model(db: None) -> FoundationModel:
    return FoundationModel.objects.create(model_id="acme.one", provider="Acme", name="One", output_modalities=["TEXT"])


@pytest.fixture
def review(model: FoundationModel, cast: Cast) -> ModelReview:
    return model_reviews.draft(model=model, by=cast.builder_retail, **ASKED)


@pytest.fixture
def approval(review: ModelReview, cast: Cast) -> Approval:
    return model_reviews.submit(review=review, by=cast.builder_retail)


def decide(approval: Approval, verdict: str, cast: Cast, roles: str = "security legal responsible_ai") -> None:
    people = {"security": cast.security, "legal": cast.legal, "responsible_ai": cast.rai}
    for role in roles.split():
        approvals.decide(approval.steps.get(role=role, state="open"), verdict, "because", by=people[role])


def fresh(row: Any) -> Any:
    return type(row).objects.get(pk=row.pk)


def test_security_legal_and_responsible_ai_decide_side_by_side(approval: Approval) -> None:
    assert {(step.role, step.state) for step in approval.steps.all()} == {
        ("security", "open"),
        ("legal", "open"),
        ("responsible_ai", "open"),
    }
    assert approval.headline == "One for internal and confidential data"


def test_a_submitted_model_is_in_review(approval: Approval, model: FoundationModel) -> None:
    assert fresh(model).status == S.IN_REVIEW


def test_an_approved_review_clears_the_model_per_data_class(
    approval: Approval, review: ModelReview, cast: Cast
) -> None:
    decide(approval, "approve", cast)
    assert (fresh(review).state, fresh(review.model).status) == (R.APPROVED, S.APPROVED)
    given = Clearance.objects.order_by("data_class").values_list("data_class", "regions", "conditions", "until")
    regions = ["eu-central-1", "eu-west-1"]
    assert list(given) == [
        ("confidential", regions, "Only with a guardrail.", None),
        ("internal", regions, "Only with a guardrail.", None),
    ]
    assert AuditEvent.objects.filter(verb=Verb.CLEARANCE_GIVEN).count() == 2


def test_two_approvals_of_three_are_not_enough(approval: Approval, model: FoundationModel, cast: Cast) -> None:
    decide(approval, "approve", cast, "security legal")
    assert fresh(model).status == S.IN_REVIEW
    assert not Clearance.objects.exists()


def test_one_rejection_ends_it(approval: Approval, review: ModelReview, cast: Cast) -> None:
    decide(approval, "reject", cast, "legal")
    assert (fresh(review).state, fresh(review.model).status) == (R.REJECTED, S.UNREVIEWED)
    assert not Clearance.objects.exists()


def test_changes_are_made_and_submitted_again(approval: Approval, review: ModelReview, cast: Cast) -> None:
    decide(approval, "request_changes", cast, "legal")
    review.refresh_from_db()
    assert review.state == R.CHANGES_REQUESTED
    model_reviews.change(review=review, by=cast.builder_retail, **ASKED | {"data_classes": ["internal"]})
    again = model_reviews.submit(review=review, by=cast.builder_retail)
    decide(again, "approve", cast)
    assert [clearance.data_class for clearance in Clearance.objects.all()] == ["internal"]


def test_a_proposal_cannot_be_changed_under_those_who_decide(
    approval: Approval, review: ModelReview, cast: Cast
) -> None:
    with pytest.raises(Refused, match="cannot be changed now"):
        model_reviews.change(review=review, by=cast.builder_retail, **ASKED)


def test_a_proposal_that_was_submitted_meanwhile_is_not_changed(model: FoundationModel, cast: Cast) -> None:
    review = model_reviews.draft(model=model, by=cast.builder_retail, **ASKED)
    open_in_another_tab = ModelReview.objects.get(pk=review.pk)
    model_reviews.submit(review=review, by=cast.builder_retail)
    with pytest.raises(Refused, match="at the same moment"):
        model_reviews.change(review=open_in_another_tab, by=cast.builder_retail, **ASKED | {"regions": ["us-east-1"]})
    assert fresh(review).regions == ["eu-central-1", "eu-west-1"]


def test_another_content_than_was_submitted_voids_the_approval(
    approval: Approval, review: ModelReview, cast: Cast
) -> None:
    ModelReview.objects.filter(pk=review.pk).update(data_classes=["restricted"])
    with pytest.raises(Refused):
        decide(approval, "approve", cast, "security")
    assert fresh(approval).state == Approval.State.VOID
    assert (fresh(review).state, fresh(review.model).status) == (R.WITHDRAWN, S.UNREVIEWED)


def test_who_proposed_a_model_cannot_approve_it(cast: Cast, model: FoundationModel) -> None:
    cast.security.memberships.create(role="platform", since=cast.security.memberships.get().since)
    security = User.objects.get(pk=cast.security.pk)
    review = model_reviews.draft(model=model, by=security, **ASKED)
    approval = model_reviews.submit(review=review, by=security)
    with pytest.raises(NotAllowed):
        approvals.decide(approval.steps.get(role="security"), "approve", by=security)


def test_a_withdrawn_proposal_frees_the_model(approval: Approval, review: ModelReview, cast: Cast) -> None:
    model_reviews.withdraw(review=review, by=cast.builder_retail)
    assert (review.state, fresh(review.model).status) == (R.WITHDRAWN, S.UNREVIEWED)
    model_reviews.draft(model=review.model, by=cast.platform_person, **ASKED)


def test_one_proposal_is_open_for_a_model_at_a_time(review: ModelReview, cast: Cast) -> None:
    with pytest.raises(Refused, match="open already"):
        model_reviews.draft(model=review.model, by=cast.platform_person, **ASKED)


def test_only_the_author_submits(review: ModelReview, cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        model_reviews.submit(review=review, by=cast.platform_person)


@pytest.mark.parametrize("who", ["executive", "legal", "nobody"])
def test_who_may_not_propose_cannot(who: str, cast: Cast, model: FoundationModel) -> None:
    with pytest.raises(NotAllowed):
        model_reviews.draft(model=model, by=getattr(cast, who), **ASKED)


@pytest.mark.parametrize("field", ["data_classes", "regions"])
def test_a_proposal_names_its_data_and_regions(field: str, cast: Cast, model: FoundationModel) -> None:
    with pytest.raises(Refused) as refused:
        model_reviews.draft(model=model, by=cast.builder_retail, **ASKED | {field: []})
    assert refused.value.field == field


def test_a_second_review_replaces_the_clearance_of_its_data_class(
    approval: Approval, review: ModelReview, cast: Cast
) -> None:
    decide(approval, "approve", cast)
    wider = ASKED | {"data_classes": ["internal"], "regions": ["us-east-1"]}
    second = model_reviews.draft(model=fresh(review.model), by=cast.builder_retail, **wider)
    again = model_reviews.submit(review=second, by=cast.builder_retail)
    assert fresh(review.model).status == S.APPROVED  # it may be asked for while the second review runs
    decide(again, "approve", cast)
    in_force = Clearance.objects.in_force(clock.now()).values_list("data_class", "regions")
    assert sorted(in_force) == [("confidential", ["eu-central-1", "eu-west-1"]), ("internal", ["us-east-1"])]


def test_a_blocked_model_loses_its_clearances_and_its_review(
    approval: Approval, review: ModelReview, cast: Cast
) -> None:
    decide(approval, "approve", cast)
    second = model_reviews.draft(model=fresh(review.model), by=cast.builder_retail, **ASKED)
    running = model_reviews.submit(review=second, by=cast.builder_retail)
    models.change_status(model=fresh(review.model), to=S.BLOCKED, reason="It leaks.", by=cast.security)
    assert fresh(review.model).status == S.BLOCKED
    assert not Clearance.objects.in_force(clock.now()).exists()
    assert (fresh(running).state, fresh(second).state) == (Approval.State.VOID, R.WITHDRAWN)


def test_the_end_of_a_review_does_not_lift_a_block(approval: Approval, review: ModelReview, cast: Cast) -> None:
    decide(approval, "request_changes", cast, "legal")
    models.change_status(model=fresh(review.model), to=S.BLOCKED, reason="It leaks.", by=cast.security)
    assert fresh(review).state == R.WITHDRAWN
    approvals.withdraw(fresh(approval), by=cast.builder_retail)
    assert fresh(review.model).status == S.BLOCKED


@pytest.mark.parametrize("who", ["builder_retail", "owner_retail", "finops_person"])
def test_a_tenant_cannot_stop_a_model_for_the_company(who: str, cast: Cast, model: FoundationModel) -> None:
    with pytest.raises(NotAllowed):
        models.change_status(model=model, to=S.BLOCKED, reason="why not", by=getattr(cast, who))


def test_nobody_approves_a_model_without_a_review(cast: Cast, model: FoundationModel) -> None:
    with pytest.raises(Refused, match="by a review only"):
        models.change_status(model=model, to=S.APPROVED, reason="I know it", by=cast.security)


def test_a_stop_needs_a_reason(cast: Cast, model: FoundationModel) -> None:
    with pytest.raises(Refused) as refused:
        models.change_status(model=model, to=S.BLOCKED, reason=" ", by=cast.security)
    assert refused.value.field == "reason"


@pytest.mark.parametrize("start", S.values)
@pytest.mark.parametrize("to", S.values)
def test_a_model_moves_by_its_table_only(start: str, to: str, model: FoundationModel) -> None:
    FoundationModel.objects.filter(pk=model.pk).update(status=start)
    model.refresh_from_db()
    if to in MODEL[start]:
        move_model(model, to)
        assert fresh(model).status == to
    else:
        with pytest.raises(Refused):
            move_model(model, to)
        assert fresh(model).status == start


def test_of_two_moves_at_the_same_moment_one_wins(model: FoundationModel) -> None:
    mine, theirs = fresh(model), fresh(model)
    move_model(theirs, S.BLOCKED)
    with pytest.raises(Refused, match="at the same moment"):
        move_model(mine, S.IN_REVIEW)
