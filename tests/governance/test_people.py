"""People and roles: invited, given and taken roles, deactivated; the first two of an installation."""

import re
from io import StringIO

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from governance import policy
from governance.actions import invitations, people, routing_policies
from governance.default_policy import RULES
from governance.models import AuditEvent, Membership, RoutingPolicy, User
from governance.roles import Permission
from governance.vocabulary import Verb
from portal.jobs.models import Job
from portal.lib.errors import NotAllowed, Refused
from tests.cast import Cast


def test_a_platform_engineer_invites_somebody_with_a_role(cast: Cast) -> None:
    user = people.invite(
        email="  Dana@Meridian.example ", name="Dana Diaz", roles=[("builder", cast.retail)], by=cast.platform_person
    )
    assert (user.email, user.invited_by, user.has_usable_password()) == (
        "dana@meridian.example",
        cast.platform_person,
        False,
    )
    assert policy.can(user, Permission.REQUEST_ACCESS, cast.retail)
    assert not policy.can(user, Permission.REQUEST_ACCESS, cast.insurance)
    assert Job.objects.filter(name=people.INVITATION_TASK, argument=user.pk).count() == 1


@pytest.mark.parametrize("who", ["owner_retail", "finops_person", "auditor", "security", "nobody"])
def test_nobody_but_platform_engineers_invites(cast: Cast, who: str) -> None:
    with pytest.raises(NotAllowed, match="do not let you invite people"):
        people.invite(email="dana@meridian.example", name="Dana", by=getattr(cast, who))


@pytest.mark.parametrize(
    ("email", "name", "field"),
    [("not an address", "Dana", "email"), ("", "Dana", "email"), ("dana@x.example", " ", "name")],
)
def test_an_invitation_needs_an_address_and_a_name(cast: Cast, email: str, name: str, field: str) -> None:
    with pytest.raises(Refused) as refused:
        people.invite(email=email, name=name, by=cast.platform_person)
    assert refused.value.field == field


def test_an_address_is_invited_once(cast: Cast) -> None:
    with pytest.raises(Refused, match="has an account already"):
        people.invite(email=cast.auditor.email.upper(), name="Aida", by=cast.platform_person)


def test_the_invitation_leads_to_a_page_that_sets_the_password(cast: Cast, client: Client) -> None:
    user = people.invite(email="dana@meridian.example", name="Dana", by=cast.platform_person)
    invitations.mail(user.pk)
    (message,) = mail.outbox
    link = next(word for word in message.body.split() if word.startswith("http"))
    page = client.get(link.partition("8000")[2] or link, follow=True)
    form = page.context["form"]
    answer = client.post(
        page.request["PATH_INFO"], dict.fromkeys(form.fields, "a long enough pass phrase"), follow=True
    )
    assert answer.status_code == 200
    assert User.objects.get(pk=user.pk).check_password("a long enough pass phrase")


def test_an_invitation_is_not_mailed_to_who_has_a_password(cast: Cast) -> None:
    people.set_password(cast.nobody, "a long enough pass phrase")
    invitations.mail(cast.nobody.pk)
    assert mail.outbox == []


def test_who_manages_people_can_hand_an_open_invitation_over(cast: Cast, client: Client) -> None:
    user = people.invite(email="dana@meridian.example", name="Dana", by=cast.platform_person)
    client.force_login(cast.platform_person)
    address = reverse("platform:person-invitation", args=[user.uid])
    shown = re.search(r"/account/password/reset/key/[^\"'<\s]+", client.post(address).content.decode())
    assert shown is not None
    # The link carries the second in which it was made, so it is followed and not compared.
    assert b'name="password2"' in Client().get(shown[0], follow=True).content
    assert AuditEvent.objects.filter(verb=Verb.INVITATION_SHOWN, subject_uid=str(user.uid)).count() == 1
    people.set_password(user, "a long enough pass phrase")
    assert "no open invitation" in client.post(address).content.decode()


def test_nobody_else_gets_the_link_of_an_invitation(cast: Cast, client: Client) -> None:
    user = people.invite(email="dana@meridian.example", name="Dana", by=cast.platform_person)
    client.force_login(cast.auditor)
    assert client.post(reverse("platform:person-invitation", args=[user.uid])).status_code == 404
    with pytest.raises(NotAllowed):
        people.hand_out_invitation(user, by=cast.auditor)


def test_a_weak_password_is_refused_with_the_reason(cast: Cast) -> None:
    with pytest.raises(Refused, match="too short"):
        people.set_password(cast.nobody, "short")


def test_nobody_gives_themselves_a_role(cast: Cast) -> None:
    with pytest.raises(NotAllowed, match="Nobody gives themselves"):
        people.give_role(cast.platform_person, "security", by=cast.platform_person)


@pytest.mark.parametrize(
    ("role", "in_tenant", "sentence"),
    [
        ("builder", False, "choose which"),
        ("security", True, "leave the tenant empty"),
        ("wizard", False, "no such role"),
        ("auditor", False, "holds this role already"),
    ],
)
def test_a_role_attaches_where_it_belongs(cast: Cast, role: str, in_tenant: bool, sentence: str) -> None:
    with pytest.raises(Refused, match=sentence):
        people.give_role(cast.auditor, role, cast.retail if in_tenant else None, by=cast.platform_person)


def test_a_role_that_is_taken_ends_and_stays_on_record(cast: Cast) -> None:
    people.take_role(cast.auditor.memberships.get(), by=cast.platform_person)
    assert not policy.can(User.objects.get(pk=cast.auditor.pk), Permission.VIEW_AUDIT)
    assert Membership.objects.get(user=cast.auditor).until is not None
    with pytest.raises(Refused, match="ended already"):
        people.take_role(cast.auditor.memberships.get(), by=cast.platform_person)


def test_a_deactivated_person_is_out_at_the_next_request_and_back_when_reactivated(cast: Cast, client: Client) -> None:
    client.force_login(cast.security)
    assert client.get("/governance/").status_code == 200
    people.deactivate(cast.security, by=cast.platform_person)
    assert client.get("/governance/").status_code == 302
    assert policy.people_with_role("security", None).filter(pk=cast.security.pk).count() == 0
    people.reactivate(cast.security, by=cast.platform_person)
    client.force_login(cast.security)
    assert client.get("/governance/").status_code == 200


def test_nobody_deactivates_themselves_or_the_last_platform_engineer(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        people.deactivate(cast.platform_person, by=cast.platform_person)
    people.take_role(cast.platform_two.memberships.get(), by=cast.platform_person)
    with pytest.raises(Refused, match="last platform engineer"):
        people.take_role(cast.platform_person.memberships.get(), by=cast.platform_person)
    assert policy.holds_role(User.objects.get(pk=cast.platform_person.pk), "platform", None)


def test_deactivating_twice_is_refused(cast: Cast) -> None:
    people.deactivate(cast.legal, by=cast.platform_person)
    with pytest.raises(Refused, match="deactivated already"):
        people.deactivate(cast.legal, by=cast.platform_person)


def test_the_same_person_cannot_propose_and_approve_a_routing_policy(cast: Cast) -> None:
    with pytest.raises(NotAllowed, match="Nobody approves their own"):
        routing_policies.activate(rules=RULES, proposed_by=cast.platform_person, by=cast.platform_person)
    with pytest.raises(NotAllowed):
        routing_policies.activate(rules=RULES, proposed_by=cast.platform_person, by=cast.owner_retail)


def test_the_newest_version_is_in_force(cast: Cast) -> None:
    newer = routing_policies.activate(rules=RULES[:1], proposed_by=cast.platform_two, by=cast.platform_person)
    assert RoutingPolicy.objects.in_force() == newer
    assert newer.version == cast.routing_policy.version + 1


def test_bootstrap_makes_two_engineers_and_a_policy_once(db: None) -> None:
    out = StringIO()
    call_command("bootstrap", "ana@bank.example=Ana Diaz", "ben@bank.example=Ben Roy", stdout=out)
    assert out.getvalue().count("/account/password/reset/key/") == 2
    assert RoutingPolicy.objects.in_force().version == 1
    with pytest.raises(CommandError, match="has platform engineers"):
        call_command("bootstrap", "cy@bank.example=Cy", "di@bank.example=Di", stdout=out)


@pytest.mark.parametrize("named", [["ana@b.example=Ana", "ana@b.example=Ana"], ["ana", "ben@b.example=Ben"]])
def test_bootstrap_needs_two_different_people(db: None, named: list[str]) -> None:
    with pytest.raises(CommandError):
        call_command("bootstrap", *named, stdout=StringIO())
    assert User.objects.count() == 0


def test_signing_in_and_failing_to_are_in_the_trail(cast: Cast, client: Client) -> None:
    people.set_password(cast.auditor, "a long enough pass phrase")
    for password in ("wrong", "a long enough pass phrase"):
        client.post("/account/login/", {"login": cast.auditor.email, "password": password})
    client.logout()
    client.post("/account/login/", {"login": "stranger@x.example", "password": "wrong"})
    events = AuditEvent.objects.filter(verb__startswith="person.sign").order_by("pk")
    assert [(event.verb, event.subject_name) for event in events] == [
        ("person.sign_in_failed", "Aida Auditor"),
        ("person.signed_in", "Aida Auditor"),
        ("person.sign_in_failed", "stranger@x.example"),
    ]


def test_who_sees_the_platform_may_look_at_the_reference_data_and_change_none_of_it(cast: Cast, client: Client) -> None:
    people.give_role(cast.nobody, "platform", by=cast.platform_person)
    client.force_login(cast.nobody)
    for model in ("user", "membership", "tenant", "usecase", "routingpolicy", "approval"):
        assert client.get(f"/admin/governance/{model}/").status_code == 200
        assert client.get(f"/admin/governance/{model}/add/").status_code == 403
    page = f"/admin/governance/tenant/{cast.retail.pk}/change/"
    assert client.get(page).status_code == 200
    assert client.post(page, {"name": "Other"}).status_code == 403
    assert client.post(f"/admin/governance/tenant/{cast.retail.pk}/delete/", {"post": "yes"}).status_code == 403

    people.take_role(cast.nobody.memberships.get(), by=cast.platform_person)
    assert client.get("/admin/governance/tenant/").status_code == 302
