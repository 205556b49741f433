"""Telling people: once each, in the app and by e-mail."""

import pytest
from django.core import mail

from governance import audit
from governance.actions import notifications
from governance.models import Notification, User
from portal.jobs.models import Job
from tests.cast import Cast

Kind = Notification.Kind


def tell(to: User | list[User], key: str = "grant:1") -> list[Notification]:
    return notifications.tell(to, kind=Kind.ACTIVE, sentence="Call summary is active.", url="/access/", key=key)


def test_several_people_are_told_once_each_with_a_mail_each(cast: Cast) -> None:
    assert len(tell([cast.legal, cast.rai])) == 2
    assert tell([cast.legal, cast.rai, cast.security]) != []
    assert Notification.objects.filter(key="grant:1").count() == 3
    assert Job.objects.filter(name=notifications.MAIL_TASK).count() == 3


def test_another_key_is_other_news(cast: Cast) -> None:
    tell(cast.legal)
    assert len(tell(cast.legal, key="grant:2")) == 1


def test_the_mail_says_the_sentence_and_leads_to_the_page(cast: Cast) -> None:
    (told,) = tell(cast.legal)
    notifications.mail(told.pk)
    notifications.mail(told.pk)
    (message,) = mail.outbox
    assert message.to == [cast.legal.email]
    assert "Call summary is active." in message.body
    assert "/access/" in message.body


@pytest.mark.parametrize("why", ["read", "deactivated", "gone"])
def test_what_was_read_and_who_has_left_gets_no_mail(cast: Cast, why: str) -> None:
    (told,) = tell(cast.legal)
    if why == "read":
        notifications.read(told, by=cast.legal)
    if why == "deactivated":
        User.objects.filter(pk=cast.legal.pk).update(is_active=False)
    notifications.mail(told.pk if why != "gone" else told.pk + 1000)
    assert mail.outbox == []


def test_nobody_reads_for_somebody_else(cast: Cast) -> None:
    (told,) = tell(cast.legal)
    notifications.read(told, by=cast.rai)
    told.refresh_from_db()
    assert told.read_at is None


def test_what_was_settled_is_read_for_everybody(cast: Cast) -> None:
    tell([cast.legal, cast.rai])
    notifications.settle("grant:1")
    assert not Notification.objects.filter(key="grant:1", read_at__isnull=True).exists()


def test_the_past_of_the_demo_company_is_mailed_to_nobody(cast: Cast) -> None:
    with audit.as_demo():
        assert len(tell([cast.legal, cast.rai])) == 2
    assert not Job.objects.filter(name=notifications.MAIL_TASK).exists()
