"""How AWS answers is kept by every process that calls, and shown where the account is."""

from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.urls import reverse

from governance.models import User
from hub.actions import accounts, catalogue, service_health
from hub.models import AwsAccount, ModelOffer, ServiceHealth
from portal.aws import breaker, sandbox
from portal.aws.errors import Throttled, Unavailable
from portal.jobs.closing import close
from portal.jobs.models import SyncRun
from tests.hub.conftest import DEV, PROD

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_faults_left(sandbox_url: str) -> Iterator[None]:
    yield
    sandbox.clear_faults()


def fault(kind: str, operation: str = "*", account: str = PROD, rate: float = 1) -> None:
    sandbox.set_fault(account=account, operation=operation, kind=kind, rate=rate, seed=5)


def hits() -> int:
    return sum(one.hits for one in sandbox.faults().faults)


def run(scope: str) -> SyncRun:
    return SyncRun.objects.filter(kind="catalogue", scope=scope).latest("pk")


def away(number: str = PROD, times: int = breaker.FAILURES) -> None:
    """What a process meets in which a service of an account is away."""
    for _ in range(times):
        breaker.of(number, "bedrock").failed(Unavailable("AWS could not be reached for bedrock ListGuardrails."))


def test_what_a_process_met_is_kept_once() -> None:
    away()
    assert service_health.note() == 1
    assert service_health.note() == 0
    row = ServiceHealth.objects.get()
    assert (row.account_number, row.service, row.state) == (PROD, "bedrock", "open")
    assert (row.calls, row.failures, row.throttled) == (5, 5, 0)
    assert row.error == "AWS could not be reached for bedrock ListGuardrails."


def test_processes_add_up_and_the_last_one_tells_the_state() -> None:
    away()
    service_health.note()
    opened = ServiceHealth.objects.get().since
    breaker.forget()  # another process begins with a closed breaker
    breaker.of(PROD, "bedrock").failed(Throttled("Rate exceeded"))
    breaker.of(PROD, "bedrock").succeeded()
    service_health.note()
    row = ServiceHealth.objects.get()
    assert (row.calls, row.failures, row.throttled, row.state) == (7, 6, 1, "closed")
    assert row.since > opened
    assert row.error == "Rate exceeded"


def test_every_job_keeps_what_it_met() -> None:
    away()
    close()
    assert ServiceHealth.objects.get().state == "open"


def test_a_test_of_the_connection_keeps_what_it_met(prod_account: AwsAccount, platform_person: User) -> None:
    accounts.test(account=prod_account, by=platform_person)
    kept = {row.service: row for row in ServiceHealth.objects.filter(account_number=PROD)}
    assert kept["bedrock"].state == "closed"
    assert kept["bedrock"].calls == 4
    assert kept["bedrock"].failures == 0


def test_the_pages_say_which_service_is_left_alone_since_when_and_why(
    prod_account: AwsAccount, platform_person: User, client: Client
) -> None:
    away()
    service_health.note()
    client.force_login(platform_person)
    listed = client.get(reverse("hub:account-list")).content.decode()
    assert "AWS fails in 1 account" in listed
    assert "left alone" in listed
    page = client.get(reverse("hub:account-detail", args=[prod_account.uid])).content.decode()
    assert "left alone" in page
    assert "AWS could not be reached for bedrock ListGuardrails." in page


def test_the_list_says_when_atrium_itself_cannot_assume_a_role(platform_person: User, client: Client) -> None:
    for _ in range(breaker.FAILURES):
        breaker.of("", "sts").failed(Unavailable("AWS could not be reached for sts AssumeRole."))
    service_health.note()
    client.force_login(platform_person)
    assert "Atrium cannot enter any account" in client.get(reverse("hub:account-list")).content.decode()


def test_a_sync_that_is_throttled_now_and_then_ends_well(prod_account: AwsAccount) -> None:
    fault("throttling", "bedrock:*", rate=0.2)
    catalogue.sync_account(prod_account)
    assert hits() > 5, "nothing was throttled"
    assert run(PROD).state == SyncRun.State.DONE
    assert {offer.region_availability for offer in ModelOffer.objects.all()} == {"AVAILABLE"}


def test_an_operation_that_is_denied_is_told_in_a_sentence_and_other_accounts_are_unaffected(
    connect: Callable[..., AwsAccount],
) -> None:
    denied, other = connect(PROD), connect(DEV)
    fault("access-denied", "bedrock:ListGuardrails")
    catalogue.sync_account(denied)
    catalogue.sync_account(other)
    assert hits() == 2
    assert run(PROD).state == SyncRun.State.PARTIAL
    sentence = "AWS refused bedrock ListGuardrails: User is not authorized to perform: bedrock:ListGuardrails"
    assert sentence in run(PROD).error
    assert ModelOffer.objects.filter(account=denied).exists()
    assert run(DEV).state == SyncRun.State.DONE
    denied.refresh_from_db()
    assert denied.state == AwsAccount.State.CONNECTED


def test_a_session_that_is_over_is_begun_anew_by_the_next_sync(prod_account: AwsAccount) -> None:
    fault("expired-token", "bedrock:*")
    catalogue.sync_account(prod_account)
    assert hits() > 0
    assert run(PROD).state == SyncRun.State.FAILED  # it could not read a single region
    sandbox.clear_faults()
    catalogue.sync_account(prod_account)
    assert run(PROD).state == SyncRun.State.DONE


def test_half_pages_lose_nothing_of_the_catalogue(prod_account: AwsAccount) -> None:
    fault("half-pages")
    catalogue.sync_account(prod_account)
    assert hits() > 0
    cut = ModelOffer.objects.count(), prod_account.found_regions.count()
    sandbox.clear_faults()
    assert sum(one.rows for one in catalogue.sync_account(prod_account)) == 0
    assert (ModelOffer.objects.count(), prod_account.found_regions.count()) == cut
