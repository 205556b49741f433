"""The pages of the hub: works, outsider, read-only, wrong method, bad input."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from governance.models import AuditEvent, Tenant, User
from hub.actions import model_reviews
from hub.models import (
    AccountRegion,
    AwsAccount,
    Clearance,
    FoundationModel,
    Guardrail,
    GuardrailVersion,
    ModelOffer,
    ModelReview,
    Price,
    SystemProfile,
)
from hub.price_list import BEGINNING
from portal.jobs.models import Job, SyncRun
from portal.lib import clock
from tests.cast import Cast
from tests.hub.conftest import DEV, PROD, an_account, install_stack

pytestmark = pytest.mark.django_db

PROPOSAL = {"data_classes": ["internal"], "regions": ["eu-central-1"], "rationale": "It is better."}
RATE = {
    "model_id": "acme.one", "region": "", "scope": "", "tier": "standard", "band": "", "token_class": "input",
    "usd_per_million": "2.5", "since": "2026-11-20T09:00", "reason": "contract 17",
}  # fmt: skip
NEW_ACCOUNT = {"number": PROD, "name": "group-prod", "environment": "prod", "regions": ["eu-central-1"]}


# Session, person, memberships; three lists of facets; the count and the page; prices, offers, clearances; two counts
# of the heading and the age of the data in two.
QUERIES_OF_THE_LIST = 15


@pytest.fixture
def account(cast: Cast) -> AwsAccount:
    return an_account()


@pytest.fixture
def model(account: AwsAccount) -> FoundationModel:
    """A model that is offered in Frankfurt and through an EU and a global profile, with a price and no review."""
    model = FoundationModel.objects.create(
        model_id="acme.one", provider="Acme", name="One", input_modalities=["TEXT"], output_modalities=["TEXT"],
        end_of_life_at=datetime(2027, 3, 1, tzinfo=UTC),
    )  # fmt: skip
    ModelOffer.objects.create(
        model=model, account=account, region="eu-central-1", arn="arn", inference_types=["ON_DEMAND"],
        agreement="AVAILABLE", authorization="AUTHORIZED", entitlement="AVAILABLE", region_availability="AVAILABLE",
    )  # fmt: skip
    for prefix, scope, regions in (
        ("eu", "geo", ["eu-central-1", "eu-north-1"]),
        ("global", "global", ["eu-central-1"]),
    ):
        SystemProfile.objects.create(
            account=account, region="eu-central-1", profile_id=f"{prefix}.acme.one", arn="arn", name="One", model=model,
            scope=scope, destination_regions=regions,
        )  # fmt: skip
    for token_class, rate in (("input", "3.3"), ("output", "16.5")):
        price = {"token_class": token_class, "usd_per_million": Decimal(rate), "since": BEGINNING, "source": "list"}
        Price.objects.create(model_id="acme.one", **price)
    return model


@pytest.fixture
def approved(model: FoundationModel, cast: Cast) -> FoundationModel:
    review = ModelReview.objects.create(model=model, requested_by=cast.platform_person, state="approved")
    Clearance.objects.create(
        model=model, review=review, data_class="confidential", regions=["eu-central-1"], conditions="With a guardrail."
    )
    FoundationModel.objects.filter(pk=model.pk).update(status="approved")
    return FoundationModel.objects.get(pk=model.pk)


@pytest.fixture
def draft(model: FoundationModel, cast: Cast) -> ModelReview:
    return model_reviews.draft(model=model, by=cast.builder_retail, **PROPOSAL)


def get(client: Client, user: User, name: str, *args: object, **query: Any) -> Any:
    client.force_login(user)
    return client.get(reverse(f"hub:{name}", args=args), query)


def text(client: Client, user: User, name: str, *args: object, **query: Any) -> str:
    response = get(client, user, name, *args, **query)
    assert response.status_code == 200
    return str(response.content.decode())


def post(client: Client, user: User, page: str, /, *args: object, **data: Any) -> Any:
    client.force_login(user)
    return client.post(reverse(f"hub:{page}", args=args), data)


class TestAnyPage:
    @pytest.mark.parametrize("name", ["index", "price-list", "guardrail-list", "account-list"])
    def test_a_stranger_signs_in_first(self, name: str, client: Client, cast: Cast) -> None:
        response = client.get(reverse(f"hub:{name}"))
        assert response.status_code == 302
        assert response.url.startswith(reverse("account_login"))

    @pytest.mark.parametrize("name", ["index", "price-list", "guardrail-list", "account-list"])
    def test_lists_are_read_only(self, name: str, client: Client, cast: Cast) -> None:
        assert post(client, cast.platform_person, name).status_code == 405

    @pytest.mark.parametrize(
        "name", ["model-status", "review-submit", "review-withdraw", "account-test", "account-sync"]
    )
    def test_a_verb_is_posted(self, name: str, client: Client, cast: Cast) -> None:
        assert get(client, cast.platform_person, name, uuid4()).status_code == 405

    @pytest.mark.parametrize(
        "name", ["model-detail", "review-new", "review-detail", "guardrail-detail", "account-detail", "account-edit"]
    )
    def test_what_does_not_exist_is_not_found(self, name: str, client: Client, cast: Cast) -> None:
        assert get(client, cast.platform_person, name, uuid4()).status_code == 404

    @pytest.mark.parametrize("name", ["model-detail", "review-new"])
    def test_a_model_does_not_exist_for_somebody_without_a_role(
        self, name: str, client: Client, cast: Cast, model: FoundationModel
    ) -> None:
        assert get(client, cast.nobody, name, model.uid).status_code == 404

    def test_the_list_of_accounts_is_refused_and_an_account_is_not_there_for_who_sees_no_platform(
        self, client: Client, cast: Cast, account: AwsAccount
    ) -> None:
        assert get(client, cast.builder_retail, "account-list").status_code == 403
        for name in ("account-detail", "account-edit"):
            assert get(client, cast.builder_retail, name, account.uid).status_code == 404
        for name in ("account-test", "account-sync"):
            assert post(client, cast.builder_retail, name, account.uid).status_code == 404


class TestModelList:
    def test_it_says_what_may_be_asked_for(self, client: Client, cast: Cast, approved: FoundationModel) -> None:
        page = text(client, cast.builder_retail, "index")
        assert "1 model may be asked for" in page
        assert "up to confidential" in page
        assert "$3.30 / $16.50" in page
        assert "1 Mar 2027" in page

    @pytest.mark.parametrize(
        ("facet", "fits", "fits_not"),
        [
            ("q", "ONE", "two"),
            ("provider", "Acme", "Other"),
            ("modality", "TEXT", "IMAGE"),
            ("status", "approved", "blocked"),
            ("region", "eu-central-1", "eu-west-1"),
            ("data_class", "internal", "restricted"),
        ],
    )
    def test_each_facet_narrows_it(
        self, facet: str, fits: str, fits_not: str, client: Client, cast: Cast, approved: FoundationModel
    ) -> None:
        FoundationModel.objects.create(
            model_id="x", provider="Other", name="X", output_modalities=["IMAGE"], status="blocked"
        )
        link = reverse("hub:model-detail", args=[approved.uid])
        assert link in text(client, cast.builder_retail, "index", **{facet: fits})
        assert link not in text(client, cast.builder_retail, "index", **{facet: fits_not})

    def test_a_facet_that_cannot_be_read_says_so_and_keeps_the_rest(
        self, client: Client, cast: Cast, model: FoundationModel
    ) -> None:
        page = text(client, cast.builder_retail, "index", status="wonderful", q="One")
        assert "wonderful cannot be chosen here" in page
        assert 'value="One"' in page

    def test_htmx_gets_the_rows_alone(self, client: Client, cast: Cast, model: FoundationModel) -> None:
        client.force_login(cast.builder_retail)
        page = client.get(reverse("hub:index"), headers={"HX-Request": "true"}).content.decode()
        assert "One" in page
        assert "<html" not in page

    def test_its_queries_do_not_grow_with_the_models(
        self, client: Client, cast: Cast, model: FoundationModel, django_assert_num_queries: DjangoAssertNumQueries
    ) -> None:
        client.force_login(cast.builder_retail)
        part = {"HX-Request": "true"}  # without the rail, whose counts belong to other pages
        with django_assert_num_queries(QUERIES_OF_THE_LIST):
            assert "M19" not in client.get(reverse("hub:index"), headers=part).content.decode()
        for number in range(20):
            FoundationModel.objects.create(model_id=f"m{number}", provider="Acme", name=f"M{number}")
        with django_assert_num_queries(QUERIES_OF_THE_LIST):
            assert "M19" in client.get(reverse("hub:index"), headers=part).content.decode()


class TestModelPage:
    def test_it_answers_for_what_where_until_when_and_for_how_much(
        self, client: Client, cast: Cast, approved: FoundationModel
    ) -> None:
        page = text(client, cast.builder_retail, "model-detail", approved.uid)
        for said in ("With a guardrail.", "in Frankfurt", "yes, answered here", "1 March 2027", "$16.50", "list"):
            assert said in page
        assert "answered in Frankfurt and Stockholm" in page
        assert "answered in any region of the world" in page

    def test_a_builder_may_ask_for_an_approved_model(
        self, client: Client, cast: Cast, approved: FoundationModel
    ) -> None:
        assert f"?model={approved.uid}" in text(client, cast.builder_retail, "model-detail", approved.uid)
        assert "?model=" not in text(client, cast.executive, "model-detail", approved.uid)

    def test_nobody_may_ask_for_an_unreviewed_one(self, client: Client, cast: Cast, model: FoundationModel) -> None:
        page = text(client, cast.builder_retail, "model-detail", model.uid)
        assert "?model=" not in page
        assert "Propose a review" in page

    def test_an_account_of_another_tenant_is_not_shown(
        self, client: Client, cast: Cast, model: FoundationModel, account: AwsAccount, insurance: Tenant
    ) -> None:
        AwsAccount.objects.filter(pk=account.pk).update(tenant=insurance, name="insurance-only")
        assert "insurance-only" not in text(client, cast.builder_retail, "model-detail", model.uid)
        assert "insurance-only" in text(client, cast.builder_insurance, "model-detail", model.uid)

    def test_an_unpriced_model_says_so(self, client: Client, cast: Cast, model: FoundationModel) -> None:
        Price.objects.all().delete()
        assert "shown as unknown, not as nothing" in text(client, cast.builder_retail, "model-detail", model.uid)

    def test_security_blocks_it(self, client: Client, cast: Cast, approved: FoundationModel) -> None:
        answer = post(client, cast.security, "model-status", approved.uid, to="blocked", reason="It leaks.")
        assert answer.status_code == 302
        assert "must not be used" in text(client, cast.builder_retail, "model-detail", approved.uid)

    def test_a_stop_without_a_reason_keeps_what_was_chosen(
        self, client: Client, cast: Cast, approved: FoundationModel
    ) -> None:
        answer = post(client, cast.security, "model-status", approved.uid, to="restricted", reason="")
        assert answer.status_code == 422
        assert '<option value="restricted" selected>' in answer.content.decode()
        assert FoundationModel.objects.get().status == "approved"

    def test_a_builder_sees_no_way_to_stop_it_and_has_none(
        self, client: Client, cast: Cast, approved: FoundationModel
    ) -> None:
        url = reverse("hub:model-status", args=[approved.uid])
        assert url not in text(client, cast.builder_retail, "model-detail", approved.uid)
        answer = post(client, cast.builder_retail, "model-status", approved.uid, to="blocked", reason="no")
        assert answer.status_code == 403
        assert FoundationModel.objects.get().status == "approved"


class TestSearch:
    def test_a_builder_finds_models_and_somebody_without_a_role_does_not(
        self, client: Client, cast: Cast, model: FoundationModel
    ) -> None:
        link = reverse("hub:model-detail", args=[model.uid])
        for user, found in ((cast.builder_retail, True), (cast.nobody, False)):
            client.force_login(user)
            assert (link in client.get(reverse("search"), {"q": "acme"}).content.decode()) is found


class TestReviewPages:
    def test_a_builder_proposes_and_submits(self, client: Client, cast: Cast, model: FoundationModel) -> None:
        answer = post(client, cast.builder_retail, "review-new", model.uid, **PROPOSAL)
        review = ModelReview.objects.get()
        assert answer.url == reverse("hub:review-detail", args=[review.uid])
        assert "Nobody decides on it before you submit it" in text(
            client, cast.builder_retail, "review-detail", review.uid
        )
        post(client, cast.builder_retail, "review-submit", review.uid)
        review.refresh_from_db()
        assert review.state == "in_review"

    def test_a_proposal_names_classes_of_data_as_people_do(
        self, client: Client, cast: Cast, draft: ModelReview
    ) -> None:
        ModelReview.objects.filter(pk=draft.pk).update(data_classes=["internal", "confidential"])
        page = text(client, cast.builder_retail, "review-detail", draft.uid)
        assert "up to Confidential<small>Internal, Confidential</small>" in page

    def test_bad_input_is_told_beside_the_field_and_kept(
        self, client: Client, cast: Cast, model: FoundationModel
    ) -> None:
        answer = post(client, cast.builder_retail, "review-new", model.uid, rationale="kept words", regions=["mars-1"])
        page = answer.content.decode()
        assert answer.status_code == 422
        assert "Choose at least one class of data." in page
        assert "mars-1 cannot be chosen here" in page
        assert "kept words" in page

    def test_an_executive_cannot_propose(self, client: Client, cast: Cast, model: FoundationModel) -> None:
        answer = post(client, cast.executive, "review-new", model.uid, **PROPOSAL)
        assert answer.status_code == 403
        assert not ModelReview.objects.exists()
        assert AuditEvent.objects.filter(verb="action.refused").exists()

    def test_another_person_cannot_change_a_proposal(self, client: Client, cast: Cast, draft: ModelReview) -> None:
        answer = post(client, cast.builder_insurance, "review-edit", draft.uid, **PROPOSAL | {"rationale": "mine now"})
        assert answer.status_code == 403
        draft.refresh_from_db()
        assert draft.rationale == "It is better."

    def test_its_author_changes_it(self, client: Client, cast: Cast, draft: ModelReview) -> None:
        assert "It is better." in text(client, cast.builder_retail, "review-edit", draft.uid)
        post(client, cast.builder_retail, "review-edit", draft.uid, **PROPOSAL | {"rationale": "Much better."})
        draft.refresh_from_db()
        assert draft.rationale == "Much better."

    def test_a_change_that_comes_too_late_is_refused_with_a_sentence(
        self, client: Client, cast: Cast, draft: ModelReview
    ) -> None:
        model_reviews.submit(review=draft, by=cast.builder_retail)
        answer = post(client, cast.builder_retail, "review-edit", draft.uid, **PROPOSAL)
        assert answer.status_code == 422
        assert "cannot be changed now" in answer.content.decode()

    def test_a_reviewer_reads_the_evidence(self, client: Client, cast: Cast, draft: ModelReview) -> None:
        page = text(client, cast.legal, "review-evidence", draft.uid)
        assert "It is better." in page
        assert "answered in Frankfurt and Stockholm" in page
        assert "<html" not in page

    def test_its_author_withdraws_it(self, client: Client, cast: Cast, draft: ModelReview) -> None:
        post(client, cast.builder_retail, "review-withdraw", draft.uid)
        draft.refresh_from_db()
        assert draft.state == "withdrawn"


class TestPricePages:
    def test_everybody_reads_the_book(self, client: Client, cast: Cast, model: FoundationModel) -> None:
        FoundationModel.objects.create(model_id="acme.two", provider="Acme", name="Two")
        page = text(client, cast.builder_retail, "price-list")
        assert "$3.30" in page
        assert "1 model is unpriced" in page
        assert "Enter a rate" not in page

    def test_somebody_without_a_role_reads_no_prices(self, client: Client, cast: Cast) -> None:
        assert get(client, cast.nobody, "price-list").status_code == 403

    def test_finops_enters_a_rate_over_the_list(self, client: Client, cast: Cast, model: FoundationModel) -> None:
        answer = post(client, cast.finops_person, "price-new", **RATE)
        assert answer.url == reverse("hub:price-list") + "?q=acme.one"
        page = text(client, cast.finops_person, "price-list", q="acme.one", all="on")
        assert "$2.50" in page
        assert "$3.30" in page
        assert "Finn Finops: contract 17" in page

    @pytest.mark.parametrize(
        ("field", "typed", "sentence"),
        [
            ("usd_per_million", "three", "Write a number, like 2500.50."),
            ("usd_per_million", "-1", "This must be 0 or more"),
            ("since", "soon", "Write a date and a time"),
            ("since", "2020-01-01T00:00", "already has a period from 28 September 2023"),
            ("model_id", "acme.unknown", "cannot be chosen here"),
            ("tier", "gold", "cannot be chosen here"),
            ("reason", "", "Fill this in."),
        ],
    )
    def test_bad_input_is_told_beside_the_field_and_changes_nothing(
        self, field: str, typed: str, sentence: str, client: Client, cast: Cast, model: FoundationModel
    ) -> None:
        answer = post(client, cast.finops_person, "price-new", **RATE | {field: typed})
        assert answer.status_code == 422
        assert sentence in answer.content.decode()
        assert 'value="contract 17"' in answer.content.decode() or field == "reason"
        assert Price.objects.count() == 2

    def test_a_rate_that_is_there_is_told_in_a_sentence(
        self, client: Client, cast: Cast, model: FoundationModel
    ) -> None:
        rate = RATE | {"since": "2099-01-01T00:00"}
        post(client, cast.finops_person, "price-new", **rate)
        answer = post(client, cast.finops_person, "price-new", **rate)
        assert answer.status_code == 422
        assert "There is a rate for exactly this from this moment on." in answer.content.decode()

    def test_a_builder_cannot_enter_a_rate(self, client: Client, cast: Cast, model: FoundationModel) -> None:
        assert get(client, cast.builder_retail, "price-new").status_code == 403
        assert post(client, cast.builder_retail, "price-new", **RATE).status_code == 403
        assert post(client, cast.builder_retail, "price-load").status_code == 403
        assert Price.objects.count() == 2

    def test_finops_loads_the_list(self, client: Client, cast: Cast) -> None:
        FoundationModel.objects.create(model_id="amazon.nova-lite-v1:0", provider="Amazon", name="Nova Lite")
        post(client, cast.finops_person, "price-load")
        assert "3 rates are new or changed" in text(client, cast.finops_person, "price-list")


class TestGuardrailPages:
    @pytest.fixture
    def guardrail(self, account: AwsAccount) -> Guardrail:
        guardrail = Guardrail.objects.create(
            account=account, region="eu-central-1", guardrail_id="g1", arn="arn", name="customer-facing"
        )
        for number, strength in enumerate(("LOW", "HIGH"), start=1):
            content = {"contentPolicy": {"filters": [{"type": "PROMPT_ATTACK", "inputStrength": strength}]}}
            GuardrailVersion.objects.create(
                guardrail=guardrail, version=str(number), status="READY", content=content, digest=f"{number:064}"
            )
        return guardrail

    def test_the_list_counts_versions(self, client: Client, cast: Cast, guardrail: Guardrail) -> None:
        assert '<td class="n">2</td>' in text(client, cast.builder_retail, "guardrail-list")

    def test_the_page_says_what_it_does_and_what_changed(
        self, client: Client, cast: Cast, guardrail: Guardrail
    ) -> None:
        page = text(client, cast.builder_retail, "guardrail-detail", guardrail.uid)
        assert "Prompt attack" in page
        assert "input high" in page
        assert "differs from version 1" in page
        assert "&quot;inputStrength&quot;: &quot;LOW&quot;" in page

    def test_a_guardrail_of_another_tenants_account_is_not_found(
        self, client: Client, cast: Cast, guardrail: Guardrail, insurance: Tenant
    ) -> None:
        AwsAccount.objects.update(tenant=insurance)
        assert get(client, cast.builder_retail, "guardrail-detail", guardrail.uid).status_code == 404
        assert "customer-facing" not in text(client, cast.builder_retail, "guardrail-list")


class TestAccountPages:
    def test_platform_staff_see_every_account_with_the_age_of_its_data(
        self, client: Client, cast: Cast, account: AwsAccount
    ) -> None:
        AccountRegion.objects.create(account=account, region="eu-west-1", logging_on=False)
        done = {"state": "done", "finished_at": clock.now()}
        SyncRun.objects.create(kind="catalogue", scope=f"{PROD}/eu-west-1", **done)
        page = text(client, cast.platform_person, "account-list")
        assert "Invocation logging is off in 1 region" in page
        assert account.name in page
        detail = text(client, cast.platform_person, "account-detail", account.uid)
        assert "aws bedrock put-model-invocation-logging-configuration --region eu-west-1" in detail
        assert account.external_id in detail

    def test_accounts_stand_under_platform_in_the_rail(self, client: Client, cast: Cast, account: AwsAccount) -> None:
        page = text(client, cast.platform_person, "account-detail", account.uid)
        rail = page.split("</nav>")[0]
        assert re.findall(r'aria-current="page"[^>]*>\s*([A-Z]\w+)', rail) == ["Platform"]

    def test_a_builder_sees_no_accounts(self, client: Client, cast: Cast, account: AwsAccount) -> None:
        assert get(client, cast.builder_retail, "account-list").status_code == 403
        assert get(client, cast.builder_retail, "account-detail", account.uid).status_code == 404

    def test_an_auditor_reads_but_does_not_see_the_external_id_nor_change(
        self, client: Client, cast: Cast, account: AwsAccount
    ) -> None:
        assert account.external_id not in text(client, cast.auditor, "account-detail", account.uid)
        for name, args in (("account-new", []), ("account-edit", [account.uid])):
            assert get(client, cast.auditor, name, *args).status_code == 403
        for name in ("account-test", "account-sync", "account-edit"):
            assert post(client, cast.auditor, name, account.uid).status_code == 403

    def test_an_account_is_connected_installed_and_tested(self, client: Client, cast: Cast, sandbox_url: str) -> None:
        answer = post(client, cast.platform_person, "account-new", **NEW_ACCOUNT)
        account = AwsAccount.objects.get()
        assert answer.url == reverse("hub:account-detail", args=[account.uid])
        assert "arn:aws:iam::111122223333:root" in text(client, cast.platform_person, "account-detail", account.uid)
        install_stack(sandbox_url, account)
        page = post(client, cast.platform_person, "account-test", account.uid).content.decode()
        assert "Atrium can read" in page
        assert "connected" in page

    @pytest.mark.parametrize(
        ("field", "typed", "sentence"),
        [
            ("number", "1234", "exactly 12 digits"),
            ("regions", [], "Choose at least one region."),
            ("role_arn", "nonsense", "Enter the ARN of a role"),
            ("role_arn", f"arn:aws:iam::{DEV}:role/other", f"belongs to account {DEV}"),
            ("tenant", "999999", "cannot be chosen here"),
        ],
    )
    def test_bad_input_is_told_beside_the_field(
        self, field: str, typed: object, sentence: str, client: Client, cast: Cast
    ) -> None:
        answer = post(client, cast.platform_person, "account-new", **NEW_ACCOUNT | {field: typed})
        assert answer.status_code == 422
        assert sentence in answer.content.decode()
        assert 'value="group-prod"' in answer.content.decode()
        assert not AwsAccount.objects.exists()

    def test_an_account_is_connected_once(self, client: Client, cast: Cast, account: AwsAccount) -> None:
        answer = post(client, cast.platform_person, "account-new", **NEW_ACCOUNT)
        assert answer.status_code == 422
        assert "connected already" in answer.content.decode()

    def test_a_change_is_kept(self, client: Client, cast: Cast, account: AwsAccount) -> None:
        changed = {"name": "Renamed", "environment": "nonprod", "regions": ["eu-central-1"]}
        post(client, cast.platform_person, "account-edit", account.uid, **changed)
        account.refresh_from_db()
        assert (account.name, account.environment, account.number) == ("Renamed", "nonprod", PROD)
        assert account.role_arn.endswith("role/atrium-control")

    def test_a_sync_is_queued(self, client: Client, cast: Cast, account: AwsAccount) -> None:
        post(client, cast.platform_person, "account-sync", account.uid)
        assert Job.objects.get(name="hub.sync_account").argument == account.pk
