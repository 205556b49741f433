"""The walk of docs/api.md, command by command: asked, decided, made true in AWS, called, measured, by tokens alone."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from finops.actions import cube, log_sync
from governance.actions import credentials
from governance.models import AuditEvent, User
from governance.vocabulary import Verb
from hub.models import AccountRegion, Grant, Price
from hub.price_list import BEGINNING
from hub.provisioning.reconciler import reconcile
from portal.aws import profiles
from portal.aws.session import for_account
from portal.jobs.models import Job
from portal.jobs.registry import find
from tests.api.curl import Shell, sections
from tests.cast import Cast
from tests.e2e.workload import USD_PER_MILLION, Workload
from tests.e2e.workload import cost as cost_of
from tests.hub.access_world import MODEL, REGION, ROLE, World, make_world
from tests.hub.conftest import an_account, install_stack

WALK = sections(Path(__file__).resolve().parents[2] / "docs" / "api.md")


@pytest.fixture
def estate(cast: Cast, sandbox_url: str) -> Iterator[World]:
    """An account that trusts Atrium, a model that is cleared and priced; nothing of a grant stays in it."""
    account = an_account()
    install_stack(sandbox_url, account)
    for counted, rate in USD_PER_MILLION.items():
        token_class = counted.removesuffix("TokenCount")
        price = {"token_class": token_class, "usd_per_million": rate, "since": BEGINNING, "source": "test"}
        Price.objects.create(model_id=MODEL, **price)
    yield make_world(cast, account)
    Grant.objects.exclude(state__in=Grant.ENDED).update(wanted="nothing")
    for grant in Grant.objects.all():
        reconcile(grant.pk)


def token(person: User, *scopes: str) -> str:
    return credentials.make_token(name="walk", scopes=scopes, days=1, by=person)[1]


@pytest.fixture
def shell(estate: World) -> Shell:
    """A shell with the variables that the page asks for."""
    cast = estate.cast
    reads = ("models:read", "use_cases:read", "access:read", "access:write", "grants:read", "usage:read")
    return Shell(
        ATRIUM="http://testserver/api/v1",
        ROLE_ARN=estate.role_arn,
        BUILDER=token(cast.builder_retail, *reads),
        OWNER=token(cast.owner_retail, "approvals:read", "approvals:decide", "grants:read", "grants:write"),
        SECURITY=token(cast.security, "approvals:read", "approvals:decide"),
    )


def work() -> None:
    """Do what the workers of finops do with what waits for them."""
    for job in Job.objects.filter(state=Job.State.PENDING, name__startswith="finops.").order_by("pk"):
        find(job.name).handler(job.argument)
    log_sync.sync_logs(AccountRegion.objects.get(region=REGION))
    cube.build_marked()


def test_the_walk_of_the_page_leads_from_a_token_to_usage(estate: World, shell: Shell, sandbox_url: str) -> None:
    said = {heading: [shell.run(one) for one in WALK[heading]] for heading in ("Find what to ask for", "Ask")}
    assert shell.variables["MODEL"] == str(estate.model.uid)
    assert said["Ask"][3].endswith("a month")
    headline, *states = [shell.run(one) for one in WALK["Decide"]]
    assert (headline, states) == ("Claude Haiku 4.5 for Call summary", ["in_review", "approved"])

    grant = Grant.objects.get()
    reconcile(grant.pk)
    grant.refresh_from_db()
    _uid, state, code = [shell.run(one) for one in WALK["Call it"]]
    assert (state, shell.files["call.py"]) == ("active", code)
    workload = Workload(sandbox_url, estate.account.number, REGION, ROLE, estate.account.external_id)
    assert workload.run(code).strip()

    work()
    method, requests, cost = [shell.run(one) for one in WALK["See what it used"]]
    logged = workload.logged(grant.profile_arn)
    assert len(logged) >= 2  # the workload's call, and the probe that had to work
    refused = shell.run(WALK["See what it used"][1].replace(".requests", ".errors"))
    answered = int(requests) - int(refused)
    assert (method, answered, Decimal(cost)) == ("profile", len(logged), cost_of(logged))

    assert shell.run(WALK["Stop it"][0]) == "nothing"
    reconcile(grant.pk)
    grant.refresh_from_db()
    session = for_account(estate.account.ref, REGION)
    assert (grant.state, profiles.find(session, grant.slug)) == ("revoked", None)
    assert AuditEvent.objects.filter(verb=Verb.GRANT_ACTIVATED, subject_uid=str(grant.uid)).count() == 1


def test_no_command_of_the_page_is_left_out() -> None:
    ran = {"Find what to ask for", "Ask", "Decide", "Call it", "See what it used", "Stop it"}
    assert set(WALK) == ran
    assert sum(len(commands) for commands in WALK.values()) == 17
