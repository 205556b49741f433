"""Syncing the catalogue: what each region of each account offers."""

from dataclasses import dataclass

from governance import audit, policy
from governance.models import User
from governance.roles import Permission
from governance.vocabulary import Verb
from hub.actions.accounts import note_state
from hub.inventory import SYNC_KIND, guardrails, offers, profiles, reading
from hub.inventory.leaving import leave_regions, still_names
from hub.inventory.logging_places import save_logging
from hub.inventory.reading import Found
from hub.models import AccountRegion, AwsAccount
from portal.aws.errors import AwsError
from portal.aws.session import for_account
from portal.jobs.claims import fenced
from portal.jobs.outbox import enqueue
from portal.jobs.syncs import running
from portal.lib.errors import Refused

ACCOUNT_TASK = "hub.sync_account"


@dataclass(frozen=True, slots=True)
class RegionSynced:
    """rows: written; error: what could not be read, "" if all could; nothing: whether the region told nothing."""

    region: str
    rows: int
    error: str
    nothing: bool


def sync_all() -> None:
    """Enqueue a sync of each account; they run side by side."""
    with fenced():
        for account_id in AwsAccount.objects.values_list("pk", flat=True):
            enqueue(ACCOUNT_TASK, account_id)


def ask_for_sync(*, account: AwsAccount, by: User) -> None:
    """Let a person have an account synced now."""
    policy.check_can(by, Permission.RUN_JOBS, what="run syncs")
    with fenced():
        enqueue(ACCOUNT_TASK, account.pk)
        audit.record(Verb.ACCOUNT_SYNC_ASKED, account, by=by, tenant=account.tenant)


def sync_account(account: AwsAccount) -> list[RegionSynced]:
    """Sync each region of an account; one that fails does not stop the others.

    The run ends as done in part then, and as failed where no region told anything.
    """
    results: list[RegionSynced] = []
    with running(SYNC_KIND, scope=account.number) as run:
        with fenced():
            run.rows += leave_regions(account)
        for number, region in enumerate(account.regions, start=1):
            results.append(_sync_region(account, region))
            run.rows += results[-1].rows
            run.progress(number, len(account.regions))
        errors = " ".join(f"{one.region}: {one.error}" for one in results if one.error)
        unreachable = bool(results) and all(one.nothing for one in results)
        if unreachable:
            run.failed(errors)
        elif errors:
            run.partial(errors)
    note_state(account, error=results[0].error if unreachable else "")
    return results


def _sync_region(account: AwsAccount, region: str) -> RegionSynced:
    try:
        with running(SYNC_KIND, scope=f"{account.number}/{region}") as run:
            found = _read(account, region)
            with fenced():
                # Taken off the account while it was read: nothing of it is kept.
                run.rows = _save(account, region, found) if still_names(account, region) else 0
            if found.nothing:
                raise Refused(found.errors[0])
            if found.errors:
                run.partial(" ".join(found.errors))
            return RegionSynced(region, run.rows, " ".join(found.errors), nothing=False)
    except Refused as refused:
        return RegionSynced(region, run.rows, refused.sentence, nothing=True)


def _read(account: AwsAccount, region: str) -> Found:
    known = guardrails.known_versions(account, region)
    try:
        return reading.read(for_account(account.ref, region), known_versions=known)
    except AwsError as error:
        return Found(errors=[error.sentence])


def _save(account: AwsAccount, region: str, found: Found) -> int:
    """Keep every part that was read; returns how many rows were written."""
    rows = _save_region(account, region, found)
    if found.offers is not None:
        rows += offers.save_offers(account, region, found.offers)
    if found.profiles is not None:
        rows += profiles.save_profiles(account, region, found.profiles)
    if found.guardrails is not None:
        rows += guardrails.save_guardrails(account, region, found.guardrails)
    return rows


def _save_region(account: AwsAccount, region: str, found: Found) -> int:
    changed = save_logging(account, region, found.logging.place) if found.logging else 0
    row = AccountRegion.objects.filter(account=account, region=region).first()
    row = row or AccountRegion(account=account, region=region)
    error = " ".join(found.errors)
    if row.pk and row.error == error:
        return changed
    row.error = error
    row.save()
    return 1
