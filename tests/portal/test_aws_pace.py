"""Rates towards AWS hold for all processes together, and cost no call while the database is away."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest
from django.db import connection, connections, transaction

from portal.aws import bedrock, pace, session, shared_pace
from portal.aws.errors import Throttled
from portal.aws.session import AccountRef
from tests.hub.conftest import install_stack

pytestmark = pytest.mark.django_db

PROD, REGION = "447100000212", "eu-central-1"
PLACE = f"{PROD}/{REGION}/iam"
# What another process does: it takes tokens of the same place, and says how long it was told to wait for each.
TAKER = """
import sys, django; django.setup()
from django.db import connections
connections["default"].settings_dict["NAME"] = sys.argv[1]
from portal.aws import shared_pace
for _ in range(int(sys.argv[2])):
    print(shared_pace.reserve(sys.argv[3], per_second=0.001, burst=20, most_wait=1.0))
shared_pace.forget()
"""


@pytest.fixture(autouse=True)
def shared(settings: Any) -> Iterator[None]:
    settings.AWS_RATES_SHARED = True
    forget()
    yield
    forget()


def forget() -> None:
    """Empty the table: it stands outside of the test's transaction, as the buckets do."""
    outside("DELETE FROM portal_aws_bucket")
    shared_pace.forget()


def outside(statement: str) -> Any:
    """Run a statement outside of the test's transaction."""
    known = connections["default"].settings_dict
    where = {"dbname": known["NAME"], "user": known["USER"], "password": known["PASSWORD"], "host": known["HOST"]}
    with psycopg.connect(**where, port=known["PORT"]) as opened:
        done = opened.execute(statement)
        return done.fetchall() if done.description else None


def level(place: str) -> float:
    return dict(outside("SELECT place, level FROM portal_aws_bucket"))[place]


def slow(place: str = PLACE) -> float | None:
    """A token of a bucket that does not fill up within a test."""
    return shared_pace.reserve(place, per_second=0.001, burst=20, most_wait=1.0)


def other_process(tokens: int) -> list[float]:
    name = str(connections["default"].settings_dict["NAME"])
    command = [sys.executable, "-c", TAKER, name, str(tokens), PLACE]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return [float(line) for line in done.stdout.split()]


def test_two_processes_share_one_rate() -> None:
    assert [slow() for _ in range(12)] == [0.0] * 12
    theirs = other_process(12)
    assert theirs[:8] == [0.0] * 8
    assert all(wait > 1 for wait in theirs[8:]), "the other process found a bucket of its own"
    assert (slow() or 0) > 1


def test_threads_take_no_token_twice() -> None:
    with ThreadPoolExecutor(8) as pool:
        waits = list(pool.map(lambda _: slow(), range(40)))
    assert waits.count(0.0) == 20


def test_who_must_wait_is_told_how_long_and_too_many_are_refused() -> None:
    def reserve() -> float | None:
        return shared_pace.reserve(PLACE, per_second=10, burst=5, most_wait=0.5)

    assert [reserve() for _ in range(5)] == [0.0] * 5
    waits = [wait for _ in range(5) if (wait := reserve()) is not None]
    assert len(waits) == 5
    assert waits == sorted(waits)
    assert 0 < waits[0] <= 0.1
    assert 0 < waits[-1] <= 0.5
    owed = level(PLACE)
    for _ in range(20):
        reserve()
    assert level(PLACE) >= -5, "more than half a second is owed"
    assert owed < 0


def test_a_bucket_is_full_again_after_its_time_and_holds_no_more() -> None:
    for _ in range(15):
        slow()
    outside("UPDATE portal_aws_bucket SET filled_at = filled_at - interval '1 day'")
    slow()
    assert level(PLACE) == pytest.approx(19, abs=0.1)


def test_a_transaction_that_is_undone_gives_no_token_back() -> None:
    with transaction.atomic():
        slow()
        transaction.set_rollback(True)
    assert level(PLACE) == pytest.approx(19, abs=0.1)


def test_every_call_takes_a_token_of_its_place(sandbox_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(pace.RATES, "bedrock", pace.Rate(per_second=0.01, burst=100))
    account = AccountRef(PROD, f"arn:aws:iam::{PROD}:role/atrium-control", f"paced-of-{PROD}")
    install_stack(sandbox_url, account)
    assert bedrock.list_models(session.for_account(account, REGION))
    assert level(f"{PROD}/{REGION}/bedrock") == pytest.approx(99, abs=0.1)
    assert level(f"atrium/{REGION}/sts") > 0


def test_a_call_that_would_wait_for_long_is_refused_as_one_to_try_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(pace.RATES, "iam", pace.Rate(per_second=0.01, burst=1))
    pace.take(PROD, REGION, "iam")
    with pytest.raises(Throttled, match="Atrium itself calls AWS at most") as refused:
        pace.take(PROD, REGION, "iam")
    assert (refused.value.code, refused.value.retryable) == ("OwnPace", True)


def test_while_the_database_is_away_each_process_keeps_to_the_rate_by_itself(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with monkeypatch.context() as patch:
        patch.setitem(connections["default"].settings_dict, "PORT", "1")
        patch.setitem(pace.RATES, "iam", pace.Rate(per_second=0.01, burst=2))
        assert slow() is None
        for _ in range(2):
            pace.take(PROD, REGION, "iam")
        with pytest.raises(Throttled):
            pace.take(PROD, REGION, "iam")
    assert [record.message[:23] for record in caplog.records] == ["Rates towards AWS hold "], "asked again and again"


def test_a_connection_that_was_cut_is_opened_anew() -> None:
    slow()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE pid <> pg_backend_pid() AND datname = current_database() AND query LIKE '%portal_aws_bucket%'"
        )
        assert cursor.rowcount == 1
    assert slow() == 0.0
    assert level(PLACE) == pytest.approx(18, abs=0.1)
