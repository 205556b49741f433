"""Anchors of the audit chain: in a bucket that keeps them, read back, and telling what the database cannot."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3
import psycopg
import pytest
from botocore.exceptions import ClientError
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from governance import anchoring, chain, proving, sealing
from governance.actions import audit_exports
from governance.models import AuditAnchor, AuditEvent, AuditSeal
from governance.reports import audit_export, audit_state
from portal.aws.errors import AwsError
from portal.lib import clock
from tests.cast import Cast, make_cast
from tests.governance.test_audit import TABLES, disarm, record, seal_all

VERIFIER = Path(__file__).resolve().parents[2] / "docs" / "verify_audit.py"


@pytest.fixture
def vault(sandbox_url: str, settings: Any) -> Any:
    """The sandbox's bucket as its owner sees it, with a prefix for this test alone."""
    settings.AUDIT_BUCKET = f"atrium-audit/{uuid4().hex}"
    settings.AUDIT_KEYS = ["the first key", "an older key"]
    return boto3.client("s3", endpoint_url=sandbox_url, region_name="eu-central-1")


@pytest.fixture
def committed_cast(committed_database: Any) -> Cast:
    return make_cast()


@pytest.fixture
def owner(committed_database: Any) -> Iterator[psycopg.Connection]:
    """The database as its owner, with the triggers of the trail off."""
    with psycopg.connect(committed_database.environ["DATABASE_OWNER_URL"], autocommit=True) as connected:
        for table in TABLES:
            disarm(connected, table)
        yield connected


@pytest.fixture
def anchored(committed_cast: Cast, vault: Any) -> AuditAnchor:
    record(committed_cast.retail)
    seal_all()
    made = anchoring.anchor()
    assert made is not None
    return made


def key_of(anchor: AuditAnchor) -> str:
    return anchor.place.removeprefix("s3://atrium-audit/")


def test_an_anchor_is_the_signed_head_and_cannot_be_removed(anchored: AuditAnchor, vault: Any) -> None:
    found = vault.get_object(Bucket="atrium-audit", Key=key_of(anchored))
    stated = json.loads(found["Body"].read())
    assert (stated["sequence"], stated["hash"]) == (anchored.sequence, AuditSeal.objects.latest("sequence").hash)
    assert found["ObjectLockMode"] == "COMPLIANCE"
    assert 399 <= (found["ObjectLockRetainUntilDate"] - clock.wall()).days <= 400
    with pytest.raises(ClientError, match="AccessDenied"):
        vault.delete_object(Bucket="atrium-audit", Key=key_of(anchored), VersionId=found["VersionId"])


def test_the_head_is_anchored_only_when_it_moved(anchored: AuditAnchor, committed_cast: Cast) -> None:
    assert anchoring.anchor() is None
    record(committed_cast.retail)
    seal_all()
    moved = anchoring.anchor()
    assert moved is not None
    assert moved.sequence == anchored.sequence + 1
    assert proving.verify().anchored == moved.sequence


def test_without_a_bucket_nothing_is_anchored_and_everything_says_so(committed_cast: Cast, settings: Any) -> None:
    settings.AUDIT_BUCKET = ""
    seal_all()
    assert anchoring.anchor() is None
    out = StringIO()
    call_command("verify_audit", stdout=out)
    assert "ATRIUM_AUDIT_BUCKET" in out.getvalue()
    assert audit_state.current().late
    client = Client()
    client.force_login(committed_cast.auditor)
    assert "ATRIUM_AUDIT_BUCKET" in client.get(reverse("governance:audit-list")).content.decode()
    assert "ATRIUM_AUDIT_BUCKET" in client.get("/readyz").json()["parts"]["audit"]["reason"]


def test_a_bucket_without_object_lock_is_refused(committed_cast: Cast, vault: Any, settings: Any) -> None:
    vault.create_bucket(Bucket="unlocked", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    settings.AUDIT_BUCKET = "unlocked"
    seal_all()
    with pytest.raises(AwsError, match=r"Object ?Lock"):
        anchoring.anchor()
    assert not AuditAnchor.objects.exists()


def test_anchors_that_cannot_be_read_prove_nothing(anchored: AuditAnchor, settings: Any) -> None:
    settings.AUDIT_BUCKET = "nobody-has-this-bucket"
    assert "NoSuchBucket" in proving.verify().unread or "bucket" in proving.verify().unread
    with pytest.raises(CommandError, match="could not be read"):
        call_command("verify_audit", stdout=StringIO())


def cut_the_end(owner: psycopg.Connection) -> None:
    owner.execute("DELETE FROM governance_auditseal WHERE sequence = (SELECT max(sequence) FROM governance_auditseal)")


def write_again(owner: psycopg.Connection) -> None:
    owner.execute("UPDATE governance_auditevent SET actor_name = 'Nobody' WHERE verb = 'tenant.changed'")
    owner.execute("DELETE FROM governance_auditseal")
    seal_all()


@pytest.mark.parametrize(("tamper", "found"), [(cut_the_end, "its end was cut off"), (write_again, "written again")])
def test_the_bucket_tells_what_the_database_has_forgotten(
    anchored: AuditAnchor, owner: psycopg.Connection, tamper: Callable[..., None], found: str
) -> None:
    tamper(owner)
    owner.execute("DELETE FROM governance_auditanchor")
    assert found in proving.verify().broken


def test_a_delete_marker_hides_no_anchor(anchored: AuditAnchor, owner: psycopg.Connection, vault: Any) -> None:
    vault.delete_object(Bucket="atrium-audit", Key=key_of(anchored))
    cut_the_end(owner)
    owner.execute("DELETE FROM governance_auditanchor")
    assert "its end was cut off" in proving.verify().broken


def test_what_others_put_into_the_bucket_counts_nothing(anchored: AuditAnchor, vault: Any, settings: Any) -> None:
    prefix = settings.AUDIT_BUCKET.partition("/")[2]
    for sequence, digest in ((anchored.sequence, "0" * 64), (10**9, "f" * 64)):
        vault.put_object(Bucket="atrium-audit", Key=f"{prefix}/{sequence:020d}-{digest}.json", Body=b"{}")
    proof = proving.verify()
    assert (proof.broken, proof.anchored) == ("", anchored.sequence)
    assert sum("was not written by this Atrium" in warning for warning in proof.warnings) == 2


def test_an_anchor_of_an_older_key_counts_and_of_a_lost_one_does_not(anchored: AuditAnchor, settings: Any) -> None:
    settings.AUDIT_KEYS = ["a new key", "the first key"]
    assert proving.verify().anchored == anchored.sequence
    settings.AUDIT_KEYS = ["a new key"]
    assert proving.verify().anchored == 0


def test_without_a_key_of_its_own_it_follows_from_the_secret_key(anchored: AuditAnchor, settings: Any) -> None:
    settings.AUDIT_KEYS = []
    made = anchoring.content(1, "0" * 64, clock.now())
    listed = anchoring.held().anchors
    assert listed == []
    settings.SECRET_KEY = "another"
    assert made != anchoring.content(1, "0" * 64, clock.now())


def test_an_anchor_that_is_gone_before_its_time_is_a_break(anchored: AuditAnchor) -> None:
    first = AuditSeal.objects.get(sequence=1)
    AuditAnchor.objects.create(sequence=1, hash=first.hash, place=f"{anchoring.place()}/{1:020d}-{first.hash}.json")
    assert "is not there any more" in proving.verify().broken


def test_the_page_says_where_the_last_anchor_is(anchored: AuditAnchor, client: Client, settings: Any) -> None:
    settings.SANDBOX = True
    client.force_login(make_auditor())
    page = client.get(reverse("governance:audit-list")).content.decode()
    assert f"s3://{settings.AUDIT_BUCKET}" in page
    assert "sandbox, not AWS" in page
    assert "on time" in page


def make_auditor() -> Any:
    from governance.models import User

    return User.objects.get(name="Aida Auditor")


def prove(export: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """The stand-alone verifier, without our packages and without any other."""
    command = [sys.executable, "-I", "-S", str(VERIFIER), str(export), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")


def copied_anchors(vault: Any, settings: Any, folder: Path) -> Path:
    """What an auditor copies from the bucket: every version."""
    folder.mkdir()
    for found in versions(vault, settings):
        named = {"Key": found["Key"], "VersionId": found["VersionId"]}
        body = vault.get_object(Bucket="atrium-audit", **named)["Body"].read()
        (folder / f"{found['VersionId']}.json").write_bytes(body)
    return folder


def versions(vault: Any, settings: Any) -> list[dict[str, Any]]:
    prefix = settings.AUDIT_BUCKET.partition("/")[2]
    found = vault.list_object_versions(Bucket="atrium-audit", Prefix=f"{prefix}/")
    return list(found.get("Versions", ()))


def listed_anchors(vault: Any, settings: Any, folder: Path) -> Path:
    """What `aws s3api list-object-versions --output json` writes."""
    folder.mkdir()
    listing = json.dumps({"Versions": versions(vault, settings)}, default=lambda moment: moment.isoformat())
    (folder / "listing.json").write_text(listing)
    return folder


TAKEN = [copied_anchors, listed_anchors]


@pytest.fixture
def exported(anchored: AuditAnchor, committed_cast: Cast, tmp_path: Path) -> Path:
    record(committed_cast.retail, words="é “quoted” \\ back\nline \u2028 😀", share=0.1, large=10**30, none=None)
    seal_all()
    call_command("export_audit", str(tmp_path / "audit.jsonl"), stdout=StringIO())
    return tmp_path / "audit.jsonl"


def test_an_export_proves_itself_without_atrium(exported: Path, vault: Any, settings: Any, tmp_path: Path) -> None:
    folder = copied_anchors(vault, settings, tmp_path / "anchors")
    for written in ("the first key\n", "a newer key,the first key", "hex:00ff\nthe first key\n"):
        (tmp_path / "key").write_text(written)
        done = prove(exported, "--anchors", str(folder), "--key-file", str(tmp_path / "key"))
        assert (done.returncode, done.stderr) == (0, "")
    assert f"{AuditSeal.objects.count()} links hold" in done.stdout
    assert "1 anchors" in done.stdout
    assert "agree, 1 of them signed by these keys" in done.stdout


def test_an_export_is_itself_an_event(exported: Path) -> None:
    event = AuditEvent.objects.get(verb="audit.exported")
    assert event.details["head"] == AuditSeal.objects.latest("sequence").hash


@pytest.mark.parametrize("number", [1, 2, -1])
def test_any_line_of_an_export_that_was_changed_is_found(exported: Path, number: int) -> None:
    lines = exported.read_bytes().splitlines(keepends=True)
    changed = json.loads(lines[number])
    changed["event"]["actor_name"] += " "
    for edited in (
        [*lines[:number], json.dumps(changed).encode() + b"\n", *lines[number:][1:]],
        [*lines[:number], *lines[number:][1:]],
        [*lines[:number], lines[number], *lines[number:]],
    ):
        exported.write_bytes(b"".join(edited))
        assert prove(exported).returncode == 1


def cut(export: Path, kept: int) -> Path:
    """The export as somebody would hand it over who hides all but the first links, without a seam."""
    manifest, *lines = [json.loads(line) for line in export.read_bytes().splitlines()]
    head = {"sequence": lines[kept - 1]["sequence"], "hash": lines[kept - 1]["hash"]}
    export.write_text(
        "".join(json.dumps(one) + "\n" for one in [manifest | {"head": head, "anchors": []}, *lines[:kept]])
    )
    return export


@pytest.mark.parametrize("taken", TAKEN)
def test_an_export_whose_end_and_head_were_cut_meets_the_anchors(
    exported: Path, vault: Any, settings: Any, tmp_path: Path, taken: Callable[..., Path]
) -> None:
    folder, later = taken(vault, settings, tmp_path / "anchors"), clock.wall() + timedelta(minutes=1)
    assert prove(cut(exported, 1)).returncode == 0, "by itself it is whole"
    for options in ([], ["--taken-at", later.isoformat()]):
        done = prove(exported, "--anchors", str(folder), *options)
        assert (done.returncode, "its end was cut off" in done.stderr) == (1, True)
        assert "holds" not in done.stdout.splitlines()[-1]


@pytest.mark.parametrize("taken", TAKEN)
def test_an_anchor_that_was_made_after_the_export_is_skipped_and_counted_apart(
    exported: Path, committed_cast: Cast, vault: Any, settings: Any, tmp_path: Path, taken: Callable[..., Path]
) -> None:
    first = AuditAnchor.objects.get()
    asked = clock.wall()
    wait_for_the_next_second(asked)  # S3 tells its times to the second
    record(committed_cast.retail)
    seal_all()
    assert anchoring.anchor() is not None
    folder = taken(vault, settings, tmp_path / "anchors")
    assert prove(exported, "--anchors", str(folder)).returncode == 1
    done = prove(exported, "--anchors", str(folder), "--taken-at", asked.isoformat().replace("+00:00", "Z"))
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 anchors in" in done.stdout
    assert "1 younger anchors were skipped" in done.stdout
    assert f"up to link {first.sequence}." in done.stdout


def wait_for_the_next_second(moment: datetime) -> None:
    while clock.wall() < moment.replace(microsecond=0) + timedelta(seconds=1):
        time.sleep(0.05)


def test_no_anchor_is_no_proof(exported: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for folder in (tmp_path / "empty", tmp_path / "mistyped", ""):
        done = prove(exported, "--anchors", str(folder))
        assert (done.returncode, "The audit trail holds" in done.stdout) == (1, False)


def test_a_copy_that_lacks_what_a_delete_marker_hides_is_refused(
    exported: Path, committed_cast: Cast, vault: Any, settings: Any, tmp_path: Path
) -> None:
    """`aws s3 cp --recursive` copies what is current; Object Lock keeps the versions, and lets anybody hide them."""
    first = AuditAnchor.objects.latest("sequence")
    assert anchoring.anchor() is not None
    call_command("export_audit", str(exported), stdout=StringIO())
    vault.delete_object(Bucket="atrium-audit", Key=key_of(first))
    whole, part = copied_anchors(vault, settings, tmp_path / "whole"), tmp_path / "part"
    part.mkdir()
    prefix = settings.AUDIT_BUCKET.partition("/")[2]
    for found in vault.list_objects_v2(Bucket="atrium-audit", Prefix=prefix)["Contents"]:
        body = vault.get_object(Bucket="atrium-audit", Key=found["Key"])["Body"].read()
        (part / Path(found["Key"]).name).write_bytes(body)
    assert (len(list(whole.iterdir())), len(list(part.iterdir()))) == (2, 1)
    assert prove(exported, "--anchors", str(whole)).returncode == 0
    done = prove(exported, "--anchors", str(part))
    assert (done.returncode, "copy all versions" in done.stderr) == (1, True)


@pytest.mark.parametrize("keys", [["the first key"], ["a newer key", "the first key"], []])
def test_the_keys_of_anchors_are_handed_to_the_auditor(
    committed_cast: Cast, vault: Any, settings: Any, tmp_path: Path, keys: list[str]
) -> None:
    """Also the one that follows from the secret key, which no auditor has."""
    settings.AUDIT_KEYS = keys[-1:]
    record(committed_cast.retail)
    seal_all()
    assert anchoring.anchor() is not None
    settings.AUDIT_KEYS = keys
    call_command("audit_keys", str(tmp_path / "keys"), stdout=StringIO())
    call_command("export_audit", str(tmp_path / "audit.jsonl"), stdout=StringIO())
    folder = copied_anchors(vault, settings, tmp_path / "anchors")
    done = prove(tmp_path / "audit.jsonl", "--anchors", str(folder), "--key-file", str(tmp_path / "keys"))
    assert (done.returncode, done.stderr) == (0, "")
    assert "1 of them signed by these keys" in done.stdout
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o600
    assert AuditEvent.objects.get(verb="audit.keys_taken").details == {"number": max(len(keys), 1)}
    (tmp_path / "keys").write_text("another key\n")
    done = prove(tmp_path / "audit.jsonl", "--anchors", str(folder), "--key-file", str(tmp_path / "keys"))
    assert (done.returncode, "signed by none of these keys" in done.stderr) == (1, True)


def test_a_key_that_followed_from_the_secret_key_goes_on_to_verify_as_an_older_one(
    anchored: AuditAnchor, committed_cast: Cast, settings: Any, tmp_path: Path
) -> None:
    settings.AUDIT_KEYS = []
    record(committed_cast.retail)
    seal_all()
    made = anchoring.anchor()
    assert made is not None
    call_command("audit_keys", str(tmp_path / "keys"), stdout=StringIO())
    settings.AUDIT_KEYS = ["a new key"]
    assert proving.verify().anchored == 0
    settings.AUDIT_KEYS = ["a new key", (tmp_path / "keys").read_text().strip()]
    assert proving.verify().anchored == made.sequence


def test_the_keys_replace_no_file(committed_cast: Cast, tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("kept")
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("audit_keys", str(tmp_path / "keys"), stdout=StringIO())
    assert (tmp_path / "keys").read_text() == "kept"
    assert not AuditEvent.objects.filter(verb="audit.keys_taken").exists()


def test_an_export_that_broke_off_is_refused(exported: Path) -> None:
    """The status of an answer is sent before its body: only what came tells that there should be more."""
    whole = exported.read_bytes()
    ends = [number + 1 for number, byte in enumerate(whole) if byte == ord("\n")]
    assert prove(exported).returncode == 0
    for end in (0, 1, ends[0], ends[1] - 1, ends[1], ends[-2] - 1, ends[-2], ends[-1] - 3):
        exported.write_bytes(whole[:end])
        assert prove(exported).returncode == 1, end


def test_while_somebody_reads_an_export_no_transaction_is_open(
    anchored: AuditAnchor, committed_cast: Cast, committed_database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL ends an idle transaction, and the file of a slow reader with it."""
    monkeypatch.setattr(chain, "FETCHED", 2)
    for _ in range(3):
        record(committed_cast.retail)
    seal_all()
    lines, states = [], set()
    with psycopg.connect(committed_database.environ["DATABASE_URL"], autocommit=True) as beside:
        for line in audit_exports.take_away(by=None):
            lines.append(json.loads(line))
            pid = connection.connection.info.backend_pid
            states |= set(beside.execute("SELECT state FROM pg_stat_activity WHERE pid = %s", [pid]))
    assert states == {("idle",)}
    sealed = [(link.sequence, link.hash) for link in chain.links()]
    assert len(sealed) > 2 * chain.FETCHED
    assert [(line["sequence"], line["hash"]) for line in lines[1:]] == sealed


def test_an_export_names_the_newest_anchors_and_not_all(
    anchored: AuditAnchor, committed_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(committed_cast.retail)
    seal_all()
    newest = anchoring.anchor()
    assert newest is not None

    def named() -> list[list[Any]]:
        return list(json.loads(next(audit_exports.take_away(by=None)))["anchors"])

    assert sorted(sequence for sequence, _, _ in named()) == [anchored.sequence, newest.sequence]
    monkeypatch.setattr(audit_export, "NAMED", 1)
    assert named() == [[newest.sequence, newest.hash, newest.place]]


def test_an_export_of_a_chain_that_was_cut_meets_the_anchors_that_were_noted(
    anchored: AuditAnchor, owner: psycopg.Connection, tmp_path: Path
) -> None:
    cut_the_end(owner)
    call_command("export_audit", str(tmp_path / "audit.jsonl"), stdout=StringIO())
    done = prove(tmp_path / "audit.jsonl")
    assert (done.returncode, "its end was cut off" in done.stderr) == (1, True)


def test_the_auditor_takes_the_trail_away_and_nobody_of_one_tenant_does(
    anchored: AuditAnchor, committed_cast: Cast, tmp_path: Path
) -> None:
    client = Client()
    client.force_login(committed_cast.auditor)
    answer = client.post(reverse("governance:audit-export"))
    (tmp_path / "audit.jsonl").write_bytes(b"".join(answer.streaming_content))
    assert prove(tmp_path / "audit.jsonl").returncode == 0
    assert AuditEvent.objects.get(verb="audit.exported").actor_id == committed_cast.auditor.pk
    client.force_login(committed_cast.owner_retail)
    assert client.post(reverse("governance:audit-export")).status_code == 403


def test_the_form_of_a_link_covers_every_column_as_the_first_one_did(committed_cast: Cast) -> None:
    """The text that PostgreSQL writes equals canonical JSON of the values, so chains of any age go on holding."""
    from governance.models import AuditEvent
    from portal.lib.digest import canonical

    columns = [column.attname for column in AuditEvent._meta.concrete_fields]
    assert sorted(columns) == list(chain.COLUMNS)
    record(committed_cast.retail, b=[1, {"z": None, "é": '\x01\t"\\/'}], a=1.5, big=-(10**25), yes=True)
    seal_all()
    for link in chain.links():
        event = AuditEvent.objects.get(pk=link.event_id)
        values = {name: plain(getattr(event, name)) for name in columns}
        assert link.content == canonical(values)


def plain(value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat(timespec="microseconds")
    return value if isinstance(value, (str, int, bool, dict, list, type(None))) else str(value)


def test_sealing_and_exporting_agree_with_the_head(anchored: AuditAnchor) -> None:
    assert sealing.seal() == 0
    lines = list(audit_exports.take_away(by=None))
    assert json.loads(lines[-1])["sequence"] == json.loads(lines[0])["head"]["sequence"]
