"""API access: one's own tokens, and the services of one's tenants with their keys."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from governance.actions import credentials
from governance.forms_credentials import KeyForm, ServiceForm, TokenForm
from governance.models import PersonRequest, PersonToken
from governance.reports import credentials as report
from portal.lib.refusing import shown_on, told
from portal.lib.verbs import verb

PAGE, TEMPLATE = "governance:api-access", "governance/credentials/list.html"


@require_safe
def index(request: PersonRequest) -> HttpResponse:
    """What acts as me, and what acts for my tenants."""
    return render(request, TEMPLATE, _context(request))


@verb(back=PAGE)
@never_cache
def make_token(request: PersonRequest) -> HttpResponse:
    """Make a token, and show it this once."""
    form, made = TokenForm(request.POST, prefix="token"), None
    if form.is_valid():
        with shown_on(form):
            made = credentials.make_token(**form.cleaned_data, by=request.user)
    return render(request, TEMPLATE, _context(request, token_form=form if form.errors else None, made=made))


@verb(back=PAGE)
@never_cache
def make_key(request: PersonRequest) -> HttpResponse:
    """Make a key of a service, and show it this once."""
    form, made = KeyForm(request.POST, accounts=report.accounts_managed_by(request.user), prefix="key"), None
    if form.is_valid():
        with shown_on(form):
            made = credentials.make_key(**form.cleaned_data, by=request.user)
    return render(request, TEMPLATE, _context(request, key_form=form if form.errors else None, made=made))


@verb(back=PAGE)
def make_service(request: PersonRequest) -> HttpResponse:
    """Make a service account."""
    form = ServiceForm(request.POST, tenants=report.tenants_managed_by(request.user), prefix="service")
    if form.is_valid():
        with shown_on(form):
            account = credentials.make_service(**form.cleaned_data, by=request.user)
            messages.success(request, f"{account} is there. Make a key for it now.")
            return redirect(PAGE)
    return render(request, TEMPLATE, _context(request, service_form=form))


@require_POST
def revoke_token(request: PersonRequest, uid: UUID) -> HttpResponse:
    """End one of one's own tokens."""
    token = get_object_or_404(PersonToken, uid=uid, user=request.user)
    return _ended(request, token, credentials.revoke_token)


@require_POST
def revoke_key(request: PersonRequest, uid: UUID) -> HttpResponse:
    """End a key of a service of one's tenants."""
    key = get_object_or_404(report.keys_managed_by(request.user), uid=uid)
    return _ended(request, key, credentials.revoke_key)


def _ended(request: PersonRequest, credential: Any, revoke: Any) -> HttpResponse:
    with told(request, f"{credential} is refused from now on."):
        revoke(credential, by=request.user)
    return redirect(PAGE)


def _context(request: PersonRequest, **given: Any) -> dict[str, Any]:
    user = request.user
    tenants = report.tenants_managed_by(user)
    forms: dict[str, BaseForm] = {
        "token_form": TokenForm(prefix="token"),
        "key_form": KeyForm(accounts=report.accounts_managed_by(user), prefix="key"),
        "service_form": ServiceForm(tenants=tenants, prefix="service"),
    }
    return {
        "tokens": report.tokens_of(user),
        "services": report.services(user),
        "manages": tenants.exists(),
        "made": None,
        **forms,
        **{name: value for name, value in given.items() if value is not None},
    }
