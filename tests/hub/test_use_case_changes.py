"""What a changed use case means for what it asked for, and for what it has."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from governance.actions import use_cases
from governance.models import AuditEvent, Notification, UseCase
from governance.vocabulary import Verb
from hub.actions import access_requests
from hub.actions.use_case_changes import follow
from hub.models import Grant
from portal.jobs.models import Job
from tests.hub.access_world import approve, use_case_of


@pytest.fixture
def case(world):
    """A use case whose requests are of low risk."""
    return use_case_of(world, data_class="internal")


@pytest.fixture
def asked(world, case):
    return {"use_case": case, "data_class": "internal", "guardrail_version": None, "environment": "dev"}


def changed(case, cast, **changes):
    """Change a use case, and do the work that follows from it."""
    Job.objects.all().delete()
    use_cases.change(case, by=cast.builder_retail, **changes)
    for job in Job.objects.filter(name="hub.follow_use_case"):
        follow(job.argument)


def news(grant, user):
    return list(Notification.objects.filter(kind="risk", user=user, url=grant.get_absolute_url()))


def test_a_running_review_ends_when_the_use_case_is_another_one(world, cast, case, asked):
    request = world.submitted(**asked)
    changed(case, cast, data_class="confidential")
    request.refresh_from_db()
    approval = access_requests.approval_of(request)
    assert (request.state, approval.state) == ("changes_requested", "void")
    why = AuditEvent.objects.get(verb=Verb.APPROVAL_VOIDED).details["because"]
    assert why == "Complaint summary changed (risk, data), so others may have to decide."
    told = Notification.objects.get(user=cast.builder_retail, kind="decided", url=request.get_absolute_url())
    assert told.sentence.endswith(why)
    follow(case.pk)
    assert AuditEvent.objects.filter(verb=Verb.APPROVAL_VOIDED).count() == 1


def test_who_ends_a_review_locks_in_the_order_of_who_decides(world, cast, case, asked):
    """The approval first, its request after it: in the other order the two would wait for each other."""
    request = world.submitted(**asked)
    UseCase.objects.filter(pk=case.pk).update(data_class="confidential")
    with CaptureQueriesContext(connection) as queries:
        follow(case.pk)
    touched = [
        next(table for table in ("governance_approval", "hub_accessrequest") if f'"{table}"' in query["sql"])
        for query in queries.captured_queries
        if "FOR UPDATE" in query["sql"] or query["sql"].startswith('UPDATE "hub_accessrequest"')
    ]
    assert touched[0] == "governance_approval"
    assert touched[-1] == "hub_accessrequest"
    request.refresh_from_db()
    assert request.state == "changes_requested"


def test_a_review_goes_on_when_nothing_changed_that_chose_who_decides(world, cast, case, asked):
    request = world.submitted(**asked)
    changed(case, cast, kpi="minutes saved", people=4000)
    request.refresh_from_db()
    assert request.state == "in_review"
    assert approve(request, cast).state == "approved"


def test_a_grant_of_a_use_case_that_became_riskier_is_told_about_once_a_tier(world, cast, case, asked):
    grant = world.approved(**asked)
    changed(case, cast, data_class="confidential")
    changed(case, cast, audience="partners")
    for person in (cast.builder_retail, cast.owner_retail):
        assert [one.sentence for one in news(grant, person)] == [
            f"{grant} is medium risk by now, and was decided as low. Ask again, or revoke it."
        ]
    changed(case, cast, affects_people=True)
    assert len(news(grant, cast.owner_retail)) == 2
    assert not news(grant, cast.owner_insurance)


def test_a_use_case_of_less_risk_and_a_grant_that_ends_bother_nobody(world, cast, case, asked):
    world.approved(**asked)
    changed(case, cast, data_class="public")
    Grant.objects.update(wanted="nothing")
    changed(case, cast, affects_people=True)
    assert not Notification.objects.filter(kind="risk").exists()


def test_the_page_and_the_list_say_that_a_grant_is_outgrown_until_it_is_not(client, world, cast, case, asked):
    grant = world.approved(**asked)
    client.force_login(cast.builder_retail)
    page, grants = grant.get_absolute_url(), reverse("access:grant-list")
    assert "now medium risk" not in client.get(page).text + client.get(grants).text
    changed(case, cast, data_class="confidential")
    shown = client.get(page).text
    assert "Its use case is now medium risk; this grant was decided as low. Ask again, or revoke it." in shown
    assert reverse("access:request-clone", args=[grant.request.uid]) in shown
    assert "now medium risk" in client.get(grants).text
    client.force_login(cast.auditor)
    assert reverse("access:request-clone", args=[grant.request.uid]) not in client.get(page).text
    changed(case, cast, data_class="internal")
    assert "now medium risk" not in client.get(page).text + client.get(grants).text
