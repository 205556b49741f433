"""Letting things go wrong in the sandbox on purpose. The sandbox is no production: nothing of AWS is touched."""

from django.db import transaction

from governance import audit, policy
from governance.models import User
from governance.roles import Permission
from governance.vocabulary import Verb
from portal.aws import sandbox
from portal.aws.errors import AwsError
from portal.aws.sandbox import Fault
from portal.lib.errors import Refused


def set_fault(
    *, account: str, operation: str, kind: str, rate: float, seconds: float | None, seed: int, by: User
) -> Fault:
    """Set a fault; "*" stands for any account or operation. Raises Refused for what the sandbox does not take.

    The sandbox is asked first: it stands outside the database, and a fault that it refused did not happen.
    """
    _check(by)
    try:
        fault = sandbox.set_fault(
            account=account, operation=operation, kind=kind, rate=rate, seconds=seconds, seed=seed
        )
    except AwsError as error:
        raise Refused(error.sentence) from error
    with transaction.atomic():
        audit.record(
            Verb.SANDBOX_FAULT_SET, by, by=by, kind=kind, account=account, operation=operation, rate=str(fault.rate)
        )
    return fault


def clear(*, number: int | None = None, by: User) -> None:
    """Take one fault away, or all of them. Raises Refused if it is not set."""
    _check(by)
    try:
        if number is None:
            sandbox.clear_faults()
        else:
            sandbox.clear_fault(number)
    except AwsError as error:
        raise Refused(error.sentence) from error
    with transaction.atomic():
        audit.record(Verb.SANDBOX_FAULTS_CLEARED, by, by=by, number=number or "all")


def _check(by: User) -> None:
    policy.check_can(by, Permission.RUN_JOBS, what="set faults of the sandbox")
