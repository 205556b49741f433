"""From tokens to money to people: the cube of a day."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from finops.actions import attribution, cube
from finops.models import CubeDay, SpendDay, UsageHandle
from finops.reports.facts import facts_behind
from governance.models import AuditEvent
from governance.reports import audit_sentences
from hub.models import AccessRequest, AwsAccount, FoundationModel, Grant, Plan, Price, SystemProfile
from portal.jobs.apart import NotAll
from portal.lib.errors import NotAllowed, Refused
from tests.cast import Cast, use_case
from tests.finops.conftest import DAY, SONNET, Use

PROFILE = "arn:aws:bedrock:eu-central-1:447100000212:application-inference-profile/abc123"
ROLE = "arn:aws:iam::447100000212:role/retail-callsummary"


def handle(cast: Cast, kind: str, value: str, **given: object) -> UsageHandle:
    return UsageHandle.objects.create(
        **({"kind": kind, "value": value, "use_case": cast.call_summary, "since": DAY - timedelta(days=9)} | given)
    )


def granted(cast: Cast) -> Grant:
    """A grant of Sonnet through a geographic profile, as far as the cube asks."""
    account = AwsAccount.objects.create(
        number="447100000212", name="Production", regions=["eu-central-1"], external_id="an external id"
    )
    model = FoundationModel.objects.create(model_id=SONNET, provider="Anthropic", name="Claude Sonnet 4.5")
    profile = SystemProfile.objects.create(
        account=account, region="eu-central-1", profile_id=f"eu.{SONNET}", arn="arn", model=model, scope="geo"
    )
    common = {"tenant": cast.retail, "use_case": cast.call_summary, "model": model, "account": account}
    request = AccessRequest.objects.create(
        **common, requested_by=cast.builder_retail, state="approved", submitted_at=DAY, profile=profile
    )
    plan = Plan.objects.create(request=request, artefacts=[], digest="0" * 64)
    return Grant.objects.create(
        **common, request=request, plan=plan, slug="sonnet", ends_at=DAY + timedelta(days=90), region="eu-central-1"
    )


def built() -> list[SpendDay]:
    cube.build_marked()
    return list(SpendDay.objects.filter(day=DAY.date()).order_by("-cost_nano"))


def test_a_day_costs_tokens_times_rates_by_class(cast: Cast, use: Use, sonnet_prices: None) -> None:
    use(DAY, input=1_000_000, output=200_000, cache_read=3_000_000, cache_write_5m=400_000, cache_write_1h=100_000)
    [row] = built()
    # 3.30 + 0.2 * 16.50 + 3 * 0.33 + 0.4 * 4.125 + 0.1 * 6.60 = 3.30 + 3.30 + 0.99 + 1.65 + 0.66
    assert row.cost_nano == 9_900_000_000
    assert (row.input, row.cache_write, row.priced) == (1_000_000, 500_000, True)


def test_money_is_rounded_once_for_each_hourly_fact(cast: Cast, use: Use) -> None:
    for token_class in ("input", "output"):
        Price.objects.create(
            model_id=SONNET, token_class=token_class, usd_per_million=Decimal("0.0005"), source="test",
            since=datetime(2026, 1, 1, tzinfo=UTC),
        )  # fmt: skip
    use(DAY, input=1)  # half a nano-USD
    use(DAY + timedelta(hours=1), input=1)
    [row] = built()
    assert row.cost_nano == 2


def test_a_model_without_a_price_is_unpriced_and_not_free(cast: Cast, use: Use) -> None:
    use(DAY, input=1_000_000)
    [row] = built()
    assert not row.priced
    assert row.mapped


def test_a_profile_that_nobody_knows_stays_unmapped_under_its_own_name(cast: Cast, use: Use) -> None:
    use(DAY, model_id="", model_ref=PROFILE, profile_arn=PROFILE, scope="unresolved")
    [row] = built()
    assert (row.mapped, row.priced, row.model_id) == (False, False, PROFILE)


def test_a_profile_counts_before_metadata_and_a_disagreement_is_kept(cast: Cast, use: Use, sonnet_prices: None) -> None:
    other = use_case(cast.insurance, cast.builder_insurance, "Claims triage")
    handle(cast, "profile", PROFILE)
    use(DAY, input=10, profile_arn=PROFILE, use_case=str(other.uid))
    use(DAY + timedelta(hours=1), input=10, profile_arn=PROFILE, use_case=str(cast.call_summary.uid))
    rows = built()
    assert {row.use_case for row in rows} == {cast.call_summary}
    assert sorted(row.conflict for row in rows) == [False, True]


def test_metadata_counts_before_the_principal_and_the_principal_before_the_account(cast: Cast, use: Use) -> None:
    other = use_case(cast.insurance, cast.builder_insurance, "Claims triage")
    handle(cast, "principal", ROLE)
    handle(cast, "account", "447100000212", use_case=other)
    use(DAY, principal=ROLE, use_case=str(other.uid))
    use(DAY, principal=ROLE)
    use(DAY, principal="arn:aws:iam::447100000212:role/somebody")
    use(DAY, principal=ROLE, account="000000000000")
    found = sorted((row.method, str(row.use_case)) for row in built())
    assert found == [
        ("account", "Claims triage"),
        ("metadata", "Claims triage"),
        ("principal", "Call summary"),
        ("principal", "Call summary"),
    ]


def test_usage_that_nothing_leads_anywhere_is_unattributed_with_its_principal(cast: Cast, use: Use) -> None:
    use(DAY, principal=ROLE, use_case="not-a-use-case")
    [row] = built()
    assert (row.method, row.use_case, row.tenant, row.principal) == ("none", None, None, ROLE)


def test_a_handle_counts_only_while_it_holds(cast: Cast, use: Use) -> None:
    handle(cast, "principal", ROLE, since=DAY + timedelta(hours=2), until=DAY + timedelta(hours=4))
    for hour in range(6):
        use(DAY + timedelta(hours=hour), principal=ROLE)
    requests = {row.method: row.requests for row in built()}
    assert requests == {"principal": 2, "none": 4}


def test_a_price_that_changes_within_a_day_counts_from_its_hour(cast: Cast, use: Use, sonnet_prices: None) -> None:
    noon = DAY + timedelta(hours=12)
    Price.objects.filter(token_class="input").update(until=noon)
    Price.objects.create(
        model_id=SONNET, token_class="input", usd_per_million=Decimal("1.00"), since=noon, source="test"
    )
    use(DAY + timedelta(hours=11), input=1_000_000)
    use(noon, input=1_000_000)
    assert sum(row.cost_nano for row in built()) == 4_300_000_000


def test_later_usage_of_a_day_builds_it_again_and_nothing_counts_twice(
    cast: Cast, use: Use, sonnet_prices: None
) -> None:
    use(DAY, input=1_000_000)
    assert [row.cost_nano for row in built()] == [3_300_000_000]
    assert cube.build_marked() == 0
    use(DAY + timedelta(hours=3), input=1_000_000)
    assert [row.cost_nano for row in built()] == [6_600_000_000]
    assert CubeDay.objects.get().built == 2


def test_a_day_that_cannot_be_built_holds_no_other_day_back(cast: Cast, use: Use, sonnet_prices: None) -> None:
    use(DAY, input=9 * 10**18)  # costs more nano-USD than the column holds
    use(DAY - timedelta(days=1), input=1_000_000)
    with pytest.raises(NotAll, match=r"^1 of 2 failed\. 2026-11-18: "):
        cube.build_marked()
    assert [row.day for row in SpendDay.objects.all()] == [(DAY - timedelta(days=1)).date()]
    assert [one.day for one in CubeDay.objects.filter(built=0)] == [DAY.date()]


def test_two_handles_never_claim_the_same_moment(cast: Cast) -> None:
    handle(cast, "principal", ROLE, until=DAY)
    with pytest.raises(Exception, match="usage_handle_never_overlaps"):
        handle(cast, "principal", ROLE, since=DAY - timedelta(hours=1))


def test_assigning_a_stray_moves_its_past_and_is_audited(cast: Cast, use: Use, sonnet_prices: None) -> None:
    use(DAY, input=1_000_000, principal=ROLE)
    assert built()[0].use_case is None
    attribution.assign(kind="principal", value=ROLE, use_case=cast.call_summary, since=DAY, by=cast.finops_person)
    [row] = built()
    assert (row.use_case, row.cost_nano, row.line_of_business) == (cast.call_summary, 3_300_000_000, cast.retail)
    assert AuditEvent.objects.filter(verb="usage.attributed", actor_id=cast.finops_person.pk).count() == 1


def test_a_role_is_attributed_by_its_arn_with_or_without_path_or_session(cast: Cast, use: Use) -> None:
    use(DAY, principal=ROLE)
    given = {"use_case": cast.call_summary, "since": DAY, "by": cast.finops_person}
    handle = attribution.assign(kind="principal", value=ROLE.replace(":role/", ":role/apps/retail/"), **given)
    assert handle.value == ROLE
    assert built()[0].use_case == cast.call_summary
    session = "arn:aws:sts::447100000212:assumed-role/insurance-claims/i-0123456789abcdef0"
    handle = attribution.assign(kind="principal", value=session, **given)
    assert handle.value == "arn:aws:iam::447100000212:role/insurance-claims"


@pytest.mark.parametrize(
    ("kind", "value", "sentence"),
    [
        ("account", "44710000021", "exactly 12 digits"),
        ("principal", "retail-callsummary", "ARN of a role or user"),
        ("profile", PROFILE, "belongs to its grant"),
    ],
)
def test_a_mark_that_no_usage_carries_is_refused(cast: Cast, kind: str, value: str, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        attribution.assign(kind=kind, value=value, use_case=cast.call_summary, since=DAY, by=cast.finops_person)
    assert not UsageHandle.objects.exists()


def test_only_finops_attributes_usage(cast: Cast) -> None:
    with pytest.raises(NotAllowed, match="do not let you attribute usage"):
        attribution.assign(kind="principal", value=ROLE, use_case=cast.call_summary, since=DAY, by=cast.owner_retail)


def test_a_stray_that_is_taken_already_is_refused_with_a_sentence(cast: Cast) -> None:
    handle(cast, "principal", ROLE, since=DAY)
    with pytest.raises(Refused, match="already attributed"):
        attribution.assign(
            kind="principal", value=ROLE, use_case=cast.call_summary, since=DAY - timedelta(days=1),
            by=cast.finops_person,
        )  # fmt: skip


def test_a_wrong_owner_is_corrected_from_the_same_day_on(cast: Cast, use: Use, sonnet_prices: None) -> None:
    use(DAY, input=1_000_000, principal=ROLE)
    claims = use_case(cast.insurance, cast.builder_insurance, "Claims triage")
    given = {"kind": "principal", "value": ROLE, "by": cast.finops_person}
    attribution.assign(use_case=claims, since=DAY, **given)
    assert built()[0].use_case == claims
    attribution.assign(use_case=cast.call_summary, since=DAY, **given)
    assert [row.use_case for row in built()] == [cast.call_summary]
    assert UsageHandle.objects.get().use_case == cast.call_summary
    event = AuditEvent.objects.get(verb="usage.corrected")
    assert str(audit_sentences.of_event(event)).endswith(
        "to Call summary since 18 November 2026, before it was Claims triage since 18 November 2026."
    )


def test_a_correction_may_begin_earlier_and_leaves_what_ended_before(cast: Cast) -> None:
    claims = use_case(cast.insurance, cast.builder_insurance, "Claims triage")
    given = {"kind": "principal", "value": ROLE, "by": cast.finops_person}
    days = [DAY - timedelta(days=number) for number in (9, 5, 3, 1)]
    attribution.assign(use_case=claims, since=days[0], **given)
    attribution.assign(use_case=cast.call_summary, since=days[3], **given)
    attribution.assign(use_case=claims, since=days[3], **given)
    with pytest.raises(Refused, match="already attributed"):
        attribution.assign(use_case=cast.call_summary, since=days[1], **given)
    periods = list(UsageHandle.objects.order_by("since").values_list("since", "until", "use_case"))
    assert periods == [(days[0], days[3], claims.pk), (days[3], None, claims.pk)]


def test_saying_the_same_again_is_refused_and_not_recorded(cast: Cast) -> None:
    given = {"kind": "principal", "value": ROLE, "use_case": cast.call_summary, "since": DAY}
    attribution.assign(**given, by=cast.finops_person)
    with pytest.raises(Refused, match="belongs to Call summary since then already"):
        attribution.assign(**given, by=cast.finops_person)
    assert AuditEvent.objects.filter(verb__startswith="usage.").count() == 1


def test_a_correction_never_touches_the_handle_of_a_grant(cast: Cast) -> None:
    of_grant = handle(cast, "principal", ROLE, since=DAY, grant=granted(cast))
    for start in (DAY - timedelta(days=1), DAY, DAY + timedelta(days=1)):
        with pytest.raises(Refused, match="already attributed"):
            attribution.assign(
                kind="principal", value=ROLE, use_case=cast.call_summary, since=start, by=cast.finops_person
            )
    assert UsageHandle.objects.get() == of_grant
    assert UsageHandle.objects.get().until is None


def test_the_facts_behind_a_row_add_up_to_it(cast: Cast, use: Use, sonnet_prices: None) -> None:
    handle(cast, "principal", ROLE)
    for hour in range(3):
        use(DAY + timedelta(hours=hour), input=1_234_567, output=89, principal=ROLE)
    use(DAY, input=5)
    row = next(row for row in built() if row.use_case)
    facts = facts_behind(row)
    assert len(facts) == 3
    assert sum(fact.cost_nano or 0 for fact in facts) == row.cost_nano


def test_usage_through_a_profile_that_a_repair_replaced_keeps_its_model(
    cast: Cast, use: Use, sonnet_prices: None
) -> None:
    grant = granted(cast)
    handle(cast, "profile", PROFILE, grant=grant)
    use(DAY, input=1_000_000, model_id="", model_ref=PROFILE, profile_arn=PROFILE, scope="unresolved")
    [row] = built()
    assert (row.model_id, row.mapped, row.cost_nano) == (SONNET, True, 3_300_000_000)
