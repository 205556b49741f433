"""Background work of governance."""

from governance import anchoring, sealing
from governance.actions import approvals, invitations, notifications, people
from portal.jobs.registry import task
from portal.lib.api import idempotency, limits


@task("governance.seal_audit", every=5)
def seal_audit(_argument: int | None) -> None:
    sealing.seal()


# Less than the five minutes that an anchor may be old.
@task("governance.anchor_audit", every=240)
def anchor_audit(_argument: int | None) -> None:
    sealing.seal()  # so that nothing waits for the next anchor that could be in this one
    anchoring.anchor()


@task("governance.expire_approvals", every=300)
def expire_approvals(_argument: int | None) -> None:
    approvals.expire_due()


@task("governance.remind_overdue", every=300)
def remind_overdue(_argument: int | None) -> None:
    approvals.remind_overdue()


@task("governance.prune_api", every=3600)
def prune_api(_argument: int | None) -> None:
    idempotency.prune()
    limits.prune()


@task(notifications.MAIL_TASK)
def mail_notification(notification_id: int | None) -> None:
    if notification_id is not None:
        notifications.mail(notification_id)


@task(people.INVITATION_TASK)
def mail_invitation(user_id: int | None) -> None:
    if user_id is not None:
        invitations.mail(user_id)
