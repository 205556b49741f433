"""Asking for a model: drafts that lose nothing, a live verdict, refusals with their sentence, and the decision."""

import re

import pytest
from django.urls import reverse
from django.utils.datastructures import MultiValueDict

from governance.actions import approvals
from governance.models import Approval, AuditEvent
from governance.vocabulary import Verb
from hub.actions import access_requests
from hub.answers import of
from hub.forms_access import AccessRequestForm
from hub.models import AccessRequest, Grant, Plan
from hub.request_states import MOVES, move
from hub.routes import Route
from portal.jobs.models import Job
from portal.lib.errors import NotAllowed, Refused
from tests.cast import person
from tests.hub.access_world import REGION, approve, cleared_model, guardrail_version, offered, use_case_of


@pytest.fixture
def draft(world):
    return access_requests.start(by=world.cast.builder_retail)


@pytest.fixture
def typed(world):
    """The form as a browser sends it."""
    return {name: values[0] for name, values in world.answers().typed().items()}


@pytest.fixture
def builder(client, world):
    client.force_login(world.cast.builder_retail)
    return client


def url(name, request):
    return reverse(f"access:request-{name}", args=[request.uid])


# Actions


def test_a_draft_that_was_left_empty_is_taken_up_again(world):
    first = access_requests.start(by=world.cast.builder_retail)
    assert access_requests.start(by=world.cast.builder_retail) == first
    access_requests.save_draft(first, typed={"why": ["because"]}, by=world.cast.builder_retail)
    assert access_requests.start(by=world.cast.builder_retail) != first


def test_who_may_not_ask_cannot_begin(world):
    with pytest.raises(NotAllowed, match="do not let you ask"):
        access_requests.start(by=world.cast.auditor)


def test_answers_survive_the_way_through_the_form(world, typed):
    form = AccessRequestForm(MultiValueDict({k: [v] for k, v in typed.items()}), user=world.cast.builder_retail)
    assert form.is_valid(), form.errors
    assert form.answers == world.answers()


def test_a_submitted_request_has_its_plan_and_waits_for_a_decision(world):
    request = world.submitted()
    assert request.state == "in_review"
    assert of(request) == world.answers()
    approval = access_requests.approval_of(request)
    assert approval.facts["risk"] == "medium"
    assert [step.role for step in approval.steps.all()] == ["owner", "security"]
    assert AuditEvent.objects.filter(verb=Verb.ACCESS_REQUESTED, subject_uid=str(request.uid)).count() == 1


def test_the_last_approval_makes_a_grant_and_a_job_in_one_transaction(world):
    request = world.submitted()
    grant = approve(request, world.cast)
    request.refresh_from_db()
    assert (request.state, grant.state) == ("approved", "approved")
    assert Job.objects.filter(name="hub.reconcile", argument=grant.pk, state="pending").count() == 1
    assert [a.kind for a in grant.artefacts.all()] == [
        "invocation_logging", "guardrail_version", "inference_profile", "role_trust", "iam_policy", "aws_budget",
    ]  # fmt: skip


def test_one_cannot_approve_ones_own_request_as_owner(world):
    person("Otto Owner", "owner", world.cast.retail)
    request = world.submitted(by=world.cast.owner_retail)
    step = access_requests.approval_of(request).steps.get(state="open")
    with pytest.raises(NotAllowed):
        approvals.decide(step, "approve", by=world.cast.owner_retail)
    assert not Grant.objects.exists()


def test_a_change_after_submission_voids_the_review_and_nothing_is_granted(world):
    request = world.submitted()
    AccessRequest.objects.filter(pk=request.pk).update(months=24)
    step = access_requests.approval_of(request).steps.get(state="open")
    with pytest.raises(Refused, match="changed after it was submitted"):
        approvals.decide(step, "approve", by=world.cast.owner_retail)
    request.refresh_from_db()
    assert request.state == "changes_requested"
    assert not Grant.objects.exists()


def test_requested_changes_are_made_and_decided_on_again(world):
    request = world.submitted()
    step = access_requests.approval_of(request).steps.get(state="open")
    approvals.decide(step, "request_changes", "Half the budget is enough.", by=world.cast.owner_retail)
    request.refresh_from_db()
    assert request.state == "changes_requested"
    first = access_requests.approval_of(request).digest
    answers = world.answers(monthly_budget_nano=300 * 10**9)
    access_requests.submit(request, answers=answers, by=world.cast.builder_retail)
    again = access_requests.approval_of(request)
    assert (again.state, again.digest == first) == ("in_review", False)
    assert approve(request, world.cast).plan == request.plan


def test_a_voided_request_can_be_submitted_again(world):
    request = world.submitted()
    approvals.void(access_requests.approval_of(request), because="a test says so")
    request.refresh_from_db()
    access_requests.submit(request, answers=world.answers(), by=world.cast.builder_retail)
    assert approve(request, world.cast).state == "approved"


def test_the_same_answers_again_keep_the_same_plan(world):
    request = world.submitted()
    step = access_requests.approval_of(request).steps.get(state="open")
    approvals.decide(step, "request_changes", "Say more.", by=world.cast.owner_retail)
    request.refresh_from_db()
    access_requests.submit(request, answers=world.answers(why="More."), by=world.cast.builder_retail)
    assert Plan.objects.filter(request=request).count() == 1


def test_a_rejected_request_ends_and_can_be_cloned(world):
    request = world.submitted()
    step = access_requests.approval_of(request).steps.get(state="open")
    approvals.decide(step, "reject", "Use Call coaching.", by=world.cast.owner_retail)
    request.refresh_from_db()
    assert request.state == "rejected"
    copy = access_requests.clone(request, by=world.cast.builder_retail)
    assert (copy.state, copy.typed) == ("draft", request.typed)
    with pytest.raises(Refused, match="cannot be changed"):
        access_requests.submit(request, answers=world.answers(), by=world.cast.builder_retail)


def test_a_request_in_review_can_be_taken_back_by_who_asked_only(world):
    request = world.submitted()
    with pytest.raises(NotAllowed, match="Only who asked"):
        access_requests.withdraw(request, by=world.cast.owner_retail)
    access_requests.withdraw(request, by=world.cast.builder_retail)
    request.refresh_from_db()
    assert request.state == "withdrawn"
    assert access_requests.approval_of(request).state == Approval.State.WITHDRAWN


def test_an_approved_request_cannot_be_taken_back(world):
    request = world.submitted()
    approve(request, world.cast)
    with pytest.raises(Refused, match="revoking"):
        access_requests.withdraw(request, by=world.cast.builder_retail)


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"why": ""}, "why", "Say in a sentence or two"),
        ({"data_class": "restricted"}, "data_class", "not cleared for Restricted"),
        ({"guardrail_version": None}, "guardrail_version", "required because the data is Confidential"),
        ({"role_arns": ()}, "roles", "Name the IAM roles"),
        ({"role_arns": ("retail",)}, "roles", "“retail” could not be read"),
        ({"role_arns": ("arn:aws:iam::447100000339:role/x",)}, "roles", "in another account"),
        ({"role_arns": ("arn:aws:iam::447100000212:role/atrium-control",)}, "roles", "belongs to Atrium"),
        ({"create_role": True}, "roles", "not both"),
        ({"months": 36}, "months", "from 1 to 24 months"),
        ({"monthly_budget_nano": 0}, "monthly_budget", "above zero"),
    ],
)  # fmt: skip
def test_what_may_not_be_is_refused_beside_its_field(world, draft, changes, field, sentence):
    with pytest.raises(Refused, match=sentence) as refusal:
        access_requests.submit(draft, answers=world.answers(**changes), by=world.cast.builder_retail)
    assert refusal.value.field == field
    assert not Approval.objects.exists()


def test_a_model_that_is_not_cleared_is_refused_with_alternatives(world, draft):
    other = cleared_model("amazon.nova-2-lite-v1:0", by=world.cast.legal, regions=[REGION], name="Nova 2 Lite")
    other.clearances.update(data_class="public")
    with pytest.raises(Refused, match="not cleared for confidential data") as refusal:
        access_requests.submit(draft, answers=world.answers(model=other), by=world.cast.builder_retail)
    assert [one.model for one in refusal.value.alternatives] == [world.model]


def test_data_does_not_leave_what_the_tenant_allows(world, draft):
    world.cast.retail.regions = [REGION]
    answers = world.answers()
    answers.use_case.tenant = world.cast.retail
    with pytest.raises(Refused, match="Retail banking allows only Frankfurt") as refusal:
        access_requests.submit(draft, answers=answers, by=world.cast.builder_retail)
    assert refusal.value.field == "route"


def test_the_account_of_another_line_of_business_cannot_be_chosen(world, draft):
    world.account.tenant = world.cast.insurance
    world.account.save()
    with pytest.raises(Refused, match="Retail banking cannot reach Claude Haiku") as refusal:
        access_requests.submit(draft, answers=world.answers(), by=world.cast.builder_retail)
    assert refusal.value.field == "route"


def test_production_does_not_run_in_a_test_account(world, draft):
    world.account.environment = "nonprod"
    route = Route(world.account, REGION, world.profile)
    with pytest.raises(Refused, match="not a production account"):
        access_requests.submit(draft, answers=world.answers(route=route), by=world.cast.builder_retail)


def test_more_sensitive_data_than_the_use_case_is_registered_for_is_refused(world, draft):
    public = use_case_of(world, "Opening hours")
    public.data_class = "public"
    public.save()
    with pytest.raises(Refused, match="registered for Public data"):
        access_requests.submit(draft, answers=world.answers(use_case=public), by=world.cast.builder_retail)


def test_a_tenant_of_others_cannot_be_asked_for(world, draft, another_builder):
    other = access_requests.start(by=world.cast.builder_insurance)
    with pytest.raises(NotAllowed):
        access_requests.submit(other, answers=world.answers(), by=world.cast.builder_insurance)


# Pages


def test_looking_at_the_form_makes_nothing_and_its_first_answer_makes_the_draft(builder):
    answer = builder.get(reverse("access:request-new"))
    assert not AccessRequest.objects.exists()
    save = re.search('hx-post="([^"]+)"', answer.text)[1]
    typed = {"why": "because", "seen": "", "drawn": answer.context["drawn"]}
    for _ in range(2):
        answer = builder.post(save, typed, headers={"HX-Request": "true"})
    draft = AccessRequest.objects.get()
    assert (draft.typed, draft.state) == ({"why": ["because"]}, "draft")
    assert answer["HX-Replace-Url"] == url("edit", draft)


def test_the_model_page_leads_to_a_draft_with_its_model(builder, world):
    answer = builder.get(reverse("access:request-new"), {"model": str(world.model.uid)}, follow=True)
    assert b"checked" in answer.content
    assert world.model.name in answer.text


def test_the_use_case_page_leads_to_a_draft_for_it(builder, world):
    answer = builder.get(reverse("access:request-new"), {"use_case": str(world.cast.call_summary.uid)}, follow=True)
    assert f'value="{world.cast.call_summary.uid}" selected' in answer.text


def test_typed_values_are_kept_though_they_cannot_be_read(builder, draft):
    builder.post(url("save", draft), {"calls_per_day": "about 40k", "why": "since"}, headers={"HX-Request": "true"})
    draft.refresh_from_db()
    assert draft.typed == {"calls_per_day": ["about 40k"], "why": ["since"]}
    assert draft.state == "draft"


def test_a_value_that_cannot_be_read_has_its_sentence_beside_the_field(builder, draft, typed):
    answer = builder.post(url("submit", draft), typed | {"calls_per_day": "about 40k"})
    assert answer.status_code == 422
    assert "Enter a whole number, like 38000. “about 40k” could not be read." in answer.text
    assert 'value="about 40k"' in answer.text
    assert not Approval.objects.exists()


def test_a_number_with_separators_is_read(world, typed):
    data = MultiValueDict(
        {k: [v] for k, v in (typed | {"calls_per_day": "38,000", "monthly_budget": "$6,000"}).items()}
    )
    form = AccessRequestForm(data, user=world.cast.builder_retail)
    assert form.is_valid(), form.errors
    assert (form.answers.calls_per_day, form.answers.monthly_budget_nano) == (38_000, 6_000 * 10**9)


@pytest.mark.parametrize("budget", ["lots", "-5", "1e400", "NaN"])
def test_a_budget_that_is_no_amount_is_refused(world, typed, budget):
    data = MultiValueDict({k: [v] for k, v in (typed | {"monthly_budget": budget}).items()})
    form = AccessRequestForm(data, user=world.cast.builder_retail)
    assert not form.is_valid()
    assert "like 2500" in form.errors["monthly_budget"][0]


def test_every_missing_answer_is_said_at_once(builder, draft):
    answer = builder.post(url("submit", draft), {})
    assert answer.status_code == 422
    for sentence in ("Choose a model.", "Say what data it will see.", "Say what it may cost a month."):
        assert sentence in answer.text


def test_the_verdict_says_risk_deciders_cost_and_where(builder, draft, typed):
    answer = builder.post(url("save", draft), typed, headers={"HX-Request": "true"})
    assert "medium" in answer.text
    assert "Owner → Security" in " ".join(answer.text.split())
    assert "Confidential data may go" in answer.text
    assert "required because the data is Confidential" in answer.text
    assert 'id="rest"' in answer.text


def test_without_javascript_the_form_goes_on_to_its_second_half(builder, draft, typed):
    answer = builder.post(url("save", draft), typed, follow=True)
    assert "Send for approval" in answer.text
    assert "Which account and Region?" in answer.text


def test_a_complete_form_is_submitted_and_leads_to_its_story(builder, draft, typed):
    answer = builder.post(url("submit", draft), typed, follow=True)
    assert answer.redirect_chain[0][0] == url("detail", draft)
    assert "What changes in AWS" in answer.text
    assert "inference profile" in answer.text
    assert "Who decides" in answer.text


def test_the_review_page_gets_plan_reasons_and_evidence(client, world):
    request = world.submitted()
    client.force_login(world.cast.security)
    answer = client.get(url("evidence", request))
    assert answer.status_code == 200
    for words in (
        "IAM policy",
        "one call through the profile must work",
        "Residency",
        "Invocation logging",
        "Why they ask",
    ):
        assert words in answer.text
    assert "<html" not in answer.text


def test_the_list_shows_ones_own_and_what_one_may_see(client, world, django_assert_max_num_queries):
    request = world.submitted()
    client.force_login(world.cast.owner_retail)
    assert request.headline not in client.get(reverse("access:index")).text
    with django_assert_max_num_queries(16):
        assert request.headline in client.get(reverse("access:index"), {"show": "all", "q": "summary"}).text
    assert request.headline not in client.get(reverse("access:index"), {"show": "all", "q": "nothing like it"}).text


@pytest.mark.parametrize("name", ["edit", "detail", "evidence"])
def test_an_outsider_does_not_find_the_request(client, world, name):
    request = world.submitted()
    client.force_login(world.cast.builder_insurance)
    assert client.get(url(name, request)).status_code == 404


@pytest.mark.parametrize("name", ["save", "submit", "withdraw"])
def test_nobody_else_writes_in_a_request(client, world, name):
    request = world.submitted()
    for other in (world.cast.builder_insurance, world.cast.auditor, world.cast.owner_retail):
        client.force_login(other)
        assert client.post(url(name, request), {"why": "mine"}).status_code == 404
    request.refresh_from_db()
    assert request.state == "in_review"


def test_an_auditor_reads_the_story_and_cannot_ask(client, world):
    request = world.submitted()
    client.force_login(world.cast.auditor)
    answer = client.get(url("detail", request))
    assert answer.status_code == 200
    assert "Clone" not in answer.text
    assert client.post(url("clone", request)).status_code == 403
    assert client.get(reverse("access:request-new")).status_code == 403


@pytest.mark.parametrize("name", ["save", "submit", "withdraw", "clone", "comment"])
def test_a_change_is_never_a_get_but_leads_back_to_the_form(builder, draft, name):
    assert builder.put(url(name, draft)).status_code == 405
    answer = builder.get(url(name, draft), follow=True)
    assert answer.request["PATH_INFO"] == url("edit", draft)
    assert AccessRequest.objects.get().typed == draft.typed


@pytest.mark.parametrize("name", ["edit", "detail", "evidence"])
def test_reading_is_never_a_post(builder, draft, name):
    assert builder.post(url(name, draft)).status_code == 405


def test_the_drafts_of_others_are_nobodys_business(client, world, draft):
    client.force_login(world.cast.owner_retail)
    assert client.get(url("detail", draft)).status_code == 404


def test_a_comment_is_kept_and_an_empty_one_is_not(builder, world):
    request = world.submitted()
    builder.post(url("comment", request), {"text": "It is the same data as last year."})
    builder.post(url("comment", request), {"text": " "})
    assert "It is the same data as last year." in builder.get(url("detail", request)).text
    assert access_requests.approval_of(request).comments.count() == 1


def test_alike_requests_are_hinted_at(builder, world, draft, typed, another_builder):
    other = world.submitted(use_case=use_case_of(world), by=another_builder)
    answer = builder.post(url("save", draft), typed, headers={"HX-Request": "true"})
    assert other.get_absolute_url() in answer.text


def test_search_finds_a_request_by_its_number_and_a_grant_by_its_name(client, world):
    grant = world.approved()
    client.force_login(world.cast.owner_retail)
    for words in (grant.request.code, "call sum", grant.slug):
        assert grant.get_absolute_url() in client.get(reverse("search"), {"q": words}).text or (
            grant.request.get_absolute_url() in client.get(reverse("search"), {"q": words}).text
        )
    client.force_login(world.cast.builder_insurance)
    assert grant.get_absolute_url() not in client.get(reverse("search"), {"q": "call sum"}).text


@pytest.mark.parametrize("state", AccessRequest.State.values)
def test_every_state_has_its_moves_and_no_others(world, state):
    request = AccessRequest(state=state, requested_by=world.cast.builder_retail)
    for to in set(AccessRequest.State.values) - MOVES[state] - {state}:
        with pytest.raises(Refused, match="cannot become"):
            move(request, to)


def test_a_region_without_guardrails_says_so(world, draft):
    offered(world.model, world.account, "eu-west-1")
    world.profile.pk, world.profile.region = None, "eu-west-1"
    world.profile.save()
    route = Route(world.account, "eu-west-1", world.profile)
    with pytest.raises(Refused, match="has none"):
        access_requests.submit(draft, answers=world.answers(route=route), by=world.cast.builder_retail)
    version = guardrail_version(world.account, "eu-west-1")
    answers = world.answers(route=route, guardrail_version=version)
    assert access_requests.submit(draft, answers=answers, by=world.cast.builder_retail).state == "in_review"
