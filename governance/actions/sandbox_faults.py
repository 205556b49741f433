"""Letting things go wrong in the sandbox on purpose. The sandbox is no production: nothing of AWS is touched."""

from collections.abc import Iterator
from contextlib import contextmanager

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
    """Set a fault; "*" stands for any account or operation. Raises Refused for what the sandbox does not take."""
    _check(by)
    with _recorded():
        audit.record(Verb.SANDBOX_FAULT_SET, by, by=by, kind=kind, account=account, operation=operation, rate=str(rate))
        return sandbox.set_fault(account=account, operation=operation, kind=kind, rate=rate, seconds=seconds, seed=seed)


def clear(*, number: int | None = None, by: User) -> None:
    """Take one fault away, or all of them. Raises Refused if it is not set."""
    _check(by)
    with _recorded():
        audit.record(Verb.SANDBOX_FAULTS_CLEARED, by, by=by, number=number or "all")
        if number is None:
            sandbox.clear_faults()
        else:
            sandbox.clear_fault(number)


@contextmanager
def _recorded() -> Iterator[None]:
    """A transaction for the event first and the sandbox then: without the event it is not asked.

    What the sandbox refuses did not happen, and takes its event along. It answers from this machine at once, so that
    the transaction stays short although it waits for it.
    """
    try:
        with transaction.atomic():
            yield
    except AwsError as error:
        raise Refused(error.sentence) from error


def _check(by: User) -> None:
    policy.check_can(by, Permission.RUN_JOBS, what="set faults of the sandbox")
