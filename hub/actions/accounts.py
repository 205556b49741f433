"""Taking in AWS accounts and testing the connection to them."""

import secrets
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction

from governance import audit, policy
from governance.models import Tenant, User
from governance.roles import Permission
from governance.vocabulary import Verb
from hub.account_setup import role_arn as proposed_role_arn
from hub.actions import service_health
from hub.inventory.leaving import leave_regions
from hub.models import AwsAccount
from portal.aws import bedrock
from portal.aws.errors import AwsError
from portal.aws.session import for_account, forget, home_account
from portal.lib import clock
from portal.lib.errors import Refused

State = AwsAccount.State


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that a test of the connection tried, in a sentence."""

    region: str
    ok: bool
    sentence: str


def add(
    *,
    number: str,
    name: str,
    environment: str,
    regions: Iterable[str],
    tenant: Tenant | None = None,
    role_arn: str = "",
    by: User,
) -> AwsAccount:
    """Take in an account and make its external id. It trusts nobody before its stack is installed.

    AWS is asked for Atrium's own account number first, outside the transaction; without an answer it stays empty.
    """
    policy.check_can(by, Permission.MANAGE_ACCOUNTS, what="connect accounts")
    account = AwsAccount(
        number=number,
        name=name,
        environment=environment,
        regions=list(regions),
        tenant=tenant,
        role_arn=role_arn or proposed_role_arn(number),
        external_id=secrets.token_urlsafe(32),
        home_account=_home(),
    )
    try:
        with transaction.atomic():
            account.save(force_insert=True)
            audit.record(Verb.ACCOUNT_ADDED, account, by=by, tenant=tenant, number=number, regions=account.regions)
    except IntegrityError as error:
        if AwsAccount.objects.filter(number=number).exists():
            raise Refused("This account is connected already.", field="number") from error
        raise
    return account


def change(*, account: AwsAccount, by: User, **changes: Any) -> AwsAccount:
    """Change name, environment, tenant, regions or role_arn of an account. What a region offered goes with it."""
    policy.check_can(by, Permission.MANAGE_ACCOUNTS, what="change accounts")
    unknown = set(changes) - {"name", "environment", "tenant", "regions", "role_arn"}
    if unknown:
        raise TypeError(f"{', '.join(sorted(unknown))} of an account cannot be changed.")
    former = {name: str(getattr(account, name)) for name in changes}
    with transaction.atomic():
        for name, value in changes.items():
            setattr(account, name, value)
        account.save(update_fields=list(changes))
        leave_regions(account)
        audit.record(Verb.ACCOUNT_CHANGED, account, by=by, tenant=account.tenant, formerly=former)
    return account


def test(*, account: AwsAccount, by: User) -> list[Check]:
    """Assume the role and read each region; keeps the state that follows and returns what was tried.

    The calls to AWS happen outside the transaction: they may take seconds.
    """
    policy.check_can(by, Permission.MANAGE_ACCOUNTS, what="test connections")
    forget(account.ref)
    home = account.home_account or _home()
    with ThreadPoolExecutor(4) as pool:
        checks = [
            check for found in pool.map(lambda region: _check(account, region), account.regions) for check in found
        ]
    service_health.note()
    failed = [check for check in checks if not check.ok]
    error = failed[0].sentence if failed else ""
    with transaction.atomic():
        state = State.FAILING if failed or not checks else State.CONNECTED
        changes = {"state": state, "error": error, "checked_at": clock.now(), "home_account": home}
        AwsAccount.objects.filter(pk=account.pk).update(**changes)
        audit.record(Verb.ACCOUNT_TESTED, account, by=by, tenant=account.tenant, state=state, failed=len(failed))
    account.refresh_from_db()
    return checks


def note_state(account: AwsAccount, *, error: str) -> None:
    """Keep what a sync met: failing with a sentence, or connected. Writes only what differs."""
    state = State.FAILING if error else State.CONNECTED
    differs = AwsAccount.objects.filter(pk=account.pk).exclude(state=state, error=error)
    differs.update(state=state, error=error)


def _home() -> str:
    """Atrium's own account number, "" while AWS does not tell it: a later test of the connection asks again."""
    try:
        return home_account()
    except AwsError:
        return ""


def _check(account: AwsAccount, region: str) -> list[Check]:
    try:
        session = for_account(account.ref, region)
        models = bedrock.list_models(session)
        logs = bedrock.logging(session)
    except AwsError as error:
        return [Check(region, ok=False, sentence=error.sentence)]
    found = Check(region, ok=True, sentence=f"Atrium can read {len(models)} models.")
    where = f"Invocation logs go to {logs.bucket}." if logs and logs.to_s3 else "Invocation logging to S3 is off."
    return [found, Check(region, ok=True, sentence=where)]
