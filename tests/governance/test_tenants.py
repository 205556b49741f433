"""Tenants, their onboarding, and use cases: what may be asked for and what is put in place."""

from decimal import Decimal
from typing import Any

import pytest

from governance import data_classes, effects, policy
from governance.actions import approvals, onboardings, people, tenants, use_cases
from governance.models import Approval, AuditEvent, DataClass, Onboarding, Tenant, UseCase, User
from governance.roles import Permission
from governance.vocabulary import Verb
from portal.lib.errors import NotAllowed, Refused
from tests.cast import Cast, tenant

ASKED: dict[str, Any] = {
    "name": "Treasury",
    "cost_centre": "CC-7000",
    "purpose": "Traders read research in half the time.",
    "data_classes": ["internal", "confidential"],
    "regions": ["eu-central-1"],
    "monthly_budget_usd": Decimal("2500.50"),
    "owner_email": "Tess@meridian.example",
    "builder_emails": ["bea.builder@meridian.example", "tim@meridian.example"],
}


def decide_all(approval: Approval, *people: User, verdict: str = "approve") -> None:
    for user in people:
        step = next(s for s in approval.steps.filter(state="open") if policy.holds_role(user, s.role, None))
        approvals.decide(step, verdict, "Because.", by=user)


def test_an_approved_onboarding_puts_everything_in_place(cast: Cast) -> None:
    onboarding = onboardings.ask(**ASKED, by=cast.platform_person)
    approval = onboardings.submit(onboarding, by=cast.platform_person)
    decide_all(approval, cast.platform_two, cast.finops_person)

    onboarding.refresh_from_db()
    made = Tenant.objects.get(name="Treasury")
    assert (onboarding.state, onboarding.tenant) == ("done", made)
    assert (made.cost_centre, made.data_classes, made.regions) == (
        "CC-7000",
        ["internal", "confidential"],
        ["eu-central-1"],
    )
    assert onboarding.monthly_budget_nano == 2_500_500_000_000
    members = {(m.user.email, m.role) for m in made.memberships.select_related("user")}
    assert members == {
        ("tess@meridian.example", "owner"),
        ("bea.builder@meridian.example", "builder"),
        ("tim@meridian.example", "builder"),
    }


def test_a_new_tenant_starts_the_jobs_that_other_apps_registered(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    from portal.jobs.models import Job

    monkeypatch.setitem(effects.effects._tasks, effects.Event.TENANT_CREATED, ["governance.mail_notification"])
    made = tenants.create(
        name="Treasury", cost_centre="CC-1", data_classes=["internal"], regions=["eu-west-1"], by=cast.platform_person
    )
    assert Job.objects.filter(name="governance.mail_notification", argument=made.pk).exists()


def test_a_rejected_onboarding_makes_nothing(cast: Cast) -> None:
    onboarding = onboardings.ask(**ASKED, by=cast.platform_person)
    approval = onboardings.submit(onboarding, by=cast.platform_person)
    decide_all(approval, cast.finops_person, verdict="reject")
    onboarding.refresh_from_db()
    assert (onboarding.state, Tenant.objects.filter(name="Treasury").exists()) == ("rejected", False)


def test_an_onboarding_goes_back_to_its_draft_when_changes_are_asked_for(cast: Cast) -> None:
    onboarding = onboardings.ask(**ASKED, by=cast.platform_person)
    approval = onboardings.submit(onboarding, by=cast.platform_person)
    decide_all(approval, cast.finops_person, verdict="request_changes")
    onboarding.refresh_from_db()
    onboardings.change(onboarding, monthly_budget_usd=Decimal(900), by=cast.platform_person)
    again = onboardings.submit(onboarding, by=cast.platform_person)
    assert (again.pk, again.round, again.facts["monthly_cost_usd"]) == (approval.pk, 2, 900)


def test_an_onboarding_in_review_cannot_be_changed_or_submitted_again(cast: Cast) -> None:
    onboarding = onboardings.ask(**ASKED, by=cast.platform_person)
    onboardings.submit(onboarding, by=cast.platform_person)
    onboarding.refresh_from_db()
    with pytest.raises(Refused, match="cannot be changed"):
        onboardings.change(onboarding, name="Other", by=cast.platform_person)
    with pytest.raises(Refused, match="submitted already"):
        onboardings.submit(onboarding, by=cast.platform_person)
    with pytest.raises(NotAllowed):
        onboardings.submit(onboarding, by=cast.finops_person)


def test_a_member_named_twice_joins_once(cast: Cast) -> None:
    asked = ASKED | {"builder_emails": ["tim@meridian.example", " Tim@Meridian.example"]}
    approval = onboardings.submit(onboardings.ask(**asked, by=cast.platform_person), by=cast.platform_person)
    decide_all(approval, cast.platform_two, cast.finops_person)
    assert User.objects.get(email="tim@meridian.example").memberships.count() == 1


def test_who_joins_by_an_onboarding_is_named_after_the_address_or_the_role(cast: Cast) -> None:
    asked = ASKED | {"owner_email": "owner@new.example", "builder_emails": ["ana.keller@new.example"]}
    approval = onboardings.submit(onboardings.ask(**asked, by=cast.platform_person), by=cast.platform_person)
    decide_all(approval, cast.platform_two, cast.finops_person)
    assert User.objects.get(email="owner@new.example").name == f"Owner of {ASKED['name']}"
    assert User.objects.get(email="ana.keller@new.example").name == "Ana Keller"
    created = AuditEvent.objects.get(verb=Verb.TENANT_CREATED, subject_name=ASKED["name"])
    assert set(created.details["approved_by"]) == {str(cast.platform_two), str(cast.finops_person)}


def test_somebody_deactivated_is_refused_when_asked_for_and_not_when_approved(cast: Cast) -> None:
    people.deactivate(cast.nobody, by=cast.platform_person)
    with pytest.raises(Refused, match="is deactivated") as refused:
        onboardings.ask(**(ASKED | {"owner_email": cast.nobody.email}), by=cast.platform_person)
    assert refused.value.field == "owner_email"


def test_what_was_submitted_is_not_changed_from_a_page_of_before(cast: Cast) -> None:
    draft = onboardings.ask(**ASKED, by=cast.platform_person)
    page_of_before = Onboarding.objects.get(pk=draft.pk)
    onboardings.submit(draft, by=cast.platform_person)
    with pytest.raises(Refused, match="cannot be changed"):
        onboardings.change(page_of_before, name="Other", by=cast.platform_person)
    assert (Onboarding.objects.get().name, Onboarding.objects.get().state) == ("Treasury", "in_review")


def test_who_lost_the_role_does_not_submit_the_draft_any_more(cast: Cast) -> None:
    draft = onboardings.ask(**ASKED, by=cast.platform_person)
    people.take_role(cast.platform_person.memberships.get(), by=cast.platform_two)
    with pytest.raises(NotAllowed):
        onboardings.submit(draft, by=User.objects.get(pk=cast.platform_person.pk))


@pytest.mark.parametrize("who", ["builder_retail", "owner_retail", "auditor", "nobody"])
def test_only_who_may_take_tenants_in_asks(cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowed):
        onboardings.ask(**ASKED, by=getattr(cast, who))


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("name", " ", "a name"),
        ("name", "insurance", "called Insurance already"),
        ("name", "Retail-banking", "called Retail banking already"),
        ("name", "保険", "Latin letters"),
        ("cost_centre", "", "cost centre"),
        ("purpose", "", "purpose"),
        ("data_classes", [], "data classes"),
        ("regions", [], "regions"),
        ("monthly_budget_usd", Decimal(0), "above zero"),
        ("owner_email", "nobody", "not an e-mail address"),
        ("builder_emails", ["x"], "not an e-mail address"),
    ],
)
def test_each_fault_of_an_onboarding_is_said_beside_its_field(
    cast: Cast, field: str, value: Any, sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence) as refused:
        onboardings.ask(**(ASKED | {field: value}), by=cast.platform_person)
    assert refused.value.field == field
    assert not Onboarding.objects.exists()


def test_a_team_lies_within_its_line_of_business(cast: Cast) -> None:
    with pytest.raises(Refused, match="may not use us-east-1"):
        onboardings.ask(**(ASKED | {"regions": ["us-east-1"], "parent": cast.retail}), by=cast.platform_person)
    with pytest.raises(Refused, match="may not use restricted data"):
        onboardings.ask(**(ASKED | {"data_classes": ["restricted"], "parent": cast.retail}), by=cast.platform_person)
    with pytest.raises(Refused, match="has no teams below it"):
        onboardings.ask(**(ASKED | {"parent": tenant("Cards", cast.retail)}), by=cast.platform_person)


def test_a_line_of_business_cannot_become_narrower_than_its_teams(cast: Cast) -> None:
    tenant("Cards", cast.retail)
    with pytest.raises(Refused, match="Its team Cards uses eu-west-1"):
        tenants.change(cast.retail, regions=["eu-central-1"], by=cast.platform_person)


def test_two_changes_from_pages_of_the_same_moment_are_both_kept(cast: Cast) -> None:
    tenant_before, case_before = Tenant.objects.get(pk=cast.retail.pk), UseCase.objects.get()
    tenants.change(cast.retail, name="Retail", by=cast.platform_person)
    tenants.change(tenant_before, cost_centre="CC-2000", by=cast.platform_two)
    use_cases.move_stage(cast.call_summary, "poc", by=cast.builder_retail)
    use_cases.change(case_before, sponsor="Head of sales", by=cast.owner_retail)

    after, case = Tenant.objects.get(pk=cast.retail.pk), UseCase.objects.get()
    assert (after.name, after.cost_centre) == ("Retail", "CC-2000")
    assert (case.stage, case.sponsor) == ("poc", "Head of sales")


def test_changing_nothing_leaves_no_trace(cast: Cast) -> None:
    tenants.change(cast.retail, name=cast.retail.name, by=cast.platform_person)
    assert not AuditEvent.objects.filter(verb="tenant.changed").exists()


NEW: dict[str, Any] = {
    "name": "Complaint answers",
    "purpose": "Agents answer complaints in their own words faster.",
    "sponsor": "Head of service",
    "outcome": "Customers hear back the same day.",
    "kpi": "hours to the answer",
    "data_class": "internal",
    "audience": "employees",
}


def test_a_builder_creates_a_use_case_and_owns_it(cast: Cast) -> None:
    made = use_cases.create(tenant=cast.retail, **NEW, by=cast.builder_retail)
    assert (made.slug, made.owner, made.risk, made.stage) == ("complaint-answers", cast.builder_retail, "low", "idea")


@pytest.mark.parametrize("who", ["builder_insurance", "security", "auditor", "platform_person"])
def test_use_cases_are_made_by_their_tenant(cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowed):
        use_cases.create(tenant=cast.retail, **NEW, by=getattr(cast, who))


def test_the_risk_tier_follows_a_change_and_the_change_is_on_record(cast: Cast) -> None:
    use_cases.change(cast.call_summary, autonomy=3, by=cast.builder_retail)
    changed = AuditEvent.objects.get(verb="use_case.changed").details["changed"]
    assert (UseCase.objects.get().risk, changed["risk"], changed["autonomy"]) == ("high", ["medium", "high"], [0, 3])


@pytest.mark.parametrize(
    ("field", "value"),
    [("data_class", "restricted"), ("name", "Call summary"), ("name", "!!"), ("purpose", " ")],
)
def test_each_fault_of_a_use_case_is_said_beside_its_field(cast: Cast, field: str, value: Any) -> None:
    with pytest.raises(Refused) as refused:
        use_cases.create(tenant=cast.retail, **(NEW | {field: value}), by=cast.builder_retail)
    assert refused.value.field == field


def test_an_owner_of_a_use_case_can_see_its_tenant(cast: Cast) -> None:
    with pytest.raises(Refused, match="has no role in Retail banking"):
        use_cases.change(cast.call_summary, owner=cast.builder_insurance, by=cast.builder_retail)


@pytest.mark.parametrize(("before", "after"), [(a, b) for a in use_cases.STAGES for b in use_cases.STAGES])
def test_each_way_between_stages_is_allowed_or_refused_by_the_table(cast: Cast, before: str, after: str) -> None:
    UseCase.objects.update(stage=before)
    moved = UseCase.objects.get()
    if after in use_cases.STAGES[before]:
        use_cases.move_stage(moved, after, by=cast.builder_retail)
        assert UseCase.objects.get().stage == after
    else:
        with pytest.raises(Refused):
            use_cases.move_stage(moved, after, by=cast.builder_retail)
        assert UseCase.objects.get().stage == before


def test_what_one_sees_starts_from_ones_roles(cast: Cast) -> None:
    seen = {who: set(Tenant.objects.visible_to(getattr(cast, who))) for who in ("builder_retail", "auditor", "nobody")}
    assert seen == {"builder_retail": {cast.retail}, "auditor": {cast.retail, cast.insurance}, "nobody": set()}
    assert set(UseCase.objects.visible_to(cast.builder_insurance)) == set()


def test_a_company_role_sees_approvals_of_others_and_their_requester_sees_them_too(cast: Cast) -> None:
    approval = onboardings.submit(onboardings.ask(**ASKED, by=cast.platform_person), by=cast.platform_person)
    assert set(Approval.objects.visible_to(cast.auditor)) == {approval}
    assert set(Approval.objects.visible_to(cast.platform_person)) == {approval}
    assert set(Approval.objects.visible_to(cast.builder_retail)) == set()
    assert policy.can(cast.auditor, Permission.VIEW)


def test_each_class_of_data_is_explained() -> None:
    assert list(data_classes.DETAILS) == DataClass.values
