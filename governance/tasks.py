"""Background work of governance."""

from governance import sealing
from governance.actions import approvals, notifications
from portal.jobs.registry import task


@task("governance.seal_audit", every=5)
def seal_audit(_argument: int | None) -> None:
    sealing.seal()


@task("governance.expire_approvals", every=300)
def expire_approvals(_argument: int | None) -> None:
    approvals.expire_due()
    approvals.remind_overdue()


@task(notifications.MAIL_TASK)
def mail_notification(notification_id: int | None) -> None:
    if notification_id is not None:
        notifications.mail(notification_id)
