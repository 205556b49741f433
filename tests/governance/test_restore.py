"""A backup restored into another database cluster, with the programs that docs/operations.md names, and carried on."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.test import override_settings
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from governance import anchoring, recovering, sealing
from governance.models import AuditEvent, AuditSeal, Tenant
from portal.jobs.outbox import enqueue
from portal.local.clones import clone, rename
from portal.local.database import Database
from portal.local.stack import Stack
from tests.cast import make_cast
from tests.conftest import own_database
from tests.governance.test_audit import record, seal_all

pytestmark = pytest.mark.xdist_group("restore")
# A database of the new cluster in which nothing was done before, and one in which docs/roles.sql was run.
NEW, PREPARED = "new", "atrium"
Rows = dict[str, tuple[int, str]]


@dataclass(frozen=True)
class Drill:
    """A database and what became of its backup in another cluster, both as they were at the restore.

    original_url, restored_url: for the application; admin_url: of the new cluster; bucket: where both are anchored.
    """

    original_url: str
    restored_url: str
    admin_url: str
    bucket: str
    rows_before: Rows
    rows_after: Rows
    head: str


@pytest.fixture(scope="module")
def drill(test_process: str, sandbox_url: str, django_db_blocker: Any) -> Iterator[Drill]:
    """Write, seal, anchor, back up, lose everything, restore."""
    folder = Path(tempfile.mkdtemp(prefix="restored-", dir=os.environ["ATRIUM_TEST_FOLDER"]))
    bucket = f"atrium-audit/{uuid4().hex}"
    with (
        django_db_blocker.unblock(),
        own_database(test_process) as original,
        Stack(folder, ("database",), durable=False) as stack,
        override_settings(AUDIT_BUCKET=bucket),
    ):
        head = _write()
        part = stack.part("database")
        assert isinstance(part, Database)
        urls, owner_url = part.provides(), original.environ["DATABASE_OWNER_URL"]
        dump = folder / "atrium.dump"
        _run(part, "pg_dump", "--format=custom", f"--file={dump}", f"--dbname={owner_url}")
        admin_url = rename(urls["DATABASE_ADMIN_URL"], "postgres")
        with psycopg.connect(admin_url, autocommit=True) as admin:
            admin.execute(f"CREATE DATABASE {NEW} OWNER atrium_owner")
        for name in (NEW, PREPARED):
            into = f"--dbname={rename(urls['DATABASE_OWNER_URL'], name)}"
            _run(part, "pg_restore", "--exit-on-error", "--single-transaction", into, str(dump))
        yield Drill(
            original_url=original.environ["DATABASE_URL"],
            restored_url=urls["DATABASE_URL"],
            admin_url=admin_url,
            bucket=bucket,
            rows_before=_rows(owner_url),
            rows_after=_rows(rename(urls["DATABASE_OWNER_URL"], NEW)),
            head=head,
        )
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def restored(drill: Drill, settings: Any) -> Iterator[str]:
    """A copy of the restored database for one test, which Django works on as the application. Its name."""
    settings.AUDIT_BUCKET = drill.bucket
    name = f"restored_{uuid4().hex[:8]}"
    with clone(drill.admin_url, template=NEW, name=name), working_on(rename(drill.restored_url, name)):
        yield name


def _write() -> str:
    """A company, jobs and a sealed, anchored trail in a cluster that is well ahead of a new one. The head's hash."""
    people = make_cast()
    with connection.cursor() as cursor:
        cursor.execute(recovering.TAKE.format(number=5_000))
    for number in range(20):
        record(people.retail, number=number)
    with transaction.atomic():
        enqueue("jobs.canary")
    seal_all()
    assert anchoring.anchor() is not None
    return AuditSeal.objects.order_by("-sequence")[0].hash


def _run(part: Database, program: str, *arguments: str) -> None:
    done = subprocess.run([part.binaries / program, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def _rows(url: str) -> Rows:
    """For each table the number of its rows, and one digest of all that stands in them."""
    with psycopg.connect(url) as connected:
        tables = connected.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        count = sql.SQL("SELECT count(*), md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {} t")
        return {name: connected.execute(count.format(sql.Identifier(name))).fetchone() or (0, "") for (name,) in tables}


@contextmanager
def working_on(url: str) -> Iterator[None]:
    """Let Django's connection lead to a database of any server."""
    connection.close()
    parts = conninfo_to_dict(url)
    names = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    before = {name: connection.settings_dict[name] for name in names}
    connection.settings_dict.update({name: str(parts[part]) for name, part in names.items()})
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict.update(before)


def said(command: str) -> str:
    output = StringIO()
    call_command(command, stdout=output)
    return output.getvalue()


def test_every_row_of_every_table_is_back(drill: Drill) -> None:
    assert drill.rows_before["governance_auditevent"][0] >= 20
    assert drill.rows_before["jobs_job"][0] == 1
    assert drill.rows_after == drill.rows_before


def test_the_restored_trail_has_the_same_head_and_is_proven_against_its_anchors(drill: Drill, restored: str) -> None:
    answer = said("verify_audit")
    assert f"the head is {drill.head}" in answer
    assert "Anchored up to link" in answer
    assert "Warning" not in answer
    assert "The audit chain holds." in answer


def test_the_restored_trail_is_append_only_still(restored: str) -> None:
    for statement in ("UPDATE governance_auditevent SET verb = verb", "DELETE FROM governance_auditseal"):
        with pytest.raises(DatabaseError, match="permission denied"), connection.cursor() as cursor:
            cursor.execute(statement)


def test_a_restore_over_prepared_privileges_opens_the_trail_and_the_proof_says_so(drill: Drill, settings: Any) -> None:
    """Tables get the default privileges of their database when they are made; a backup takes none of them away."""
    settings.AUDIT_BUCKET = drill.bucket
    with working_on(rename(drill.restored_url, PREPARED)):
        assert "Warning: This database role may change governance_auditevent" in said("verify_audit")


def test_what_happened_after_the_backup_is_missed(drill: Drill, restored: str, settings: Any) -> None:
    """The anchors outlive the database: a restore cannot hide what it lost. Under another prefix it goes on."""
    settings.AUDIT_BUCKET = f"atrium-audit/{uuid4().hex}"
    with working_on(drill.original_url):
        record(Tenant.objects.earliest("pk"), after="the backup")
        seal_all()
        anchored = anchoring.anchor()
    assert anchored is not None
    with pytest.raises(CommandError, match=f"but link {anchored.sequence} was anchored: its end was cut off"):
        said("verify_audit")
    settings.AUDIT_BUCKET = f"atrium-audit/{uuid4().hex}"
    assert "The audit chain holds." in said("verify_audit")


def test_a_new_cluster_goes_on_with_the_trail_only_once_its_counter_is_past_it(drill: Drill, restored: str) -> None:
    assert recovering.behind() > 0, "the new cluster is not behind, so this would prove nothing"
    with pytest.raises(RuntimeError, match="after_restore"):
        sealing.seal()
    assert "transaction numbers behind the trail; now it is past it" in said("after_restore")
    assert "is past the audit trail already" in said("after_restore")
    record(Tenant.objects.earliest("pk"), after="the restore")
    seal_all()
    answer = said("verify_audit")
    assert f"{AuditEvent.objects.count()} links hold" in answer
    assert drill.head not in answer
    assert "The audit chain holds." in answer
