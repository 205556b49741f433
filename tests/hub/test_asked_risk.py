"""The risk of what is asked for: a request that names less than its use case goes by the use case."""

import pytest
from django.urls import reverse

from governance.actions import use_cases
from hub import asked_risk
from hub.access_facts import facts
from hub.actions import access_requests
from portal.lib.errors import Refused
from tests.hub.access_world import use_case_of

LESS = "The request names internal data, its use case confidential data."
CONFIDENTIAL_CASE = "It works with confidential data, as its use case says."
RESTRICTED_CASE = "It works with restricted data, as its use case says."
CUSTOMERS_CASE = "Customers see its answers, as its use case says."


@pytest.mark.parametrize(
    ("case", "asked", "tier", "reasons"),
    [
        (("internal", "employees"), ("internal", "employees"), "low", None),
        (("confidential", "employees"), ("confidential", "employees"), "medium", ["It works with confidential data."]),
        (
            ("confidential", "employees"),
            ("internal", "employees"),
            "medium",
            [CONFIDENTIAL_CASE],
        ),
        (("restricted", "employees"), ("public", "employees"), "high", [RESTRICTED_CASE]),
        (("internal", "customers"), ("internal", "partners"), "medium", [CUSTOMERS_CASE]),
        (("internal", "employees"), ("internal", "customers"), "medium", ["Customers see its answers."]),
        (
            ("confidential", "employees"),
            ("internal", "customers"),
            "medium",
            [CONFIDENTIAL_CASE, "Customers see its answers."],
        ),
    ],
)
def test_the_higher_of_request_and_use_case_makes_the_tier(cast, case, asked, tier, reasons):
    cast.call_summary.data_class, cast.call_summary.audience = case
    found = asked_risk.assessed(cast.call_summary, *asked)
    assert found.tier == tier
    if reasons is not None:
        assert list(found.reasons) == reasons


def test_naming_less_in_both_is_said_in_one_sentence(cast):
    cast.call_summary.audience = "customers"
    said = asked_risk.understated(cast.call_summary, "internal", "partners")
    assert said.startswith(
        "The request names internal data and answers for partners, "
        "its use case confidential data and answers for customers."
    )
    assert asked_risk.understated(cast.call_summary, "confidential", "customers") == ""


def test_a_lower_class_of_data_does_not_drop_the_guardrail(world):
    answers = world.answers(data_class="internal", guardrail_version=None)
    assert answers.guardrail_because == "the data of the use case is Confidential"
    with pytest.raises(Refused, match="Choose a guardrail"):
        access_requests.submit(
            access_requests.start(by=world.cast.builder_retail), answers=answers, by=world.cast.builder_retail
        )


def test_a_lower_class_of_data_leads_past_nobody_who_decides(world):
    request = world.submitted(data_class="internal", environment="dev")
    approval = access_requests.approval_of(request)
    assert (request.risk, request.data_class) == ("medium", "internal")
    assert (approval.facts["risk"], approval.facts["data_class"]) == ("medium", "confidential")
    assert [step.role for step in approval.steps.all()] == ["owner", "security"]


def test_more_than_the_use_case_is_what_is_asked_for(world):
    known = facts(
        world.answers(use_case=use_case_of(world, data_class="public"), data_class="public", audience="partners")
    )
    assert (known["data_class"], known["audience"], known["risk"]) == ("public", "partners", "low")


def test_reviewers_and_who_asks_read_that_it_names_less(client, world):
    request = world.submitted(data_class="internal")
    client.force_login(world.cast.owner_retail)
    assert LESS in client.get(reverse("access:request-evidence", args=[request.uid])).text
    client.force_login(world.cast.builder_retail)
    draft = access_requests.clone(request, by=world.cast.builder_retail)
    assert LESS in client.get(reverse("access:request-edit", args=[draft.uid])).text
    full = world.submitted(environment="test")
    assert "names less" not in client.get(reverse("access:request-evidence", args=[full.uid])).text


def test_a_use_case_that_takes_more_sensitive_data_during_the_review_is_decided_on_again(world):
    case = use_case_of(world, data_class="internal")
    request = world.submitted(use_case=case, data_class="internal", guardrail_version=None, environment="dev")
    use_cases.change(case, by=world.cast.builder_retail, data_class="confidential")
    with pytest.raises(Refused, match="changed since this was sent"):
        access_requests.check_still_holds(request, access_requests.approval_of(request))
