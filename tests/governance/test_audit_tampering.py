"""A thousand ways of changing the trail as the owner of its tables, each found; and no false alarm under load."""

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.db import DatabaseError, OperationalError, connection, transaction
from psycopg.conninfo import conninfo_to_dict

from governance import anchoring, chain, proving, sealing
from governance.models import AuditAnchor, AuditEvent, AuditSeal, Tenant
from governance.vocabulary import Verb
from tests.cast import make_cast
from tests.governance.test_audit import TABLES, disarm, record, seal_all
from tests.portal.conftest import in_threads

TAMPERINGS = 1_000
SEED = 20261120
EVENTS = 30
WRITERS, TRANSACTIONS = 8, 40

TEXTS = ("verb", "actor_name", "subject_kind", "subject_uid", "subject_name", "request_id")
COLUMNS = {
    **{name: f"{name} || 'x'" for name in TEXTS},
    **{name: f"coalesce({name}, 0) + 1" for name in ("actor_id", "tenant_id", "transaction_id")},
    **{name: f"{name} + interval '1 microsecond'" for name in ("happened_at", "recorded_at")},
    "id": "id + 1000000",
    "uid": "gen_random_uuid()",
    "demo": "NOT demo",
    "details": """details || '{"number": -1}'""",
}


class _UndoneError(Exception):
    """Ends the block of one tampering, so that the next one meets the whole trail."""


@contextmanager
def undone() -> Iterator[None]:
    """A block whose writes nobody meets afterwards."""
    with suppress(_UndoneError), transaction.atomic():
        yield
        raise _UndoneError


@pytest.fixture
def held(committed_database: Any, sandbox_url: str, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A sealed trail whose head is anchored; from here on the tests are the owner of its tables, without triggers."""
    settings.AUDIT_BUCKET, settings.AUDIT_KEYS = f"atrium-audit/{uuid4().hex}", ["a key"]
    tenant = make_cast().retail
    for number in range(EVENTS):
        record(tenant, number=number, words="“” \\ \n", nested={"b": [1, None], "a": True})
    seal_all()
    assert anchoring.anchor() is not None
    found = anchoring.held()
    owner = conninfo_to_dict(committed_database.environ["DATABASE_OWNER_URL"])
    with psycopg.connect(committed_database.environ["DATABASE_OWNER_URL"], autocommit=True) as connected:
        for table in TABLES:
            disarm(connected, table)
    before = {name: connection.settings_dict[name] for name in ("USER", "PASSWORD")}
    connection.close()
    connection.settings_dict.update(USER=owner["user"], PASSWORD=owner["password"])
    yield found
    connection.close()
    connection.settings_dict.update(before)


def run(statement: str, *values: Any) -> None:
    """One statement that must change something: a tampering that does nothing proves nothing."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        assert cursor.rowcount > 0, statement


def event(pick: random.Random) -> AuditEvent:
    return pick.choice(list(AuditEvent.objects.order_by("pk")))


def update(pick: random.Random) -> None:
    name = pick.choice(list(COLUMNS))
    run(f"UPDATE governance_auditevent SET {name} = {COLUMNS[name]} WHERE id = %s", event(pick).pk)


def remove(pick: random.Random) -> None:
    run("DELETE FROM governance_auditevent WHERE id = %s", event(pick).pk)


def remove_link(pick: random.Random) -> None:
    run("DELETE FROM governance_auditseal WHERE sequence = %s", pick.randint(1, AuditSeal.objects.count()))


def swap(pick: random.Random) -> None:
    """Two events take each other's place, with everything that they say."""
    one, other = pick.sample(list(AuditEvent.objects.order_by("pk")), 2)
    for old, new in ((one.pk, -1), (other.pk, one.pk), (-1, other.pk)):
        run("UPDATE governance_auditevent SET id = %s WHERE id = %s", new, old)


def swap_links(pick: random.Random) -> None:
    one, other = pick.sample(range(1, AuditSeal.objects.count() + 1), 2)
    for old, new in ((one, -1), (other, one), (-1, other)):
        run("UPDATE governance_auditseal SET sequence = %s WHERE sequence = %s", new, old)


def insert(pick: random.Random) -> None:
    """An event of long ago, half the time with a link of its own in the middle of the chain."""
    old = event(pick)
    with_link = pick.random() < 0.5
    old.pk, old.uid, old.transaction_id = None, uuid4(), old.transaction_id - 1
    old.save(force_insert=True)
    if not with_link:
        return
    after = pick.randint(0, AuditSeal.objects.count() - 1)
    run("UPDATE governance_auditseal SET sequence = -sequence WHERE sequence > %s", after)
    run("UPDATE governance_auditseal SET sequence = 1 - sequence WHERE sequence < 0")
    AuditSeal.objects.create(sequence=after + 1, event_id=old.pk, hash="0" * 64)
    link_again()


def cut_the_end(pick: random.Random) -> None:
    """The last links with their events, and the table's own anchors."""
    kept = AuditSeal.objects.count() - pick.randint(1, EVENTS)
    gone = list(AuditSeal.objects.filter(sequence__gt=kept).values_list("event_id", flat=True))
    run("DELETE FROM governance_auditanchor")
    run("DELETE FROM governance_auditseal WHERE sequence > %s", kept)
    if pick.random() < 0.7:  # else the events stay, and would be sealed again
        run("DELETE FROM governance_auditevent WHERE id = ANY(%s)", gone)


def write_again(pick: random.Random) -> None:
    """Another past, sealed anew without a seam, the table's own anchors included."""
    update(pick)
    if pick.random() < 0.5:
        remove_both(pick)
    link_again()
    last = AuditSeal.objects.latest("sequence")
    run("UPDATE governance_auditanchor SET sequence = %s, hash = %s", last.sequence, last.hash)


def remove_both(pick: random.Random) -> None:
    gone = pick.randint(1, AuditSeal.objects.count() - 1)
    run("DELETE FROM governance_auditseal WHERE sequence = %s", gone)
    run("UPDATE governance_auditseal SET sequence = -sequence WHERE sequence > %s", gone - 1)
    run("UPDATE governance_auditseal SET sequence = -sequence - 1 WHERE sequence < 0")


def link_again() -> None:
    """What the sealer would have written over what stands there now."""
    previous, hashes = chain.GENESIS, []
    for link in list(chain.links()):
        if link.content is None:
            continue
        previous = chain.hash_of(previous, link.content)
        hashes.append((previous, link.sequence))
    with connection.cursor() as cursor:
        cursor.executemany("UPDATE governance_auditseal SET hash = %s WHERE sequence = %s", hashes)


KINDS: list[Callable[[random.Random], None]] = [
    update, update, update, remove, remove_link, swap, swap_links, insert, cut_the_end, write_again,
]  # fmt: skip


def test_a_thousand_tamperings_by_the_owner_are_all_found(held: anchoring.Held) -> None:
    pick, found, missed = random.Random(SEED), Counter[str](), []
    assert proving.prove(held).broken == ""
    for number in range(TAMPERINGS):
        kind = pick.choice(KINDS)
        with undone():
            kind(pick)
            broken = proving.prove(held).broken
        found[kind.__name__] += bool(broken)
        missed += [] if broken else [f"{number}: {kind.__name__}"]
    assert missed == []
    assert (sum(found.values()), set(found)) == (TAMPERINGS, {kind.__name__ for kind in KINDS})
    assert proving.prove(held).broken == ""


def test_each_column_of_an_event_is_covered(held: anchoring.Held) -> None:
    touched = AuditEvent.objects.latest("pk").pk
    assert set(COLUMNS) == set(chain.COLUMNS)
    for name, value in COLUMNS.items():
        with undone():
            run(f"UPDATE governance_auditevent SET {name} = {value} WHERE id = %s", touched)
            assert proving.prove(held).broken, name


def write(tenant: Tenant, ends: Counter[str], stop: threading.Event) -> None:
    """Transactions of one writer, some taken back, some with their connection killed in the middle."""
    pick = random.Random()
    for number in range(TRANSACTIONS):
        end = pick.choices(["kept", "undone", "killed"], [6, 2, 1])[0]
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT pg_current_xact_id()")  # its place in the order is taken, its event comes later
                stop.wait(pick.random() / 200)
                record(tenant, Verb.TENANT_CHANGED, number=number)
                if end == "killed":
                    cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
                if end == "undone":
                    raise _UndoneError
        except _UndoneError:
            pass
        except (OperationalError, DatabaseError):
            assert end == "killed"
            connection.close()
        ends[end] += 1


def test_eight_writers_and_killed_transactions_give_no_false_alarm(committed_database: Any) -> None:
    tenant = make_cast().retail
    before, ends, stop, broken = AuditEvent.objects.count(), Counter[str](), threading.Event(), []

    def watch() -> None:
        while not stop.is_set():
            sealing.seal()
            broken.append(proving.verify().broken)
        connection.close()

    watcher = threading.Thread(target=watch)
    watcher.start()
    with in_threads(WRITERS) as together:
        together(lambda: write(tenant, ends, stop))
    stop.set()
    watcher.join()
    seal_all()
    proof = proving.verify()
    assert min(ends["killed"], ends["undone"], len(broken)) > 0
    assert (set(broken), proof.broken) == ({""}, "")
    assert proof.sealed == AuditEvent.objects.count() == before + ends["kept"]
    assert not AuditAnchor.objects.exists()
