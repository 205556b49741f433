"""Every call of portal.aws is paced, retried, cut off when a service fails for long, and made with the right key."""

import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from portal.aws import bedrock, breaker, iam, pace, sandbox, session
from portal.aws.errors import AccessDenied, AwsError, NotFound, Throttled, Unauthenticated, Unavailable
from portal.aws.session import AccountRef
from tests.hub.conftest import install_stack

PROD, DEV, REGION = "447100000212", "447100000339", "eu-central-1"


def an_account(number: str, sandbox_url: str) -> AccountRef:
    account = AccountRef(number, f"arn:aws:iam::{number}:role/atrium-control", f"safety-of-{number}")
    install_stack(sandbox_url, account)
    session.forget(account)
    return account


@pytest.fixture
def prod(sandbox_url: str) -> Iterator[AccountRef]:
    yield an_account(PROD, sandbox_url)
    sandbox.clear_faults()


@pytest.fixture
def dev(sandbox_url: str) -> AccountRef:
    return an_account(DEV, sandbox_url)


@pytest.fixture
def short_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """A breaker that rests for a moment."""
    monkeypatch.setattr(breaker, "REST", timedelta(seconds=0.2))


@pytest.fixture
def one_attempt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients that try once, so that many failures take little time; made anew for these tests alone."""
    config = session.CONFIG.merge(session.Config(retries={"mode": "standard", "total_max_attempts": 1}, read_timeout=1))
    monkeypatch.setattr(session, "CONFIG", config)
    monkeypatch.setattr(session, "_sessions", type(session._sessions)())


def denied(number: int) -> int:
    """How often a fault struck."""
    return next(fault.hits for fault in sandbox.faults().faults if fault.number == number)


def fails(account: AccountRef, times: int) -> None:
    for _ in range(times):
        with pytest.raises(AwsError):
            bedrock.list_models(session.for_account(account, REGION))


def breaking(kind: str = "server-error", operation: str = "bedrock:ListFoundationModels") -> int:
    return sandbox.set_fault(account=PROD, operation=operation, kind=kind, rate=1, seed=1).number


class TestTheBreaker:
    @pytest.mark.parametrize("kind", ["server-error", "throttling"])
    def test_opens_after_failures_in_a_row_and_asks_aws_no_more(
        self, prod: AccountRef, one_attempt: None, kind: str
    ) -> None:
        number = breaking(kind)
        fails(prod, breaker.FAILURES)
        assert denied(number) == breaker.FAILURES
        with pytest.raises(
            Unavailable, match=f"AWS bedrock in account {PROD}, {REGION}, failed 5 times in a row"
        ) as refused:
            bedrock.list_models(session.for_account(prod, REGION))
        assert refused.value.retryable
        assert refused.value.code == "CircuitOpen"
        assert denied(number) == breaker.FAILURES, "AWS was asked while the breaker was open"

    def test_other_accounts_regions_and_services_go_on(
        self, prod: AccountRef, dev: AccountRef, one_attempt: None
    ) -> None:
        breaking()
        fails(prod, breaker.FAILURES)
        assert breaker.of(PROD, REGION, "bedrock").state == breaker.State.OPEN
        assert bedrock.list_models(session.for_account(dev, REGION))
        breaker.of(PROD, "eu-west-1", "bedrock").admit()
        role = f"arn:aws:iam::{PROD}:role/retail-assistant"
        assert iam.get_role(session.for_account(prod, REGION), role) is not None

    def test_lets_one_call_try_and_closes_when_it_works(
        self, prod: AccountRef, one_attempt: None, short_rest: None
    ) -> None:
        breaking()
        fails(prod, breaker.FAILURES)
        sandbox.clear_faults()
        time.sleep(0.25)
        assert bedrock.list_models(session.for_account(prod, REGION))
        assert breaker.of(PROD, REGION, "bedrock").state == breaker.State.CLOSED

    def test_stays_open_when_the_try_fails(self, prod: AccountRef, one_attempt: None, short_rest: None) -> None:
        number = breaking()
        fails(prod, breaker.FAILURES)
        time.sleep(0.25)
        fails(prod, 2)
        assert denied(number) == breaker.FAILURES + 1, "more than one call was let through"

    def test_takes_a_refusal_for_an_answer(self, prod: AccountRef, one_attempt: None) -> None:
        breaking("access-denied")
        for _ in range(breaker.FAILURES + 1):
            with pytest.raises(AccessDenied):
                bedrock.list_models(session.for_account(prod, REGION))
        assert breaker.of(PROD, REGION, "bedrock").state == breaker.State.CLOSED

    def test_counts_only_what_comes_in_a_row(self, prod: AccountRef, one_attempt: None) -> None:
        for _ in range(2):
            breaking()
            fails(prod, breaker.FAILURES - 1)
            sandbox.clear_faults()
            assert bedrock.list_models(session.for_account(prod, REGION))
        assert breaker.of(PROD, REGION, "bedrock").state == breaker.State.CLOSED

    def test_lets_one_of_many_threads_try(self) -> None:
        one = breaker.Breaker(PROD, REGION, "bedrock")
        for _ in range(breaker.FAILURES):
            one.failed(Unavailable("Away."), one.admit())
        one._free_at = 0.0
        tried = one.admit()
        with pytest.raises(Unavailable):
            one.admit()
        one.given_up(tried)
        one.admit()

    def test_a_call_let_through_before_it_opened_does_not_close_it(self) -> None:
        one = breaker.Breaker(PROD, REGION, "bedrock")
        slow = one.admit()
        for _ in range(breaker.FAILURES):
            one.failed(Unavailable("Away."), one.admit())
        one.succeeded(slow)
        assert one.state == breaker.State.OPEN
        with pytest.raises(Unavailable):
            one.admit()

    def test_only_the_call_that_tries_decides(self) -> None:
        one = breaker.Breaker(PROD, REGION, "bedrock")
        slow = one.admit()
        for _ in range(breaker.FAILURES):
            one.failed(Unavailable("Away."), one.admit())
        one._free_at = 0.0
        tried = one.admit()
        one.failed(Unavailable("Away."), slow)
        one.given_up(slow)
        one.succeeded(slow)
        assert one.state == breaker.State.PROBING
        one.succeeded(tried)
        assert one.state == breaker.State.CLOSED
        told = one.news()
        assert told is not None
        assert (told.calls, told.failures) == (8, 6)

    def test_tells_once_what_came_of_the_calls(self, prod: AccountRef, one_attempt: None) -> None:
        breaking("throttling")
        fails(prod, breaker.FAILURES)
        (told,) = [one for one in breaker.readings() if one.service == "bedrock"]
        assert (told.account, told.state, told.calls, told.failures, told.throttled) == (PROD, "open", 5, 5, 5)
        assert told.error == "AWS refused bedrock ListFoundationModels: Rate exceeded"
        (again,) = [one for one in breaker.readings() if one.service == "bedrock"]
        assert (again.state, again.calls, again.failures) == ("open", 0, 0)


class TestTheRetries:
    def test_throttling_now_and_then_is_not_noticed(self, prod: AccountRef) -> None:
        number = sandbox.set_fault(
            account=PROD, operation="bedrock:ListFoundationModels", kind="throttling", rate=0.4, seed=3
        ).number
        for _ in range(4):
            assert bedrock.list_models(session.for_account(prod, REGION))
        assert denied(number) > 0
        assert breaker.of(PROD, REGION, "bedrock").state == breaker.State.CLOSED

    def test_a_token_that_is_over_is_replaced_at_the_next_call(self, prod: AccountRef) -> None:
        number = breaking("expired-token")
        first = session.for_account(prod, REGION)
        with pytest.raises(Unauthenticated):
            bedrock.list_models(first)
        assert denied(number) == 1
        sandbox.clear_faults()
        again = session.for_account(prod, REGION)
        assert again.access_key != first.access_key
        assert bedrock.list_models(again)

    def test_half_pages_hide_no_version_of_a_policy(self, prod: AccountRef) -> None:
        """IAM keeps five versions: who sees half of them deletes none and is refused."""
        opened = session.for_account(prod, REGION)
        document = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]}
        arn = iam.create_policy(opened, name="atrium-paged", document=document, tags={})
        number = breaking("half-pages", "iam:ListPolicyVersions")
        for turn in range(7):
            document["Statement"][0]["Sid"] = f"turn{turn}"  # type: ignore[index]
            iam.put_policy(opened, arn, document)
        assert denied(number) > 0
        found = iam.get_policy(opened, "atrium-paged")
        assert found is not None
        assert found.document["Statement"][0]["Sid"] == "turn6"
        iam.delete_policy(opened, found)
        assert iam.get_policy(opened, "atrium-paged") is None


class TestThePace:
    def test_a_bucket_lets_a_burst_through_and_then_its_rate(self) -> None:
        one = pace.Bucket(pace.Rate(per_second=10, burst=5))
        assert [one.reserve() for _ in range(5)] == [0.0] * 5
        waits = [one.reserve() for _ in range(5)]
        assert all(0 < wait <= 0.1 * (number + 1) for number, wait in enumerate(waits))
        assert waits == sorted(waits)

    def test_nobody_waits_for_long_inside_a_job(self) -> None:
        one = pace.Bucket(pace.Rate(per_second=1, burst=1))
        for _ in range(11):
            one.reserve()
        with pytest.raises(Throttled, match="Atrium itself calls AWS at most 1 times a second") as refused:
            one.reserve()
        assert refused.value.retryable

    def test_each_account_region_and_service_has_its_own(self) -> None:
        assert pace.bucket(PROD, REGION, "iam") is pace.bucket(PROD, REGION, "iam")
        assert len({id(pace.bucket(*place)) for place in ((PROD, REGION, "iam"), (DEV, REGION, "iam"),
                    (PROD, "eu-west-1", "iam"), (PROD, REGION, "s3"))}) == 4  # fmt: skip

    def test_every_attempt_takes_a_token(self, prod: AccountRef, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(pace.RATES, "bedrock", pace.Rate(per_second=0.01, burst=100))
        breaking()
        opened = session.for_account(prod, REGION)
        with pytest.raises(Unavailable):
            bedrock.list_models(opened)
        one = pace.bucket(PROD, REGION, "bedrock")
        assert one.rate.burst - one._tokens > 3.5
        assert denied(sandbox.faults().faults[0].number) == 4


class TestTheClients:
    def test_one_session_serves_a_role_in_a_region(self, prod: AccountRef) -> None:
        first = session.for_account(prod, REGION)
        assert session.for_account(prod, REGION) is first
        assert session.for_account(prod, "eu-west-1") is not first

    def test_another_role_account_or_region_has_clients_of_its_own(self, prod: AccountRef, dev: AccountRef) -> None:
        opened = [session.for_account(prod, REGION), session.for_account(dev, REGION),
                  session.for_account(prod, "eu-west-1")]  # fmt: skip
        assert len({id(one.client("bedrock")) for one in opened}) == 3
        assert len({one.access_key for one in opened}) == 2

    def test_a_service_with_one_endpoint_is_paced_there(self, prod: AccountRef) -> None:
        from portal.aws import budgets

        opened = session.for_account(prod, REGION)
        assert budgets.get(opened, "atrium-no-such-budget") is None
        assert opened.client("budgets", "us-east-1").meta.region_name == "us-east-1"
        assert (PROD, "us-east-1", "budgets") in pace._buckets

    def test_what_is_missing_stays_missing(self, prod: AccountRef) -> None:
        with pytest.raises(NotFound):
            bedrock.guardrail_content(session.for_account(prod, REGION), "none", "1")
