"""Syncing the catalogue from the sandbox account."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from governance.models import AuditEvent, User
from governance.vocabulary import Verb
from hub.actions import accounts, catalogue
from hub.inventory.offers import PRICES_TASK
from hub.models import (
    AccountRegion,
    AwsAccount,
    FoundationModel,
    Guardrail,
    GuardrailVersion,
    ModelOffer,
    SystemProfile,
)
from portal.jobs.models import Job, SyncRun
from portal.jobs.registry import TASKS
from portal.lib import clock, digest
from portal.lib.errors import NotAllowed
from tests.hub.conftest import DEV, PROD, an_account

pytestmark = pytest.mark.django_db

HAIKU = "anthropic.claude-haiku-4-5-20251001-v1:0"
TABLES = (AccountRegion, FoundationModel, ModelOffer, SystemProfile, Guardrail, GuardrailVersion)


def contents() -> list[list[object]]:
    return [list(table.objects.order_by("pk").values()) for table in TABLES]


def run(scope: str) -> SyncRun:
    return SyncRun.objects.filter(kind="catalogue", scope=scope).latest("pk")


def test_new_models_arrive_unreviewed_and_ask_for_their_prices(prod_account: AwsAccount) -> None:
    catalogue.sync_account(prod_account)
    found = FoundationModel.objects.all()
    assert found.count() > 40
    assert {model.status for model in found} == {"unreviewed"}
    assert AuditEvent.objects.filter(verb=Verb.MODEL_FOUND).count() == found.count()
    assert Job.objects.filter(name=PRICES_TASK).count() == 1


def test_a_model_carries_what_aws_says_about_it(prod_account: AwsAccount) -> None:
    catalogue.sync_account(prod_account)
    haiku = FoundationModel.objects.get(model_id=HAIKU)
    assert (haiku.provider, haiku.output_modalities, haiku.lifecycle) == ("Anthropic", ["TEXT"], "ACTIVE")
    assert haiku.context_window == 200_000
    assert {offer.region for offer in haiku.offers.all()} == {"eu-central-1", "eu-west-1"}
    assert all(offer.available for offer in haiku.offers.all())


def test_the_model_ends_when_its_first_region_does(prod_account: AwsAccount) -> None:
    catalogue.sync_account(prod_account)
    offer = ModelOffer.objects.filter(end_of_life_at__isnull=False).select_related("model").first()
    assert offer is not None, "the sandbox has no model with an end of life"
    sooner = offer.end_of_life_at - timedelta(days=30)
    ModelOffer.objects.create(
        model=offer.model, account=an_account(DEV), region="us-east-1", arn="arn", end_of_life_at=sooner
    )
    ModelOffer.objects.filter(pk=offer.pk).update(end_of_life_at=None)
    catalogue.sync_account(prod_account)
    offer.model.refresh_from_db()
    assert offer.model.end_of_life_at == sooner


def test_system_profiles_know_their_model_and_where_calls_are_served(prod_account: AwsAccount) -> None:
    catalogue.sync_account(prod_account)
    profile = SystemProfile.objects.get(profile_id=f"eu.{HAIKU}", region="eu-central-1")
    assert (profile.model.model_id, profile.scope) == (HAIKU, "geo")
    assert "eu-west-1" in profile.destination_regions
    assert all(region.startswith("eu-") for region in profile.destination_regions)
    world = SystemProfile.objects.get(profile_id=f"global.{HAIKU}", region="eu-central-1")
    # AWS names the destinations of a global profile by an ARN without a region: it may be any.
    assert (world.scope, world.destination_regions) == ("global", ["eu-central-1"])


def test_each_guardrail_version_is_kept_with_its_digest(prod_account: AwsAccount) -> None:
    catalogue.sync_account(prod_account)
    versions = GuardrailVersion.objects.filter(guardrail__region="eu-central-1")
    assert Guardrail.objects.filter(region="eu-central-1").count() == 2
    assert {"DRAFT", "1"} <= set(versions.values_list("version", flat=True))
    assert all(version.digest == digest.sha256(version.content) for version in versions)
    assert all("contentPolicy" in version.content for version in versions)


def test_logging_is_known_per_region(prod_account: AwsAccount) -> None:
    catalogue.sync_account(prod_account)
    frankfurt, ireland = AccountRegion.objects.filter(account=prod_account).order_by("region")
    assert (frankfurt.logging_on, frankfurt.logging_bucket) == (True, f"atrium-bedrock-logs-{PROD}-eu-central-1")
    assert (ireland.logging_on, ireland.logging_bucket) == (False, "")


def test_a_sync_that_finds_nothing_new_writes_nothing_but_its_runs(prod_account: AwsAccount) -> None:
    first = catalogue.sync_account(prod_account)
    before, events = contents(), AuditEvent.objects.count()
    again = catalogue.sync_account(prod_account)
    assert sum(one.rows for one in first) > 0
    assert [one.rows for one in again] == [0, 0]
    assert contents() == before
    assert AuditEvent.objects.count() == events
    assert SyncRun.objects.filter(scope=f"{PROD}/eu-central-1").count() == 2


def test_what_is_gone_is_marked_once_and_never_deleted(prod_account: AwsAccount) -> None:
    old = FoundationModel.objects.create(model_id="acme.old-v1", provider="Acme", name="Old", status="approved")
    offer = ModelOffer.objects.create(model=old, account=prod_account, region="eu-central-1", arn="arn")
    profile = SystemProfile.objects.create(
        account=prod_account, region="eu-central-1", profile_id="eu.acme.old-v1", arn="arn", name="Old", scope="geo"
    )
    catalogue.sync_account(prod_account)
    for row in (old, offer, profile):
        row.refresh_from_db()
        assert row.vanished_at is not None
    assert old.status == "approved"
    assert AuditEvent.objects.filter(verb=Verb.MODEL_VANISHED).count() == 1
    seen = old.vanished_at
    catalogue.sync_account(prod_account)
    old.refresh_from_db()
    assert old.vanished_at == seen


def test_a_model_that_comes_back_is_no_longer_gone(prod_account: AwsAccount) -> None:
    catalogue.sync_account(prod_account)
    haiku = FoundationModel.objects.filter(model_id=HAIKU)
    haiku.update(vanished_at=clock.now(), status="approved")
    ModelOffer.objects.filter(model__model_id=HAIKU).update(vanished_at=clock.now())
    catalogue.sync_account(prod_account)
    assert haiku.get().vanished_at is None
    assert haiku.get().status == "approved"


def test_a_region_that_is_taken_off_its_account_offers_nothing(prod_account: AwsAccount, platform_person: User) -> None:
    def live() -> list[set[str]]:
        tables = (ModelOffer, SystemProfile, Guardrail)
        return [set(table.objects.filter(vanished_at=None).values_list("region", flat=True)) for table in tables]

    catalogue.sync_account(prod_account)
    both, before = live(), AwsAccount.objects.get(pk=prod_account.pk)
    accounts.change(account=prod_account, regions=["eu-central-1"], by=platform_person)
    assert live() == [{"eu-central-1"}] * 3
    catalogue.sync_account(before)  # a sync that had begun before
    assert live() == [{"eu-central-1"}] * 3
    accounts.change(account=prod_account, regions=before.regions, by=platform_person)
    catalogue.sync_account(prod_account)
    assert live() == both


def test_a_word_that_we_do_not_know_is_kept(prod_account: AwsAccount) -> None:
    catalogue.sync_account(prod_account)
    offer = ModelOffer.objects.filter(model__model_id=HAIKU).first()
    ModelOffer.objects.filter(pk=offer.pk).update(region_availability="SOMETIMES")
    offer.refresh_from_db()
    assert not offer.available


def test_a_region_that_fails_does_not_stop_the_others(connect: Callable[..., AwsAccount]) -> None:
    account = connect(PROD, regions=["not a region", "eu-central-1"])
    results = catalogue.sync_account(account)
    assert [(one.region, one.nothing) for one in results] == [("not a region", True), ("eu-central-1", False)]
    assert ModelOffer.objects.filter(region="eu-central-1").exists()
    assert run(PROD).state == SyncRun.State.PARTIAL
    assert run(PROD).error.startswith("not a region: AWS could not be reached")
    assert run(f"{PROD}/not a region").state == SyncRun.State.FAILED
    assert run(f"{PROD}/eu-central-1").state == SyncRun.State.DONE
    assert "could not be reached" in AccountRegion.objects.get(region="not a region").error
    account.refresh_from_db()
    assert account.state == AwsAccount.State.CONNECTED


def test_an_account_that_does_not_trust_atrium_is_failing_with_a_sentence(db: None, sandbox_url: str) -> None:
    account = an_account(DEV)
    catalogue.sync_account(account)
    account.refresh_from_db()
    assert account.state == AwsAccount.State.FAILING
    assert account.error.startswith("AWS refused sts AssumeRole")
    assert run(f"{DEV}/eu-central-1").state == SyncRun.State.FAILED
    assert run(DEV).state == SyncRun.State.FAILED, "nothing at all was done"
    assert run(DEV).error.startswith("eu-central-1: AWS refused sts AssumeRole")
    assert not ModelOffer.objects.exists()


def test_a_failed_sync_keeps_what_was_known(prod_account: AwsAccount) -> None:
    catalogue.sync_account(prod_account)
    offers = list(ModelOffer.objects.values())
    prod_account.external_id = "another one"
    prod_account.save()
    catalogue.sync_account(prod_account)
    assert list(ModelOffer.objects.values()) == offers
    assert AccountRegion.objects.get(account=prod_account, region="eu-central-1").logging_on is True


def test_the_schedule_syncs_every_account_by_a_job_of_its_own(db: None) -> None:
    accounts = [an_account(PROD), an_account(DEV)]
    catalogue.sync_all()
    assert set(Job.objects.filter(name="hub.sync_account").values_list("argument", flat=True)) == {
        account.pk for account in accounts
    }


def test_platform_staff_may_ask_for_a_sync_and_a_builder_may_not(
    db: None, platform_person: User, builder_retail: User
) -> None:
    account = an_account()
    with pytest.raises(NotAllowed):
        catalogue.ask_for_sync(account=account, by=builder_retail)
    assert not Job.objects.exists()
    catalogue.ask_for_sync(account=account, by=platform_person)
    assert Job.objects.get().argument == account.pk
    assert AuditEvent.objects.get(verb=Verb.ACCOUNT_SYNC_ASKED).subject_name == str(account)


def test_the_job_syncs_the_account_that_it_names(prod_account: AwsAccount) -> None:
    TASKS["hub.sync_account"].handler(prod_account.pk)
    assert run(PROD).state == SyncRun.State.DONE
