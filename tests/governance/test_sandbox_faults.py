"""Platform → Sandbox faults: works for platform staff, does not exist for others, and touches the sandbox alone."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from governance.actions import sandbox_faults
from governance.models import AuditEvent, User
from governance.reports import audit_sentences
from governance.vocabulary import Verb
from portal.aws import sandbox
from portal.lib.errors import NotAllowed

pytestmark = pytest.mark.django_db

PROD = "447100000212"
GIVEN = {"kind": "throttling", "account": PROD, "operation": "bedrock:ListGuardrails", "percent": "30", "seed": "4"}


@pytest.fixture(autouse=True)
def no_faults_left(sandbox_url: str) -> Iterator[None]:
    yield
    sandbox.clear_faults()


@pytest.fixture
def page() -> str:
    return reverse("platform:sandbox-fault-list")


def test_platform_staff_set_a_fault_see_it_and_take_it_away(client: Client, platform_person: User, page: str) -> None:
    client.force_login(platform_person)
    assert "Nothing goes wrong on purpose" in client.get(page).content.decode()
    assert client.post(page, GIVEN).status_code == 302
    (fault,) = sandbox.faults().faults
    assert (fault.kind, fault.account, fault.operation, fault.rate) == ("throttling", PROD, GIVEN["operation"], 0.3)
    shown = client.get(page).content.decode()
    assert "1 fault set" in shown
    assert "bedrock:ListGuardrails" in shown
    assert "0 of 0 calls" in shown
    client.post(reverse("platform:sandbox-fault-clear", args=[fault.number]))
    assert sandbox.faults().faults == ()


def test_all_faults_are_taken_away_at_once(client: Client, platform_person: User, page: str) -> None:
    client.force_login(platform_person)
    for kind in ("slow", "timeout"):
        client.post(page, GIVEN | {"kind": kind, "seconds": "1.5"})
    assert [fault.seconds for fault in sandbox.faults().faults] == [1.5, 1.5]
    client.post(reverse("platform:sandbox-fault-clear-all"))
    assert sandbox.faults().faults == ()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"operation": "bedrock:Nothing"}, "AWS has no operation Nothing in bedrock."),
        ({"percent": "0"}, "This must be 1 or more."),
        ({"kind": "rain"}, "rain cannot be chosen here."),
        ({"kind": "timeout", "seconds": "500"}, "The seconds must be between 0 and 120."),
    ],
)
def test_a_fault_that_cannot_be_is_told_on_the_form(
    client: Client, platform_person: User, page: str, change: dict[str, str], sentence: str
) -> None:
    client.force_login(platform_person)
    answer = client.post(page, GIVEN | change)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert sandbox.faults().faults == ()
    assert not AuditEvent.objects.filter(verb=Verb.SANDBOX_FAULT_SET).exists()


def test_others_may_not_open_it_nor_reach_a_fault(client: Client, builder_retail: User, page: str) -> None:
    client.force_login(builder_retail)
    for answer in (
        client.get(page),
        client.post(page, GIVEN),
        client.post(reverse("platform:sandbox-fault-clear-all")),
    ):
        assert answer.status_code == 403
    assert client.post(reverse("platform:sandbox-fault-clear", args=[1])).status_code == 404
    assert sandbox.faults().faults == ()


def test_an_auditor_sees_and_changes_nothing(client: Client, auditor: User, page: str) -> None:
    client.force_login(auditor)
    assert "Set the fault" not in client.get(page).content.decode()
    assert client.post(page, GIVEN).status_code == 403
    with pytest.raises(NotAllowed):
        sandbox_faults.clear(by=auditor)
    assert sandbox.faults().faults == ()


@pytest.mark.parametrize("name", ["sandbox-fault-clear-all", "sandbox-fault-clear"])
def test_faults_are_taken_away_by_a_button_only(client: Client, platform_person: User, name: str) -> None:
    client.force_login(platform_person)
    address = reverse(f"platform:{name}", args=[1] if name == "sandbox-fault-clear" else [])
    assert client.get(address).status_code == 405


def test_a_fault_that_is_gone_is_told(client: Client, platform_person: User, page: str) -> None:
    client.force_login(platform_person)
    answer = client.post(reverse("platform:sandbox-fault-clear", args=[999]), follow=True)
    assert "That fault is not set." in answer.content.decode()


def test_a_sandbox_that_is_away_is_told_with_what_to_do(
    client: Client, platform_person: User, page: str, settings: object
) -> None:
    settings.AWS_ENDPOINT_URL = "http://127.0.0.1:9"  # type: ignore[attr-defined]
    client.force_login(platform_person)
    answer = client.get(page)
    assert answer.status_code == 503
    assert "The sandbox does not answer" in answer.content.decode()


def test_the_trail_keeps_who_set_what(platform_person: User) -> None:
    sandbox_faults.set_fault(
        account=PROD, operation="iam:*", kind="server-error", rate=0.5, seconds=None, seed=1, by=platform_person
    )
    sandbox_faults.clear(by=platform_person)
    said = [
        str(audit_sentences.of_event(event))
        for event in AuditEvent.objects.filter(verb__startswith="sandbox.").order_by("pk")
    ]
    assert said[0].endswith(f" set a fault of the sandbox: server error of iam:* in account {PROD}.")
    assert said[1].endswith(" took faults of the sandbox away.")
