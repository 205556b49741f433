"""What an access request may not reach: roles of Atrium, models that were stopped, reviews that others would decide."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.datastructures import MultiValueDict

from governance.actions import approvals, use_cases
from governance.models import AuditEvent, Notification
from governance.vocabulary import Verb
from hub.actions import access_requests, accounts, models
from hub.forms_access import AccessRequestForm
from hub.models import AccessRequest, Grant, SystemProfile
from portal.lib.errors import Refused
from tests.hub.access_world import MODEL, REGION, approve, offered

ACCOUNT = "arn:aws:iam::447100000212:role"


@pytest.fixture
def draft(world):
    return access_requests.start(by=world.cast.builder_retail)


@pytest.mark.parametrize(
    ("roles", "sentence"),
    [
        ([f"{ACCOUNT}/security/Control"], "belongs to Atrium"),
        ([f"{ACCOUNT}/Atrium-control"], "belongs to Atrium"),
        ([f"{ACCOUNT}/{'team/' * 40}retail"], "could not be read"),
        ([f"{ACCOUNT}/rolle-für-alle"], "could not be read"),
        ([f"{ACCOUNT}/retail", f"{ACCOUNT}/team/retail"], "name the same role"),
    ],
)
def test_a_role_that_cannot_be_given_access_is_refused(world, draft, roles, sentence):
    world.account.role_arn = f"{ACCOUNT}/security/Control"
    answers = world.answers(role_arns=tuple(roles))
    with pytest.raises(Refused, match=sentence) as refusal:
        access_requests.submit(draft, answers=answers, by=world.cast.builder_retail)
    assert refusal.value.field == "roles"


def test_a_role_with_a_long_path_becomes_a_grant(world):
    arn = f"{ACCOUNT}/lines-of-business/retail-banking/contact-centre/{'x' * 64}"
    grant = world.approved(role_arns=(arn,))
    assert grant.artefacts.get(kind="role_trust").desired["role"] == arn


def test_a_model_that_was_restricted_during_the_review_is_not_granted(world):
    request = world.submitted()
    models.change_status(model=world.model, to="restricted", reason="It leaks prompts.", by=world.cast.security)
    with pytest.raises(Refused, match="is restricted"):
        approve(request, world.cast)
    request.refresh_from_db()
    assert request.state == "in_review"
    assert not Grant.objects.exists()


@pytest.mark.parametrize("to", ["retired", "blocked"])
def test_a_model_that_ends_takes_the_reviews_of_requests_for_it_along(world, to):
    request, other = world.submitted(), world.submitted(environment="test")
    approvals.withdraw(access_requests.approval_of(other), by=world.cast.builder_retail)
    models.change_status(model=world.model, to=to, reason="It leaks prompts.", by=world.cast.security)
    for one in (request, other):
        one.refresh_from_db()
    assert (request.state, other.state) == ("changes_requested", "withdrawn")
    because = f"Claude Haiku 4.5 is {to} now: It leaks prompts."
    assert AuditEvent.objects.get(verb=Verb.APPROVAL_VOIDED).details["because"] == because
    told = Notification.objects.get(user=world.cast.builder_retail, url=request.get_absolute_url(), kind="decided")
    assert told.sentence.endswith(because)
    with pytest.raises(Refused, match=f"is {to}"):
        access_requests.submit(request, answers=world.answers(), by=world.cast.builder_retail)


def test_a_region_that_was_taken_off_its_account_during_the_review_is_not_granted(world):
    cast, request = world.cast, world.submitted()
    offered(world.model, world.account, "eu-west-1")
    accounts.change(account=world.account, regions=["eu-west-1"], by=cast.platform_person)
    with pytest.raises(Refused, match=r"cannot reach Claude Haiku 4\.5 in group-212 in eu-central-1"):
        approve(request, cast)
    assert not Grant.objects.exists()
    with pytest.raises(Refused, match="choose another place"):
        access_requests.submit(
            access_requests.start(by=cast.builder_retail), answers=world.answers(), by=cast.builder_retail
        )


@pytest.mark.parametrize("change", [{"affects_people": True}, {"autonomy": 1}])
def test_a_use_case_that_became_another_during_the_review_is_routed_again(world, change):
    """Or a builder would ask with a harmless use case and make it a dangerous one while it is reviewed."""
    request, cast = world.submitted(), world.cast
    use_cases.change(cast.call_summary, by=cast.builder_retail, **change)
    with pytest.raises(Refused, match="changed"):
        approve(request, cast)
    assert not Grant.objects.exists()
    request.refresh_from_db()
    assert request.state == "changes_requested"
    access_requests.submit(request, answers=world.answers(use_case=cast.call_summary), by=cast.builder_retail)
    assert approve(request, cast).state == "approved"


def test_a_draft_that_was_thrown_away_is_still_nobodys_business(client, world, draft):
    access_requests.save_draft(draft, typed={}, use_case=world.cast.call_summary, by=world.cast.builder_retail)
    access_requests.withdraw(draft, by=world.cast.builder_retail)
    assert draft not in AccessRequest.objects.visible_to(world.cast.owner_retail)
    client.force_login(world.cast.owner_retail)
    assert client.get(reverse("access:request-detail", args=[draft.uid])).status_code == 404


def test_following_a_link_to_the_form_leaves_no_draft(client, world):
    client.force_login(world.cast.builder_retail)
    assert client.get(f"{reverse('access:request-new')}?model={world.model.uid}").status_code == 200
    assert not AccessRequest.objects.exists()


def test_a_character_that_the_database_cannot_hold_does_not_make_the_page_fail(client, world, draft):
    client.force_login(world.cast.builder_retail)
    answer = client.post(reverse("access:request-save", args=[draft.uid]), {"why": "Because\x00 of it."})
    assert answer.status_code == 302
    draft.refresh_from_db()
    assert draft.typed["why"] == ["Because of it."]
    grant = world.approved()
    client.force_login(world.cast.owner_retail)
    revoke = reverse("access:grant-revoke", args=[grant.uid])
    assert client.post(revoke, {"reason": "\x00"}).status_code == 302
    grant.refresh_from_db()
    assert grant.wanted == "access"
    client.post(revoke, {"reason": "Not\x00 needed."})
    grant.refresh_from_db()
    assert (grant.wanted, grant.reason) == ("nothing", "Not needed.")


def test_more_routes_to_a_model_ask_no_more_questions(world):
    """Each keystroke draws the form: its cost must not grow with the accounts and profiles of the company."""
    answers = MultiValueDict(world.answers().typed())

    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            AccessRequestForm(answers, user=world.cast.builder_retail)
        return len(queries)

    asked()  # what is kept for the process is read once
    before = asked()
    for number in range(3):
        SystemProfile.objects.create(
            account=world.account, region=REGION, profile_id=f"eu{number}.{MODEL}", arn=f"arn:{number}", name="EU",
            model=world.model, scope="geo", destination_regions=[REGION],
        )  # fmt: skip
    assert asked() == before
