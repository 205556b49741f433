"""The form of an access request in use: two tabs, missing answers, choices that another answer takes away."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from governance.actions import approvals
from governance.models import Approval, UseCase
from hub.actions import access_requests
from hub.actions.access_requests import Overtaken
from hub.evidence import evidence
from hub.models import AccessRequest, AwsAccount, Price
from hub.price_list import BEGINNING
from portal.lib import clock
from tests.hub.access_world import REGION

HTMX = {"HX-Request": "true"}


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


def asked_for_changes(world, reason="Half the budget is enough."):
    request = world.submitted()
    step = access_requests.approval_of(request).steps.get(state="open")
    approvals.decide(step, "request_changes", reason, by=world.cast.owner_retail)
    request.refresh_from_db()
    return request


# Drafts


def test_what_another_tab_saved_is_not_overwritten_and_nothing_is_lost(builder, draft):
    seen = draft.saved_at.isoformat()
    with clock.set_to(clock.now() + timedelta(seconds=5)):
        builder.post(url("save", draft), {"why": "In the first tab.", "seen": seen}, headers=HTMX)
        answer = builder.post(url("save", draft), {"why": "In the second tab.", "seen": seen}, headers=HTMX)
    draft.refresh_from_db()
    assert draft.typed == {"why": ["In the first tab."]}
    other = AccessRequest.objects.exclude(pk=draft.pk).get()
    assert other.typed == {"why": ["In the second tab."]}
    assert answer["HX-Redirect"] == url("edit", other)
    assert "was changed elsewhere meanwhile" in builder.get(url("edit", other)).text


def test_the_tab_that_saved_last_goes_on_saving(builder, draft):
    seen = draft.saved_at.isoformat()
    for second, why in enumerate(["B", "Be", "Because"]):
        with clock.set_to(clock.now() + timedelta(seconds=second)):
            answer = builder.post(url("save", draft), {"why": why, "seen": seen}, headers=HTMX)
        seen = answer.context["seen"]
        assert f'<input type="hidden" id="seen" value="{seen}">' in answer.text
    assert AccessRequest.objects.get().typed == {"why": ["Because"]}


def test_a_form_that_just_became_a_draft_can_be_thrown_away_without_a_reload(builder):
    page = builder.get(reverse("access:request-new"))
    uid, words = page.context["access"].uid, "Throw this draft away"
    assert words not in page.text
    typed = {"why": "B", "seen": "", "drawn": page.context["drawn"]}
    first = builder.post(reverse("access:request-save", args=[uid]), typed, headers=HTMX)
    assert re.search(rf'<div id="discard">.*{words}', first.text, re.DOTALL)
    assert reverse("access:request-withdraw", args=[uid]) in first.text
    # Later answers leave the button alone: somebody may be on it with the keyboard.
    again = {"why": "Be", "seen": first.context["seen"]}
    assert words not in builder.post(reverse("access:request-save", args=[uid]), again, headers=HTMX).text


def test_a_page_is_no_stranger_to_what_it_saved_itself(builder, draft):
    """Its answer may be lost on the way, so that the page does not know of it."""
    seen, page = draft.saved_at.isoformat(), {"page": "one"}
    for second, why in enumerate(["B", "Be", "Because"], start=1):
        with clock.set_to(clock.now() + timedelta(seconds=second)):
            builder.post(url("save", draft), {"why": why, "seen": seen} | page, headers=HTMX)
    assert AccessRequest.objects.get().typed == {"why": ["Because"]}
    builder.post(url("save", draft), {"why": "In another tab.", "seen": seen, "page": "two"}, headers=HTMX)
    assert AccessRequest.objects.count() == 2
    draft.refresh_from_db()
    assert draft.typed == {"why": ["Because"]}


@pytest.mark.parametrize("verb", ["save", "submit"])
def test_a_form_without_an_answer_makes_no_draft(builder, verb):
    page = builder.get(reverse("access:request-new")).context
    address, empty = reverse(f"access:request-{verb}", args=[page["access"].uid]), {"use_case": "", "seen": ""}
    answer = builder.post(address, empty | {"drawn": page["drawn"], "page": "one", "continue": "yes"})
    assert answer.status_code == 422
    assert "Choose the use case that it is for." in answer.text
    builder.post(address, empty | {"drawn": page["drawn"]}, headers=HTMX)
    assert not AccessRequest.objects.exists()


def test_what_was_answered_below_stays_asked_when_a_first_answer_falls(builder, draft, typed):
    text = builder.post(url("save", draft), typed | {"use_case": ""}, headers=HTMX).text
    for name in ("calls_per_day", "roles", "why"):
        assert f'name="{name}"' in text


def test_what_was_missing_stays_said_until_it_is_there(builder, draft, typed):
    lacking = typed | {"why": "", "months": "", "tried": "everything"}
    assert set(builder.post(url("save", draft), lacking, headers=HTMX).context["form"].errors) == {"why", "months"}
    better = lacking | {"why": "Because."}
    assert set(builder.post(url("save", draft), better, headers=HTMX).context["form"].errors) == {"months"}
    untried = lacking | {"tried": ""}
    assert not builder.post(url("save", draft), untried, headers=HTMX).context["form"].errors


def test_what_could_not_be_kept_is_said_and_does_not_count_as_seen(builder, draft):
    answer = builder.post(url("save", draft), {"why": "x" * 20_001, "page": "one"}, headers=HTMX)
    assert "That is more text than a request can hold" in answer.text
    assert 'id="seen"' not in answer.text


def test_the_same_answers_twice_are_no_conflict(world, draft):
    by, seen, typed = world.cast.builder_retail, draft.saved_at, {"why": ["Because."]}
    for second in (1, 2):
        with clock.set_to(clock.now() + timedelta(seconds=second)):
            access_requests.save_draft(AccessRequest.objects.get(), typed=typed, seen=seen, by=by)
    with pytest.raises(Overtaken):
        access_requests.save_draft(AccessRequest.objects.get(), typed={}, seen=seen, by=by)


def test_a_draft_that_is_thrown_away_is_gone(builder, draft):
    answer = builder.post(url("withdraw", draft), follow=True)
    assert "The draft was thrown away." in answer.text
    assert not AccessRequest.objects.exists()
    assert builder.get(url("detail", draft)).status_code == 404


def test_the_drafts_of_others_are_in_nobodys_list(client, world, draft):
    by, case = world.cast.builder_retail, world.cast.call_summary
    access_requests.save_draft(draft, typed={}, use_case=case, model=world.model, by=by)
    for person in (world.cast.platform_person, world.cast.auditor, world.cast.owner_retail):
        client.force_login(person)
        for show in ("mine", "all", "drafts"):
            assert draft.headline not in client.get(reverse("access:index"), {"show": show}).text
        assert draft.headline not in client.get(reverse("access:use-case-panel", args=[case.uid])).text
        assert client.get(url("edit", draft)).status_code == 404


def test_a_builder_without_a_use_case_is_led_to_one(builder):
    UseCase.objects.update(stage="retired")
    answer = builder.get(reverse("access:request-new"))
    assert reverse("governance:use-case-new") in answer.text
    assert "Which model?" not in answer.text


# Answers


def test_going_on_without_the_first_answers_says_which_are_missing(builder, draft, typed):
    given = {"use_case": typed["use_case"], "model": typed["model"]}
    answer = builder.post(url("save", draft), given | {"continue": "yes"})
    assert answer.status_code == 422
    assert "data-focus" in answer.text
    assert answer.context["form"].errors == {
        "data_class": ["Say what data it will see."],
        "audience": ["Say who sees the answers."],
    }
    draft.refresh_from_db()
    assert draft.typed == {name: [value] for name, value in given.items()}


def test_all_that_is_wrong_is_said_at_once_and_beside_its_field(builder, draft, typed):
    wrong = {"months": "99", "monthly_budget": "0", "calls_per_day": "0", "roles": "retail", "why": ""}
    answer = builder.post(url("submit", draft), typed | wrong | {"guardrail_version": ""})
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {*wrong, "guardrail_version"}
    # Fields that depend on the route stay, although something else was refused.
    assert 'name="roles"' in answer.text
    assert not Approval.objects.exists()


def test_a_route_that_data_may_not_take_is_not_offered_and_says_why(builder, world, draft, typed):
    world.cast.retail.regions = [REGION]
    world.cast.retail.save()
    answer = builder.post(url("submit", draft), typed)
    [error] = answer.context["form"].errors["route"]
    assert "is not possible with your other answers" in error
    assert "Retail banking allows only Frankfurt" in error
    assert f'value="{typed["route"]}"' not in answer.text
    assert "Not possible with your other answers (1)" in answer.text


def test_production_takes_the_route_through_a_test_account_away(builder, world, draft, typed):
    AwsAccount.objects.update(environment="nonprod")
    answer = builder.post(url("submit", draft), typed)
    assert "is not a production account" in answer.context["form"].errors["route"][0]
    answer = builder.post(url("save", draft), typed | {"environment": "test"}, headers=HTMX)
    assert "route" not in answer.context["form"].errors
    assert f'value="{typed["route"]}"' in answer.text


def test_the_verdict_says_what_it_still_waits_for(builder, draft, typed):
    given = {name: typed[name] for name in ("use_case", "model", "data_class")}
    text = " ".join(builder.post(url("save", draft), given, headers=HTMX).text.split())
    assert "once the audience is chosen<" in text
    refused = builder.post(url("save", draft), typed | {"data_class": "restricted"}, headers=HTMX).text
    assert "once the data is chosen anew<" in " ".join(refused.split())
    unsaid = builder.post(url("save", draft), given | {"continue": "yes"}).text
    assert "once the audience is chosen<" in " ".join(unsaid.split())


def test_data_that_a_line_of_business_may_not_use_is_shown_with_the_reason(builder, draft, typed):
    text = builder.post(url("save", draft), {"use_case": typed["use_case"]}, headers=HTMX).text
    [card] = re.findall(r'<label for="id_data_class_3">.*?</label>', text, re.DOTALL)
    assert 'value="restricted"' in card
    assert "disabled" in card
    assert "Retail banking is not cleared for it." in card
    answer = builder.post(url("save", draft), typed | {"data_class": "restricted"}, headers=HTMX)
    assert answer.context["form"].errors["data_class"] == ["Retail banking is not cleared for such data; choose again."]
    assert answer.context["answers"].data_class == ""
    [card] = re.findall(r'<label for="id_data_class_3">.*?</label>', answer.text, re.DOTALL)
    assert "checked" not in card


def test_an_estimate_above_the_budget_is_said_to_who_asks_and_to_who_decides(builder, world, draft, typed):
    for token_class, usd in (("input", 1), ("output", 5)):
        price = {"model_id": world.model.model_id, "token_class": token_class, "usd_per_million": usd}
        Price.objects.create(since=BEGINNING, source="test", **price)
    found = world.answers().estimate
    assert found is not None
    assert found.high_nano < world.answers().monthly_budget_nano
    assert "above the budget" not in builder.post(url("save", draft), typed, headers=HTMX).text
    text = builder.post(url("save", draft), typed | {"monthly_budget": "1"}, headers=HTMX).text
    assert re.search(r"The estimate \w+( at)? \$[\d.,]+ a month, above the budget of \$1", text)
    low = world.submitted(monthly_budget_nano=1)
    line = next(one for one in evidence(low) if one.title == "Estimate and budget")
    assert (line.status.value, "above the budget" in line.note) == ("over", True)


# Requested changes


def test_sending_it_again_as_it_was_needs_an_answer(builder, world, typed):
    request = asked_for_changes(world)
    by = world.cast.owner_retail.name
    assert f"Your answer to {by}" in builder.get(url("edit", request)).text
    refused = builder.post(url("submit", request), typed)
    assert refused.context["form"].errors["answer"] == [
        f"Nothing changed since {by} asked for changes. Change something, or say in your answer why not."
    ]
    request.refresh_from_db()
    assert request.state == "changes_requested"
    builder.post(url("submit", request), typed | {"answer": "Half would not last a month."})
    request.refresh_from_db()
    approval = access_requests.approval_of(request)
    assert (request.state, approval.round) == ("in_review", 2)
    assert [(one.author, one.text) for one in approval.comments.all()] == [
        (world.cast.builder_retail, "Half would not last a month.")
    ]
    builder.force_login(world.cast.owner_retail)
    assert "Half would not last a month." in builder.get(reverse("governance:review-detail", args=[approval.uid])).text


def test_a_changed_request_needs_no_answer_and_a_draft_is_not_asked_for_one(builder, world, draft, typed):
    assert "Your answer to" not in builder.get(url("edit", draft)).text
    request = asked_for_changes(world)
    builder.post(url("submit", request), typed | {"monthly_budget": "300"})
    request.refresh_from_db()
    assert request.state == "in_review"


def test_an_answer_is_kept_in_the_draft_until_it_is_sent(builder, world, typed):
    request = asked_for_changes(world)
    builder.post(url("save", request), typed | {"answer": "Half would"}, headers=HTMX)
    assert "Half would</textarea>" in builder.get(url("edit", request)).text


def test_what_was_asked_to_be_changed_stands_above_the_form_and_stays_on_the_page(builder, world, typed):
    request = asked_for_changes(world)
    approvals.comment(access_requests.approval_of(request), "Ask me on Monday.", by=world.cast.owner_retail)
    for name in ("edit", "detail"):
        page = builder.get(url(name, request)).text
        assert "Half the budget is enough." in page
        assert "Ask me on Monday." in page
    builder.post(url("submit", request), typed | {"monthly_budget": "300"})
    page = builder.get(url("detail", request)).text
    assert f"{world.cast.owner_retail.name} asked for changes as Owner" in page
    assert f"{world.cast.builder_retail.name} changed the request and sent it again" in page


def test_a_review_that_fell_says_why_on_the_page_of_its_request(builder, world):
    request = world.submitted()
    approvals.void(access_requests.approval_of(request), because="The use case became another.")
    page = builder.get(url("detail", request)).text
    assert "The review ended without a decision" in page
    assert "The use case became another." in page


def test_who_asks_for_changes_reads_who_makes_them(client, world):
    request = world.submitted()
    approval = access_requests.approval_of(request)
    given = {"step": approval.steps.get(state="open").pk, "verdict": "request_changes", "reason": "Say more."}
    client.force_login(world.cast.owner_retail)
    answer = client.post(reverse("governance:review-decide", args=[approval.uid]), given, follow=True)
    assert f"now waits for changes by {world.cast.builder_retail.name}" in answer.text


@pytest.mark.parametrize("verb", ["save", "submit"])
def test_an_address_that_no_form_was_drawn_for_is_not_there(builder, typed, verb):
    """Else the two answers would tell which requests others have."""
    assert builder.post(reverse(f"access:request-{verb}", args=[uuid4()]), typed).status_code == 404
    assert not AccessRequest.objects.exists()
