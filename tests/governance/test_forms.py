"""Forms of governance and Platform: what works, and bad input answered beside its field with what was typed kept."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from governance.actions import onboardings
from governance.models import AuditEvent, Membership, Notification, Onboarding, Tenant, UseCase, User
from hub.models import SystemProfile
from portal.jobs.models import Job, SyncRun
from tests.cast import Cast
from tests.governance.test_tenants import ASKED
from tests.hub.access_world import cleared_model, offered
from tests.hub.conftest import an_account

USE_CASE: dict[str, Any] = {
    "name": "Complaint answers",
    "purpose": "Agents answer complaints faster.",
    "data_class": "internal",
    "audience": "customers",
    "people": "120",
    "autonomy": "1",
    "outcome": "Customers hear back the same day.",
    "kpi": "hours to the answer",
    "sponsor": "Head of service",
}
ONBOARDING: dict[str, Any] = {
    "name": "Treasury",
    "purpose": "Traders read research in half the time.",
    "cost_centre": "CC-7000",
    "data_classes": ["internal"],
    "regions": ["eu-central-1"],
    "monthly_budget_usd": "2500.50",
    "owner_email": "tess@meridian.example",
    "builder_emails": "tim@meridian.example\n\n tom@meridian.example",
}


def test_a_builder_creates_a_use_case_and_reads_its_risk(cast: Cast, client: Client) -> None:
    client.force_login(cast.builder_retail)
    given = USE_CASE | {"tenant": cast.retail.pk}
    page = client.post(reverse("governance:use-case-new"), given, follow=True).content.decode()
    made = UseCase.objects.get(name="Complaint answers")
    assert (made.owner, made.tenant, made.risk) == (cast.builder_retail, cast.retail, "medium")
    assert "Customers see its answers." in page


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"data_class": "restricted"}, "may not use restricted data"),
        ({"data_class": "secret"}, "secret cannot be chosen here"),
        ({"people": "many"}, "Write a whole number"),
        ({"name": ""}, "Fill this in"),
        ({"name": "Call summary"}, "has a use case called Call summary already"),
    ],
)
def test_a_faulty_use_case_says_what_is_wrong_and_keeps_what_was_typed(
    cast: Cast, client: Client, changes: dict[str, str], sentence: str
) -> None:
    client.force_login(cast.builder_retail)
    answer = client.post(reverse("governance:use-case-new"), USE_CASE | {"tenant": cast.retail.pk} | changes)
    page = answer.content.decode()
    assert answer.status_code == 200
    assert sentence in page
    assert "Customers hear back the same day." in page
    assert UseCase.objects.count() == 1


def test_a_use_case_cannot_be_made_in_the_tenant_of_others(cast: Cast, client: Client) -> None:
    client.force_login(cast.builder_retail)
    answer = client.post(reverse("governance:use-case-new"), USE_CASE | {"tenant": cast.insurance.pk})
    assert "cannot be chosen here" in answer.content.decode()


def test_a_use_case_is_changed_and_moved_by_its_tenant_only(cast: Cast, client: Client) -> None:
    client.force_login(cast.builder_retail)
    url = reverse("governance:use-case-edit", args=[cast.call_summary.uid])
    assert "Call summary" in client.get(url).content.decode()
    given = USE_CASE | {"autonomy": "3", "owner": cast.owner_retail.pk}
    assert client.post(url, given).status_code == 302
    changed = UseCase.objects.get()
    assert (changed.name, changed.risk, changed.owner) == ("Complaint answers", "high", cast.owner_retail)
    stage = reverse("governance:use-case-stage", args=[changed.uid])
    client.post(stage, {"stage": "pilot"})
    assert UseCase.objects.get().stage == "pilot"
    for wrong in ("idea", "nonsense"):
        client.post(stage, {"stage": wrong})
        assert UseCase.objects.get().stage == "pilot"
    client.force_login(cast.auditor)
    assert client.post(url, given).status_code == 403
    assert client.post(stage, {"stage": "poc"}).status_code == 403


def test_the_live_risk_follows_the_form(cast: Cast, client: Client) -> None:
    client.force_login(cast.builder_retail)
    url = reverse("governance:use-case-risk")
    assert "High risk" in client.get(url, {"data_class": "restricted", "audience": "employees"}).content.decode()
    assert "It follows from" in client.get(url, {"data_class": "internal"}).content.decode()


def test_an_onboarding_is_asked_looked_over_changed_and_submitted(cast: Cast, client: Client) -> None:
    client.force_login(cast.platform_person)
    client.post(reverse("governance:onboarding-new"), ONBOARDING)
    asked = Onboarding.objects.get()
    assert asked.builder_emails == ["tim@meridian.example", "tom@meridian.example"]
    edit = reverse("governance:onboarding-edit", args=[asked.uid])
    assert "2500.50" in client.get(edit).content.decode()
    client.post(edit, ONBOARDING | {"monthly_budget_usd": "900"})
    client.post(reverse("governance:onboarding-submit", args=[asked.uid]))
    asked.refresh_from_db()
    assert (asked.state, asked.monthly_budget_nano) == ("in_review", 900_000_000_000)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"name": "Insurance"}, "called Insurance already"),
        ({"monthly_budget_usd": "0"}, "above zero"),
        ({"monthly_budget_usd": "NaN"}, "Write a number"),
        ({"monthly_budget_usd": "1e30"}, "Write it with at most"),
        ({"regions": ["mars-1"]}, "mars-1 cannot be chosen here"),
        ({"builder_emails": "nobody"}, "not an e-mail address"),
        ({"owner_email": "x"}, "This is not an e-mail address"),
    ],
)
def test_a_faulty_onboarding_says_what_is_wrong(
    cast: Cast, client: Client, changes: dict[str, Any], sentence: str
) -> None:
    client.force_login(cast.platform_person)
    page = client.post(reverse("governance:onboarding-new"), ONBOARDING | changes).content.decode()
    assert sentence in page
    assert "Traders read research" in page
    assert not Onboarding.objects.exists()


@pytest.mark.parametrize(
    ("regions", "said"),
    [
        (["eu-central-1", "eu-west-1"], "Every one of the 1 approved models has a route."),
        (["eu-central-1"], "1 of 1 approved models has no route"),
        ([], "It follows from the data and the regions"),
    ],
)
def test_the_onboarding_form_says_live_which_models_could_not_be_asked_for(
    cast: Cast, client: Client, regions: list[str], said: str
) -> None:
    account = an_account()
    model = cleared_model(by=cast.platform_person, regions=["eu-central-1", "eu-west-1"])
    offered(model, account)
    SystemProfile.objects.create(
        account=account, region="eu-central-1", model=model, profile_id=f"eu.{model.model_id}", arn="arn:x", name="EU",
        scope="geo", destination_regions=["eu-central-1", "eu-west-1"],
    )  # fmt: skip
    client.force_login(cast.platform_person)
    typed = {"data_classes": ["internal", "confidential"], "regions": regions}
    assert said in client.get(reverse("governance:onboarding-reach"), typed).content.decode()
    assert said in client.post(reverse("governance:onboarding-new"), typed).content.decode()
    client.force_login(cast.builder_retail)
    assert client.get(reverse("governance:onboarding-reach"), typed).status_code == 403


@pytest.mark.parametrize("more", [{}, {"owner_email": "x"}])
def test_everything_wrong_with_an_onboarding_is_said_at_once(cast: Cast, client: Client, more: dict[str, Any]) -> None:
    client.force_login(cast.platform_person)
    wrong = ONBOARDING | {"name": "Insurance", "cost_centre": " ", "builder_emails": "nobody\nno one"} | more
    errors = client.post(reverse("governance:onboarding-new"), wrong).context["form"].errors
    assert {"name", "cost_centre", "builder_emails"} <= errors.keys()
    assert len(errors["builder_emails"]) == 2


def test_only_who_asked_changes_an_onboarding(cast: Cast, client: Client) -> None:
    asked = onboardings.ask(**ASKED, by=cast.platform_person)
    client.force_login(cast.finops_person)
    assert client.get(reverse("governance:onboarding-detail", args=[asked.uid])).status_code == 200
    assert client.get(reverse("governance:onboarding-edit", args=[asked.uid])).status_code == 403
    client.force_login(cast.builder_retail)
    assert client.get(reverse("governance:onboarding-detail", args=[asked.uid])).status_code == 404


def test_a_tenant_is_changed_by_platform_and_not_by_its_owner(cast: Cast, client: Client) -> None:
    url = reverse("governance:tenant-edit", args=[cast.retail.uid])
    given = {"name": "Retail", "cost_centre": "CC-2", "data_classes": ["internal"], "regions": ["eu-west-1"]}
    client.force_login(cast.owner_retail)
    assert client.post(url, given).status_code == 403
    client.force_login(cast.platform_person)
    assert "Choose at least one" in client.post(url, given | {"regions": []}).content.decode()
    assert client.post(url, given).status_code == 302
    assert Tenant.objects.get(pk=cast.retail.pk).cost_centre == "CC-2"


def test_an_invitation_from_the_page(cast: Cast, client: Client) -> None:
    client.force_login(cast.platform_person)
    given = {"email": "dana@meridian.example", "name": "Dana", "role": "builder", "tenant": cast.retail.pk}
    page = client.post(reverse("platform:person-invite"), given, follow=True).content.decode()
    assert "gets a mail with a link" in page
    assert Membership.objects.filter(user__email="dana@meridian.example", tenant=cast.retail).exists()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"email": "nobody"}, "This is not an e-mail address"),
        ({"tenant": ""}, "choose which"),
        ({"role": "security"}, "leave the tenant empty"),
        ({"email": "aida.auditor@meridian.example"}, "has an account already"),
    ],
)
def test_a_faulty_invitation_says_what_is_wrong(
    cast: Cast, client: Client, changes: dict[str, str], sentence: str
) -> None:
    client.force_login(cast.platform_person)
    given = {"email": "dana@meridian.example", "name": "Dana D", "role": "builder", "tenant": cast.retail.pk}
    page = client.post(reverse("platform:person-invite"), given | changes).content.decode()
    assert sentence in page
    assert "Dana D" in page
    assert not User.objects.filter(name="Dana D").exists()


def test_roles_are_given_and_taken_on_the_page_of_a_person(cast: Cast, client: Client) -> None:
    client.force_login(cast.platform_person)
    person_page = reverse("platform:person-detail", args=[cast.legal.uid])
    give = reverse("platform:role-give", args=[cast.legal.uid])
    assert "choose which" in client.post(give, {"role": "owner"}).content.decode()
    client.post(give, {"role": "responsible_ai"})
    given = Membership.objects.get(user=cast.legal, role="responsible_ai")
    assert "Responsible AI" in client.get(person_page).content.decode()
    client.post(reverse("platform:role-take", args=[cast.legal.uid, given.pk]))
    given.refresh_from_db()
    assert given.until is not None


def test_an_auditor_reads_people_and_changes_nobody(cast: Cast, client: Client) -> None:
    client.force_login(cast.auditor)
    page = client.get(reverse("platform:person-detail", args=[cast.legal.uid])).content.decode()
    assert "Give a role" not in page
    assert "Deactivate" not in page
    assert client.post(reverse("platform:person-deactivate", args=[cast.legal.uid])).status_code == 403
    assert User.objects.get(pk=cast.legal.pk).is_active


def test_somebody_is_deactivated_and_reactivated_from_their_page(cast: Cast, client: Client) -> None:
    client.force_login(cast.platform_person)
    client.post(reverse("platform:person-deactivate", args=[cast.legal.uid]))
    assert not User.objects.get(pk=cast.legal.pk).is_active
    client.post(reverse("platform:person-reactivate", args=[cast.legal.uid]))
    assert User.objects.get(pk=cast.legal.pk).is_active


def test_a_failed_sync_of_one_place_is_tried_again_by_its_own_button(cast: Cast, client: Client) -> None:
    job = Job.objects.create(name="governance.seal_audit", key="x", state="done")
    failed = SyncRun.objects.create(kind="audit", scope="one place", state="failed", error="No.", job=job)
    SyncRun.objects.create(kind="audit", scope="another", state="done", job=job)
    again = reverse("platform:sync-again", args=[failed.pk])
    client.force_login(cast.platform_person)
    page = client.get(reverse("platform:sync-list")).content.decode()
    assert page.count("Try again") == page.count(again) == 1
    client.post(again)
    assert Job.objects.get(state="pending").name == "governance.seal_audit"
    assert AuditEvent.objects.get(verb="job.run_now").details["scope"] == "one place"
    client.force_login(cast.auditor)
    assert "Try again" not in client.get(reverse("platform:sync-list")).content.decode()
    assert client.post(again).status_code == 403
    client.force_login(cast.builder_retail)
    assert client.post(again).status_code == 404


def test_what_did_not_fail_or_has_no_job_any_more_is_not_tried_again(cast: Cast, client: Client) -> None:
    done = SyncRun.objects.create(kind="audit", scope="a", state="done")
    cleared = SyncRun.objects.create(kind="audit", scope="b", state="failed")
    client.force_login(cast.platform_person)
    for run, said in ((done, "did not fail"), (cleared, "was cleared away")):
        page = client.post(reverse("platform:sync-again", args=[run.pk]), follow=True).content.decode()
        assert said in page
    assert not Job.objects.exists()


def test_the_routing_policy_page_says_who_would_decide(cast: Cast, client: Client) -> None:
    client.force_login(cast.platform_person)
    url = reverse("platform:routing-policy-detail", args=[cast.routing_policy.version])
    onboarding = client.get(url, {"kind": "governance.onboarding"}).content.decode()
    assert "Platform engineer" in onboarding.partition('id="answer"')[2].partition("<form")[0]
    unknown = client.get(url, {"kind": "test.purpose", "risk": "low"}).content.decode()
    assert "cannot be evaluated" in unknown
    assert client.get(reverse("platform:routing-policy-detail", args=[99])).status_code == 404


def test_a_dead_job_shows_its_error_and_is_retried_by_platform_only(cast: Cast, client: Client) -> None:
    job = Job.objects.create(
        name="governance.seal_audit", key="k", state="dead", error="AccessDenied: the role lacks s3:GetObject"
    )
    retry = reverse("platform:job-retry", args=[job.uid])
    client.force_login(cast.auditor)
    assert "the role lacks s3:GetObject" in client.get(reverse("platform:job-list")).content.decode()
    assert client.post(retry).status_code == 403
    client.force_login(cast.platform_person)
    client.post(retry)
    job.refresh_from_db()
    assert job.state == "pending"
    assert "not dead any more" in client.post(retry, follow=True).content.decode()


def test_syncs_show_their_error_and_a_task_of_the_schedule_runs_now(cast: Cast, client: Client) -> None:
    SyncRun.objects.create(kind="catalogue", scope="447100000212/eu-central-1", state="failed", error="Throttled")
    client.force_login(cast.platform_person)
    assert "Throttled" in client.get(reverse("platform:sync-list")).content.decode()
    assert "1 failed sync" in client.get(reverse("platform:index")).content.decode()
    client.post(reverse("platform:sync-run-now"), {"name": "governance.expire_approvals"})
    assert Job.objects.filter(name="governance.expire_approvals").count() == 1
    page = client.post(reverse("platform:sync-run-now"), {"name": "no.such"}, follow=True).content.decode()
    assert "is on the schedule" in page


def test_notifications_are_ones_own(cast: Cast, client: Client) -> None:
    mine = Notification.objects.create(user=cast.legal, kind="decided", sentence="It was decided.", url="/", key="a")
    client.force_login(cast.legal)
    assert "It was decided." in client.get(reverse("governance:notification-list")).content.decode()
    client.force_login(cast.auditor)
    read = reverse("governance:notification-read", args=[mine.pk])
    assert client.post(read).status_code == 404
    client.force_login(cast.legal)
    client.post(read)
    mine.refresh_from_db()
    assert mine.read_at is not None
    client.post(reverse("governance:notification-read-all"))
    assert "All read" in client.get(reverse("governance:notification-list")).content.decode()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?who=Paul", True),
        ("?who=nobody+at+all", False),
        ("?verb=routing_policy.activated", True),
        ("?verb=nonsense", False),
        ("?subject=Routing", True),
        ("?since=2999-01-01", False),
        ("?since=yesterday", False),
        ("?until=2999-01-01", True),
        ("?before=2000-01-01T00:00:00%2B00:00_1", False),
        ("?after=2000-01-01T00:00:00%2B00:00_1", True),
        ("?before=nonsense", True),
        ("?after=2000-01-01_x", True),
    ],
)
def test_the_audit_page_narrows_by_who_what_and_when(cast: Cast, client: Client, query: str, found: bool) -> None:
    client.force_login(cast.auditor)
    answer = client.get(reverse("governance:audit-list") + query)
    assert answer.status_code == 200
    assert ("activated Routing policy 1" in answer.content.decode()) is found
