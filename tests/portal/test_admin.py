"""The Django admin: in our colours, for looking something up, for those whom Atrium calls staff."""

from typing import Any

import pytest
from django.contrib import admin
from django.test import Client, RequestFactory
from django.urls import reverse

from governance.models import User
from tests.cast import Cast

MODELS = [
    pytest.param(model, id=model._meta.label_lower) for model in admin.site._registry if model._meta.app_label != "auth"
]


@pytest.fixture
def staff(cast: Cast, client: Client) -> User:
    user = cast.platform_person
    User.objects.filter(pk=user.pk).update(is_staff=True)
    client.force_login(User.objects.get(pk=user.pk))
    return user


def test_the_admin_is_called_atrium_and_leads_back(staff: User, client: Client) -> None:
    page = client.get(reverse("admin:index")).content.decode()
    assert "Django administration" not in page
    assert 'href="/">Back to Atrium' in page
    assert "css/admin" in page
    assert "Routing policies" in page


@pytest.mark.parametrize("model", MODELS)
def test_everything_there_is_only_looked_at(staff: User, model: Any, client: Client) -> None:
    request = RequestFactory().get("/")
    request.user = User.objects.get(pk=staff.pk)
    page = admin.site._registry[model]
    changes = (
        page.has_add_permission(request),
        page.has_change_permission(request),
        page.has_delete_permission(request),
    )
    assert changes == (False, False, False)
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
    assert client.get(reverse(name)).status_code == (200 if page.has_view_permission(request) else 403)


def test_who_is_not_staff_meets_our_own_page(cast: Cast, client: Client) -> None:
    client.force_login(cast.auditor)
    answer = client.get(reverse("admin:index"), follow=True)
    assert answer.status_code == 403
    assert "You may not do this" in answer.content.decode()


def test_the_admin_has_no_door_of_its_own(db: None, client: Client) -> None:
    answer = client.get(reverse("admin:login"))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("account_login"))
