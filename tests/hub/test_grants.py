"""Grants: who may stop one, what its page says, and how it ends by itself."""

from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.urls import reverse

from governance import audit
from governance.actions import approvals
from governance.models import AuditEvent
from governance.vocabulary import Verb
from hub import story
from hub.actions import access_requests, grants
from hub.models import Grant
from hub.provisioning import observing
from hub.provisioning.reconciler import reconcile
from hub.provisioning.states import move
from portal.jobs.apart import NotAll
from portal.jobs.models import Job
from portal.lib import clock, months
from portal.lib.errors import NotAllowed, Refused
from tests.hub.access_world import approve
from tests.portal.test_home import another


@pytest.fixture
def grant(world):
    """As the last decision leaves it; no test here drives it into AWS but one."""
    return world.approved()


@pytest.fixture
def active(grant):
    """Active by the database's word alone: for who may do what."""
    now = clock.now()
    arn = "arn:aws:bedrock:eu-central-1:447100000212:application-inference-profile/abc"
    Grant.objects.filter(pk=grant.pk).update(
        state="active", activated_at=now, applied_at=now, profile_arn=arn, since=now
    )
    grant.refresh_from_db()
    audit.record(Verb.GRANT_VERIFYING, grant, by=None, tenant=grant.tenant)
    Job.objects.filter(name="hub.reconcile", argument=grant.pk).delete()
    return grant


def url(name, grant):
    return reverse(f"access:grant-{name}", args=[grant.uid])


def waiting(grant):
    return Job.objects.filter(name="hub.reconcile", argument=grant.pk, state="pending").count()


def test_security_freezes_and_unfreezes_with_a_reason(active, cast):
    Job.objects.all().delete()
    grants.freeze(active, reason="Odd traffic.", by=cast.security)
    active.refresh_from_db()
    assert (active.wanted, active.reason, active.state) == ("denial", "Odd traffic.", "active")
    assert story.status(active).label == "freezing"
    assert waiting(active) == 1
    grants.unfreeze(active, reason="It was a test.", by=cast.security)
    active.refresh_from_db()
    assert active.wanted == "access"
    assert AuditEvent.objects.filter(verb=Verb.GRANT_DENIAL_ASKED, actor_id=cast.security.pk).count() == 1


def test_a_reason_is_needed(active, cast):
    with pytest.raises(Refused, match="Say why"):
        grants.freeze(active, reason="  ", by=cast.security)
    active.refresh_from_db()
    assert active.wanted == "access"


@pytest.mark.parametrize("who", ["builder_retail", "auditor", "executive", "legal", "owner_insurance"])
@pytest.mark.parametrize("action", [grants.freeze, grants.unfreeze, grants.revoke])
def test_who_may_not_stop_a_grant_is_refused(active, cast, who, action):
    with pytest.raises(NotAllowed, match="do not let you"):
        action(active, reason="Because.", by=getattr(cast, who))


def test_the_responsible_for_ai_may_freeze_but_not_revoke(active, cast):
    grants.freeze(active, reason="Bias report.", by=cast.rai)
    with pytest.raises(NotAllowed):
        grants.revoke(active, reason="Bias report.", by=cast.rai)


def test_nothing_in_aws_yet_cannot_be_frozen_but_revoked(grant, cast):
    with pytest.raises(Refused, match="nothing in AWS to freeze"):
        grants.freeze(grant, reason="Too early.", by=cast.security)
    grants.revoke(grant, reason="Not needed any more.", by=cast.owner_retail)
    reconcile(grant.pk)
    grant.refresh_from_db()
    assert (grant.state, grant.until) == ("revoked", None)


def test_a_revoked_grant_stays_revoked(active, cast):
    grants.revoke(active, reason="The project ended.", by=cast.owner_retail)
    for action in (grants.freeze, grants.unfreeze, grants.revoke):
        with pytest.raises(Refused, match="not in a state for that"):
            action(active, reason="Again.", by=cast.security)


def test_a_rollback_takes_the_decision_its_event_and_its_job_with_it(active, cast, monkeypatch):
    Job.objects.all().delete()

    def broken(*args, **kwargs):
        raise RuntimeError("the outbox is full")

    monkeypatch.setattr(grants, "enqueue", broken)
    with pytest.raises(RuntimeError):
        grants.revoke(active, reason="The project ended.", by=cast.owner_retail)
    active.refresh_from_db()
    assert active.wanted == "access"
    assert not AuditEvent.objects.filter(verb=Verb.GRANT_END_ASKED).exists()


def test_a_grant_ends_at_its_date_and_not_before(active):
    assert grants.expire_due() == 0
    with clock.set_to(active.ends_at + timedelta(minutes=1)):
        assert grants.expire_due() == 1
        assert grants.expire_due() == 0
    active.refresh_from_db()
    assert (active.wanted, active.reason) == ("nothing", "It reached its end date.")


def test_a_grant_that_cannot_end_keeps_none_after_it_alive(active):
    second = another(active)
    with connection.cursor() as cursor:  # a table of this session, which takes no event about the first grant
        cursor.execute("CREATE TEMP TABLE governance_auditevent (LIKE governance_auditevent INCLUDING ALL)")
        cursor.execute(f"ALTER TABLE pg_temp.governance_auditevent ADD CHECK (subject_uid <> '{active.uid}')")
    with clock.set_to(active.ends_at + timedelta(minutes=1)), pytest.raises(NotAll, match=r"^1 of 2 failed\."):
        grants.expire_due()
    assert [Grant.objects.get(pk=one.pk).wanted for one in (active, second)] == ["access", "nothing"]


def test_a_grant_lasts_as_many_months_as_were_asked_for(grant):
    assert abs(grant.ends_at - months.after(grant.created_at, grant.request.months)) < timedelta(minutes=1)


@pytest.mark.parametrize(
    ("begin", "asked", "end"),
    [("2026-11-20", 12, "2027-11-20"), ("2026-12-31", 2, "2027-02-28"), ("2027-08-31", 6, "2028-02-29")],
)
def test_months_are_those_of_the_calendar(begin, asked, end):
    moment = datetime.fromisoformat(f"{begin}T17:30:00+00:00")
    assert months.after(moment, asked) == datetime.fromisoformat(f"{end}T17:30:00+00:00")


def test_what_stands_still_is_taken_up_again_and_what_needs_a_person_is_not(grant, active):
    Job.objects.all().delete()
    observing.observe_all()
    assert list(Job.objects.values_list("name", flat=True)) == ["hub.observe_grant"]
    Job.objects.all().delete()
    Grant.objects.update(state="provisioning")
    observing.observe_all()
    assert list(Job.objects.values_list("name", flat=True)) == ["hub.reconcile"]
    Job.objects.all().delete()
    Grant.objects.update(state="provisioning_failed")
    observing.observe_all()
    assert not Job.objects.exists()
    Grant.objects.update(wanted="nothing")
    observing.observe_all()
    assert list(Job.objects.values_list("name", flat=True)) == ["hub.reconcile"]


def test_who_asked_may_try_again_and_a_stranger_may_not(grant, cast):
    Job.objects.all().delete()
    grants.retry(grant, by=cast.builder_retail)
    assert waiting(grant) == 1
    with pytest.raises(NotAllowed):
        grants.retry(grant, by=cast.legal)


# Pages


def test_the_page_tells_the_story_and_gives_the_code(client, active, cast, world):
    client.force_login(cast.builder_retail)
    answer = client.get(url("detail", active))
    assert answer.status_code == 200
    for words in ("Bea Builder asked for it", "approved as Owner", "approved as Security", "Atrium made it in AWS"):
        assert words in answer.text
    for words in (
        active.profile_arn,
        "ChatBedrockConverse",
        "litellm",
        "aws bedrock-runtime converse",
        "guardrailConfig",
    ):
        assert words in answer.text
    assert str(active.use_case.uid) in answer.text
    assert "Revoke for good" not in answer.text


def test_the_owner_finds_the_buttons_that_apply(client, active, cast):
    client.force_login(cast.owner_retail)
    assert "Revoke for good" in client.get(url("detail", active)).text
    client.post(url("freeze", active), {"reason": "Odd traffic."})
    answer = client.get(url("detail", active))
    assert "Unfreeze" in answer.text
    assert "data-poll" in answer.text


def test_a_settled_page_does_not_ask_again(client, active, cast):
    client.force_login(cast.owner_retail)
    assert "data-poll" not in client.get(url("detail", active)).text


def test_the_page_follows_what_was_asked_to_be_tried_again(client, active, cast):
    Grant.objects.filter(pk=active.pk).update(state="provisioning_failed", error="No such role.")
    client.force_login(cast.owner_retail)
    assert "data-poll" not in client.get(url("detail", active)).text
    client.post(url("retry", active))
    for state in ("pending", "claimed"):
        Job.objects.filter(name="hub.reconcile").update(state=state)
        answer = client.get(url("detail", active)).text
        assert "data-poll" in answer
        assert "Try again" not in answer
    Job.objects.filter(name="hub.reconcile").update(state="done")
    assert "data-poll" not in client.get(url("detail", active)).text


def test_the_story_keeps_every_stop_with_its_reason_and_who(active, cast):
    grants.freeze(active, reason="Odd traffic.", by=cast.security)
    grants.unfreeze(active, reason="It was a test.", by=cast.owner_retail)
    grants.revoke(active, reason="The project ended.", by=cast.owner_retail)
    active.refresh_from_db()
    told = [(step.what, step.note.rpartition(" · ")[2]) for step in story.story(active)]
    assert told[-4:-1] == [
        (f"{cast.security.name} froze it", "Odd traffic."),
        (f"{cast.owner_retail.name} unfroze it", "It was a test."),
        (f"{cast.owner_retail.name} ended it", "The project ended."),
    ]
    assert told[-1][0] == "Atrium is revoking it"


def test_the_story_keeps_each_round_of_the_request(world, cast):
    request = world.submitted()
    step = access_requests.approval_of(request).steps.get(state="open")
    approvals.decide(step, "request_changes", "Half the budget is enough.", by=cast.owner_retail)
    request.refresh_from_db()
    answers = world.answers(monthly_budget_nano=300 * 10**9)
    access_requests.submit(request, answers=answers, by=cast.builder_retail)
    lines = [step.what for step in story.story(approve(request, cast))]
    assert lines[:4] == [
        f"{cast.builder_retail.name} asked for it",
        f"{cast.owner_retail.name} asked for changes as Owner",
        f"{cast.builder_retail.name} changed the request and sent it again",
        f"{cast.owner_retail.name} approved as Owner",
    ]


def test_what_falls_into_one_moment_is_told_in_the_order_in_which_it_happened(world, cast):
    with clock.set_to(clock.now()):
        grant = world.approved()
        for state, changes in (("provisioning", {}), ("verifying", {}), ("active", {"activated_at": clock.now()})):
            move(grant, state, applied_at=clock.now(), **changes)
    assert [step.what for step in story.story(grant)] == [
        f"{cast.builder_retail.name} asked for it",
        f"{cast.owner_retail.name} approved as Owner",
        f"{cast.security.name} approved as Security",
        "Atrium made it in AWS",
        "Proved by calls, and active",
        "It ends by itself",
    ]


def test_the_poll_gets_the_living_part_alone(client, grant, cast):
    client.force_login(cast.builder_retail)
    answer = client.get(url("detail", grant), headers={"HX-Request": "true"})
    assert "data-poll" in answer.text
    assert "<html" not in answer.text


@pytest.mark.parametrize("name", ["freeze", "unfreeze", "revoke", "retry"])
def test_an_outsider_does_not_find_the_grant(client, active, cast, name):
    client.force_login(cast.builder_insurance)
    assert client.get(url("detail", active)).status_code == 404
    assert client.post(url(name, active), {"reason": "Because."}).status_code == 404


@pytest.mark.parametrize("name", ["freeze", "revoke", "retry"])
def test_a_reader_is_told_what_the_roles_permit(client, active, cast, name):
    client.force_login(cast.auditor)
    assert client.get(url("detail", active)).status_code == 200
    assert client.post(url(name, active), {"reason": "Because."}).status_code == 403
    active.refresh_from_db()
    assert active.wanted == "access"


@pytest.mark.parametrize("name", ["freeze", "unfreeze", "revoke", "retry"])
def test_a_change_is_never_a_get(client, active, cast, name):
    client.force_login(cast.owner_retail)
    answer = client.get(url(name, active))
    assert (answer.status_code, answer.url) == (302, url("detail", active))
    assert client.put(url(name, active)).status_code == 405
    active.refresh_from_db()
    assert active.wanted == "access"


def test_a_missing_reason_is_said_and_changes_nothing(client, active, cast):
    client.force_login(cast.owner_retail)
    answer = client.post(url("revoke", active), {"reason": ""}, follow=True)
    assert "Say why in a few words" in answer.text
    active.refresh_from_db()
    assert active.wanted == "access"


def test_the_page_of_a_use_case_gets_its_grants_and_requests(client, active, world, cast):
    waiting = world.submitted(environment="test")
    panel = reverse("access:use-case-panel", args=[cast.call_summary.uid])
    client.force_login(cast.executive)
    answer = client.get(panel)
    assert active.get_absolute_url() in answer.text
    assert waiting.get_absolute_url() in answer.text
    client.force_login(cast.builder_insurance)
    assert client.get(panel).status_code == 404


def test_who_may_not_see_costs_gets_no_panel_of_them(client, active, cast):
    client.force_login(cast.legal)
    assert "What the use case costs" not in client.get(url("detail", active)).text


def test_the_list_is_narrowed_and_asks_a_fixed_number_of_times(client, active, cast, django_assert_max_num_queries):
    client.force_login(cast.executive)
    with django_assert_max_num_queries(14):
        assert "Call summary" in client.get(reverse("access:grant-list"), {"state": "active"}).text
    assert url("detail", active) not in client.get(reverse("access:grant-list"), {"state": "frozen"}).text
    client.force_login(cast.builder_insurance)
    assert url("detail", active) not in client.get(reverse("access:grant-list")).text


@pytest.mark.parametrize("state", Grant.State.values)
def test_every_state_has_a_word_and_a_page(client, active, cast, state):
    wanted = {"frozen": "denial", "revoking": "nothing", "revoked": "nothing", "expired": "nothing"}.get(
        state, "access"
    )
    Grant.objects.filter(pk=active.pk).update(state=state, wanted=wanted)
    active.refresh_from_db()
    client.force_login(cast.builder_retail)
    assert story.status(active).label in client.get(url("detail", active)).text
