"""The audit trail: append-only, sealed in commit order, failing closed, and read as sentences."""

import ast
import time
from collections.abc import Iterator
from functools import cache
from io import StringIO
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from governance import audit, proving, sealing
from governance.actions import tenants
from governance.anchoring import NO_BUCKET
from governance.models import AuditEvent, AuditSeal, Tenant
from governance.reports import audit_sentences, audit_trail
from governance.vocabulary import Verb
from tests.cast import Cast, make_cast

ROOT = Path(__file__).resolve().parents[2]
TABLES = ["governance_auditevent", "governance_auditseal", "governance_auditanchor"]


@pytest.fixture
def owner(committed_database: Any) -> Iterator[psycopg.Connection]:
    """The database as its owner: what an attacker with the migration role could do."""
    with psycopg.connect(committed_database.environ["DATABASE_OWNER_URL"], autocommit=True) as connected:
        yield connected


@pytest.fixture
def committed_cast(committed_database: Any) -> Cast:
    return make_cast()


def record(tenant: Tenant, verb: Verb = Verb.TENANT_CHANGED, **details: Any) -> AuditEvent:
    with transaction.atomic():
        return audit.record(verb, tenant, by=None, tenant=tenant, **details)


def seal_all() -> None:
    """Seal until nothing is left. A running transaction of another test on this server may hold the sealer back."""
    deadline = time.monotonic() + 60
    while AuditSeal.objects.count() < AuditEvent.objects.count():
        assert time.monotonic() < deadline, "the sealer does not advance"
        if not sealing.seal():
            time.sleep(0.05)


def disarm(owner: psycopg.Connection, table: str) -> None:
    owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {}"])
def test_the_application_can_neither_change_nor_remove_nor_empty(db: None, table: str, statement: str) -> None:
    statement = statement.replace("id = id", "hash = hash") if table != "governance_auditevent" else statement
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table))


@pytest.mark.parametrize("statement", ["UPDATE {} SET verb = verb", "DELETE FROM {}", "TRUNCATE {}"])
def test_even_the_owner_meets_a_trigger(committed_cast: Cast, owner: psycopg.Connection, statement: str) -> None:
    with pytest.raises(psycopg.errors.RaiseException):
        owner.execute(statement.format("governance_auditevent"))


def test_an_event_outside_a_transaction_is_refused(committed_cast: Cast) -> None:
    with pytest.raises(RuntimeError, match="in the transaction of its change"):
        audit.record(Verb.TENANT_CHANGED, committed_cast.retail, by=None)


def test_a_change_whose_event_cannot_be_written_does_not_happen(
    committed_cast: Cast, owner: psycopg.Connection
) -> None:
    owner.execute("REVOKE INSERT ON governance_auditevent FROM atrium")
    with pytest.raises(DatabaseError, match="permission denied"):
        tenants.change(committed_cast.retail, cost_centre="CC-9999", by=committed_cast.platform_person)
    assert Tenant.objects.get(pk=committed_cast.retail.pk).cost_centre == "CC-1000"


def test_the_chain_holds_over_what_was_written(committed_cast: Cast) -> None:
    for number in range(5):
        record(committed_cast.retail, number=number)
    seal_all()
    record(committed_cast.retail, tail=True)
    proof = proving.verify()
    assert (proof.holds, proof.sealed, proof.unsealed) == (True, AuditSeal.objects.count(), 1)
    assert proof.oldest_unsealed is not None
    assert proof.warnings == [NO_BUCKET]


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE governance_auditevent SET actor_name = 'Somebody else' WHERE id = {id}",
        "UPDATE governance_auditevent SET details = '{{\"number\": 99}}' WHERE id = {id}",
        "UPDATE governance_auditevent SET happened_at = happened_at - interval '1 second' WHERE id = {id}",
        "DELETE FROM governance_auditevent WHERE id = {id}",
        "DELETE FROM governance_auditseal WHERE event_id = {id}",
    ],
)
def test_tampering_by_the_owner_is_found(committed_cast: Cast, owner: psycopg.Connection, tampering: str) -> None:
    touched = [record(committed_cast.retail, number=number) for number in range(3)][1]
    seal_all()
    for table in TABLES[:2]:
        disarm(owner, table)
    owner.execute(tampering.format(id=touched.pk))

    proof = proving.verify()

    assert not proof.holds
    with pytest.raises(CommandError, match="broken"):
        call_command("verify_audit", stdout=StringIO())


def test_an_event_that_was_slipped_in_before_the_head_is_found(committed_cast: Cast) -> None:
    """The application may add events, so who broke into it could add one with a transaction of long ago."""
    record(committed_cast.retail)
    seal_all()
    head = AuditSeal.objects.latest("sequence")
    forged = AuditEvent(
        verb=Verb.TENANT_CHANGED, actor_name="Somebody", subject_kind="x", subject_uid="x", subject_name="x",
        transaction_id=AuditEvent.objects.get(pk=head.event_id).transaction_id - 1,
    )  # fmt: skip
    forged.save()
    assert sealing.seal() == 0
    assert "was slipped in" in proving.verify().broken


def test_the_sealer_waits_for_a_transaction_that_could_still_come_first(
    committed_cast: Cast, committed_database: Any
) -> None:
    seal_all()
    with psycopg.connect(committed_database.environ["DATABASE_URL"]) as slow:
        slow.execute("SELECT pg_current_xact_id()")
        record(committed_cast.retail, came="later")
        assert sealing.seal() == 0
        slow.rollback()
    seal_all()
    assert proving.verify().holds


def test_the_chain_follows_transactions_and_not_ids(committed_cast: Cast, committed_database: Any) -> None:
    """The slow transaction took its place first, and wrote its event last."""
    seal_all()
    with psycopg.connect(committed_database.environ["DATABASE_URL"]) as slow:
        slow.execute("SELECT pg_current_xact_id()")
        quick = record(committed_cast.retail)
        slow.execute(
            "INSERT INTO governance_auditevent (uid, verb, happened_at, recorded_at, actor_name, subject_kind, "
            "subject_uid, subject_name, details, request_id, demo) "
            "VALUES (gen_random_uuid(), 'tenant.changed', now(), now(), 'Slow', 'x', 'x', 'x', '{}', '', false)"
        )
    seal_all()
    last_two = list(AuditSeal.objects.order_by("sequence").values_list("event_id", flat=True))[-2:]
    assert last_two == [AuditEvent.objects.get(actor_name="Slow").pk, quick.pk]


def test_verify_audit_says_how_far_it_reaches(committed_cast: Cast) -> None:
    seal_all()
    out = StringIO()
    call_command("verify_audit", stdout=out)
    assert f"{AuditSeal.objects.count()} links hold" in out.getvalue()
    assert "Not anchored outside the database. No bucket is set" in out.getvalue()
    assert "The audit chain holds." in out.getvalue()


def test_a_role_that_could_change_the_trail_is_warned_about(committed_cast: Cast, owner: psycopg.Connection) -> None:
    owner.execute("GRANT UPDATE ON governance_auditevent TO atrium")
    assert any("governance_auditevent" in warning for warning in proving.verify().warnings)


@cache
def emitted_verbs() -> set[str]:
    """Names of verbs that the code mentions outside the vocabulary and the sentences."""
    found: set[str] = set()
    for app in ("governance", "hub", "finops"):
        for path in (ROOT / app).rglob("*.py"):
            if path.name in {"vocabulary.py", "audit_sentences.py"} or "migrations" in path.parts:
                continue
            nodes = ast.walk(ast.parse(path.read_text()))
            found |= {
                node.attr
                for node in nodes
                if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Verb"
            }
    return found


@pytest.mark.parametrize("verb", list(Verb))
def test_each_verb_is_emitted_somewhere(verb: Verb) -> None:
    assert verb.name in emitted_verbs()


@pytest.mark.parametrize("verb", list(Verb))
def test_each_verb_reads_as_a_sentence(verb: Verb) -> None:
    event = AuditEvent(verb=verb, actor_name="Ana (ana@meridian.example)", subject_name="Call summary", details={})
    sentence = str(audit_sentences.of_event(event))
    assert sentence.endswith(".")
    assert str(verb.label).removesuffix(" as") in sentence


def test_a_change_says_what_became_of_what(cast: Cast) -> None:
    tenants.change(cast.retail, cost_centre="CC-2000", regions=["eu-west-1"], by=cast.platform_person)
    (line,) = audit_trail.lines(AuditEvent.objects.filter(verb=Verb.TENANT_CHANGED), cast.auditor)
    assert "cost centre from CC-1000 to CC-2000" in str(line.sentence)
    assert "regions from eu-central-1, eu-west-1 to eu-west-1" in str(line.sentence)
    assert (line.tenant, line.sealed) == ("Retail banking", False)


def test_the_pages_of_the_trail_hold_each_event_once_by_when_it_happened(cast: Cast) -> None:
    from datetime import timedelta

    from portal.lib import clock

    start = clock.now()
    for number in range(120):
        # Recorded in another order than they happened, as a demo's history is, some at the same moment.
        with clock.set_to(start - timedelta(hours=(number * 7) % 60)):
            record(cast.retail, number=number)
    events = AuditEvent.objects.filter(verb=Verb.TENANT_CHANGED)
    first = audit_trail.page(events, reader=cast.auditor)
    second = audit_trail.page(events, reader=cast.auditor, before=first.older)
    third = audit_trail.page(events, reader=cast.auditor, before=second.older)
    seen = [line.event for page in (first, second, third) for line in page.lines]
    assert [event.pk for event in seen] == [e.pk for e in events.order_by("-happened_at", "-pk")]
    assert (first.newer, third.older) == ("", "")
    back = audit_trail.page(events, reader=cast.auditor, after=third.newer)
    assert [line.event.pk for line in back.lines] == [line.event.pk for line in second.lines]


def test_the_trail_says_what_was_made_and_on_whose_word() -> None:
    def said(verb: Verb, **details: Any) -> str:
        event = AuditEvent(verb=verb, actor_name="Atrium", subject_name="Claude for Letters", details=details)
        return str(audit_sentences.of_event(event))

    made = said(Verb.GRANT_APPLIED, artefact="iam_policy", name="atrium-letters", how="created")
    assert made == "Atrium made the IAM policy atrium-letters in AWS for Claude for Letters."
    found = said(Verb.GRANT_APPLIED, artefact="role_trust", name="retail-callsummary", how="found")
    assert found == "Atrium found the role trust retail-callsummary in AWS for Claude for Letters."
    assert said(Verb.GRANT_REVOKING) == "Atrium began to revoke Claude for Letters."
    assert said(Verb.GRANT_REVOKING, again=True) == "Atrium went on to revoke Claude for Letters."
    asked = said(Verb.BUDGET_SET, usd="500", before_usd=None, asked_by="Ana", approved_by=["Ben", "Cy"])
    assert asked == "Atrium set Claude for Letters to $500.00 a month, as Ana asked and Ben and Cy approved."


def test_the_filter_offers_each_verb_once_in_its_area() -> None:
    groups = dict(audit_sentences.choices()[1:])
    offered = [choice for group in groups.values() for choice in group]
    assert sorted(value for value, _label in offered) == sorted(Verb.values)
    for group in groups.values():
        assert len({label for _value, label in group}) == len(group)


def test_the_trail_links_to_what_its_reader_may_see(cast: Cast) -> None:
    record(cast.retail)
    events = AuditEvent.objects.filter(verb=Verb.TENANT_CHANGED)
    assert audit_trail.lines(events, cast.auditor)[0].url.endswith(f"/tenants/{cast.retail.uid}/")
    assert audit_trail.lines(events, cast.builder_insurance)[0].url == ""
