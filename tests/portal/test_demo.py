"""The demo company: told by real actions, its logs read by the real ingest, and the same however often it is loaded."""

import gzip
import json
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import boto3
import pytest
from django.apps import apps
from django.conf import settings
from django.test import Client
from django.urls import reverse

from finops.models import BadLine, LogObject, SpendDay
from governance.actions import people, tenants, use_cases
from governance.models import ApprovalStep, AuditEvent, Tenant, User
from hub.models import AwsAccount, Grant
from portal.demo import history
from portal.demo.company import PASSWORD
from portal.jobs import worker
from portal.jobs.models import Job
from portal.lib.numbers import usd
from portal.local.ground import ROOT
from portal.local.part import python
from portal.local.stack import Stack
from portal.management.commands.demo import first_loaded
from tests.conftest import own_database
from tests.faults.harness import machine

# One company for all of them, so one process.
pytestmark = pytest.mark.xdist_group("demo")

RECORDS, DAYS = 1_500, 5
CASE = "Branch assistant"
# Claude Haiku 4.5 through a profile of the EU, as AWS lists it: USD per million tokens.
INPUT, OUTPUT, CACHE_READ, CACHE_WRITE = Decimal("1.10"), Decimal("5.50"), Decimal("0.11"), Decimal("1.375")


def manage(stack: Stack, *command: str) -> str:
    """What `manage.py` says; its own words if it fails."""
    done = subprocess.run(
        python("manage.py", *command), cwd=ROOT, env=stack.environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def load(stack: Stack) -> str:
    said = manage(stack, "demo", "--wishes", "6")
    return said + manage(stack, "demo", "--history", "--days", str(DAYS), "--records", str(RECORDS))


def work_off() -> None:
    """Run the jobs of finops that wait, as a worker does."""
    while job := Job.objects.filter(state=Job.State.PENDING, name__startswith="finops.").order_by("pk").first():
        worker.work(job.pk)
        job.refresh_from_db()
        assert job.state == Job.State.DONE, job.error


@pytest.fixture(scope="module")
def company(test_process: str, django_db_blocker: Any) -> Iterator[Stack]:
    """The company with six of its access requests and five days of logs, read and priced."""
    with django_db_blocker.unblock(), own_database(test_process) as database, pytest.MonkeyPatch.context() as patch:
        given = {name: value for name, value in database.environ.items() if not name.startswith("AWS_")}
        with machine(replace(database, environ=given), ("sandbox",)) as stack:
            for name, value in stack.environ.items():
                if name.startswith("AWS_"):
                    patch.setenv(name, value)
            patch.setattr(settings, "AWS_ENDPOINT_URL", stack.environ["AWS_ENDPOINT_URL"])
            patch.setattr(settings, "SANDBOX", True)
            load(stack)
            work_off()
            yield stack


def of(email: str) -> Client:
    """The browser of somebody who is signed in."""
    client = Client()
    client.force_login(User.objects.get(email=email))
    return client


def objects(stack: Stack) -> dict[str, bytes]:
    """Every object in the buckets that Bedrock logs to, by its key."""
    found = {}
    for account in AwsAccount.objects.all():
        keys = {"aws_access_key_id": f"AKIASANDBOXWORK{account.number[-5:]}", "aws_secret_access_key": "sandbox"}
        s3 = boto3.client("s3", "eu-central-1", endpoint_url=stack.environ["AWS_ENDPOINT_URL"], **keys)
        for place in account.found_regions.exclude(logging_bucket=""):
            pages = s3.get_paginator("list_objects_v2").paginate(Bucket=place.logging_bucket)
            for key in [one["Key"] for page in pages for one in page.get("Contents", ())]:
                found[f"{place.logging_bucket}/{key}"] = s3.get_object(Bucket=place.logging_bucket, Key=key)[
                    "Body"
                ].read()
    return found


def records(stack: Stack) -> Iterator[dict[str, Any]]:
    """Every record in the logs, read without anything of Atrium."""
    for key, content in objects(stack).items():
        if key.endswith(".json.gz"):
            for line in gzip.decompress(content).splitlines():
                try:
                    yield json.loads(line)
                except json.JSONDecodeError:
                    assert b"}" not in line, "a line that is broken in another way than the demo breaks one"


def list_price(record: dict[str, Any]) -> Decimal:
    """nano-USD of one call."""
    entered, output = record["input"], record.get("output", {})
    dollars_by_million = (
        entered.get("inputTokenCount", 0) * INPUT
        + entered.get("cacheReadInputTokenCount", 0) * CACHE_READ
        + entered.get("cacheWriteInputTokenCount", 0) * CACHE_WRITE
        + output.get("outputTokenCount", 0) * OUTPUT
    )
    return dollars_by_million * 1_000


def counts() -> dict[str, int]:
    """How many rows every table has."""
    return {model._meta.label: model._default_manager.count() for model in apps.get_models() if model._meta.managed}


def months_of(days: set[date]) -> list[str]:
    return sorted({f"{day:%Y-%m}" for day in days})


def test_the_spend_of_a_use_case_is_what_its_records_cost_at_list_price(company: Stack) -> None:
    grant = Grant.objects.get(use_case__name=CASE)
    calls = [record for record in records(company) if record["modelId"] == grant.profile_arn]
    expected = sum(map(list_price, calls))
    assert len(calls) > 100
    finops = of("finops@meridian.example")
    shown = 0
    for month in months_of(set(SpendDay.objects.values_list("day", flat=True))):
        page = finops.get(reverse("costs:rows"), {"use_case": str(grant.use_case.uid), "month": month})
        shown += page.context["total"]
        assert usd(page.context["total"]) in page.content.decode()
    # Each hour of each kind of call is rounded once to a whole nano-USD.
    assert abs(shown - expected) <= len(calls) / 2
    by_profile = SpendDay.objects.filter(use_case=grant.use_case, method="profile")
    assert sum(by_profile.values_list("requests", flat=True)) == len(calls)


def test_every_record_is_counted_and_the_torn_line_is_kept_by_reference(company: Stack) -> None:
    found = list(records(company))
    assert abs(len(found) - RECORDS) < RECORDS / 5
    assert sum(SpendDay.objects.values_list("requests", flat=True)) == len(found)
    assert set(LogObject.objects.values_list("state", flat=True)) == {"loaded"}
    assert [line.reason for line in BadLine.objects.all()] == ["Input data was truncated"]


def test_loading_it_again_changes_nothing(company: Stack) -> None:
    before, logs, events = counts(), objects(company), AuditEvent.objects.count()
    assert "The invocation logs are there." in load(company)
    assert counts() == before
    assert AuditEvent.objects.count() == events > 100
    assert objects(company) == logs


def test_whoever_decided_took_hours_over_it(company: Stack) -> None:
    took = [step.decided_at - step.opened_at for step in ApprovalStep.objects.exclude(decided_at=None)]
    assert len(took) > 40
    assert min(took) >= timedelta(minutes=20)
    assert max(took) <= timedelta(days=3)


def test_everybody_sees_a_home_page_and_every_place_of_their_rail(company: Stack) -> None:
    for user in User.objects.all():
        client = of(user.email)
        home = client.get(reverse("home"))
        assert home.status_code == 200, user.email
        places = [place.url for place in home.context["places"]()]
        assert len(places) >= 4
        assert {url: client.get(url).status_code for url in places} == dict.fromkeys(places, 200), user.email


def test_its_people_sign_in_with_its_password_while_the_sandbox_is_the_aws_in_use(
    company: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = {"login": "executive@meridian.example", "password": PASSWORD}
    client = Client()
    page = client.get(reverse("account_login")).content.decode()
    assert "executive@meridian.example" in page
    assert PASSWORD in page
    assert client.post(reverse("account_login"), typed).status_code == 302
    assert client.get(reverse("home")).status_code == 200

    monkeypatch.setattr(settings, "SANDBOX", False)
    assert client.get(reverse("home")).status_code == 302, "a session of the sandbox opens nothing on real AWS"
    refused = Client().post(reverse("account_login"), typed)
    assert "works on the sandbox account only" in refused.content.decode()
    page = Client().get(reverse("account_login")).content.decode()
    assert "executive@meridian.example" not in page
    assert PASSWORD not in page


def test_what_people_change_stays_when_it_is_loaded_again(company: Stack) -> None:
    platform, finops = (User.objects.get(email=f"{who}@meridian.example") for who in ("platform", "finops"))
    workloads = len(history.sources(first_loaded()))
    tenants.change(Tenant.objects.get(name="Retail banking"), name="Retail", by=platform)
    grant = Grant.objects.select_related("use_case__owner").get(use_case__name=CASE)
    use_cases.change(grant.use_case, name="Branch helper", by=grant.use_case.owner)
    people.take_role(finops.memberships.get(), by=platform)
    invited = people.invite(email="ivy@retail.example", name="Ivy", by=platform)
    before = counts()

    load(company)

    assert counts() == before
    assert len(history.sources(first_loaded())) == workloads
    assert not User.objects.get(pk=invited.pk).has_usable_password()
