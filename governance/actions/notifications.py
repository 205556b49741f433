"""Telling people what they should know: in the app now, by e-mail through a job."""

from collections.abc import Iterable

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction

from governance import audit
from governance.models import Notification, User
from portal.jobs.outbox import enqueue
from portal.lib import clock

MAIL_TASK = "governance.mail_notification"


def tell(
    to: User | Iterable[User], *, kind: Notification.Kind, sentence: str, url: str, key: str
) -> list[Notification]:
    """Tell one person or several, once for each `key`; returns what was new. Works inside the caller's transaction.

    url: a path of this portal; key: what the news is about ("step:12"), so that a repeated job tells nobody twice.
    Service accounts read no news; they are left out.
    """
    people = [person for person in ([to] if isinstance(to, User) else to) if not person.is_service]
    with transaction.atomic():
        known = set(Notification.objects.filter(user__in=people, key=key).values_list("user_id", flat=True))
        news = [
            Notification(user=person, kind=kind, sentence=sentence[:300], url=url, key=key)
            for person in people
            if person.pk not in known
        ]
        # Another process may have told the same at this moment: the constraint keeps the first.
        Notification.objects.bulk_create(news, ignore_conflicts=True)
        told = Notification.objects.filter(user__in=[one.user for one in news], key=key, mailed_at__isnull=True)
        for notification in () if audit.is_demo() else told:
            enqueue(MAIL_TASK, notification.pk)
        return list(told)


def settle(key: str) -> None:
    """What `key` was about is done: nobody needs to read it any more."""
    Notification.objects.filter(key=key, read_at__isnull=True).update(read_at=clock.now())


def read(notification: Notification, *, by: User) -> None:
    """Mark one of one's own notifications as read."""
    Notification.objects.filter(pk=notification.pk, user=by, read_at__isnull=True).update(read_at=clock.now())


def read_all(*, by: User) -> None:
    """Mark all of one's own notifications as read."""
    Notification.objects.filter(user=by, read_at__isnull=True).update(read_at=clock.now())


def mail(notification_id: int) -> None:
    """Send one notification by e-mail, unless it was sent, was read, or its person is gone.

    The mail leaves before its row says so: a kill between the two sends it twice rather than never.
    """
    notification = Notification.objects.select_related("user").filter(pk=notification_id).first()
    if notification is None or notification.mailed_at or notification.read_at or not notification.user.is_active:
        return
    body = f"{notification.sentence}\n\n{settings.SITE_URL}{notification.url}\n"
    send_mail(f"Atrium: {notification.get_kind_display()}", body, None, [notification.user.email])
    Notification.objects.filter(pk=notification_id).update(mailed_at=clock.now())
