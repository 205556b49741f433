"""The form of an access request: a draft from its first answer on, with a live verdict, until it is sent."""

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.datastructures import MultiValueDict
from django.utils.dateparse import parse_datetime
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from django_htmx.http import HttpResponseClientRedirect

from governance.models import User
from hub.access_pages import comments_on
from hub.actions import access_requests
from hub.actions.access_requests import Overtaken
from hub.forms_access import FIRST, AccessRequestForm
from hub.models import AccessRequest
from hub.past import awaits_answer, changes_asked
from hub.request_states import EDITABLE
from hub.verdict import alike, verdict, waits_for
from portal.lib.htmx import render, wants_part
from portal.lib.refusing import shown_on, told
from portal.lib.uid import new_uid
from portal.lib.verbs import verb

State = AccessRequest.State
Typed = dict[str, list[str]]
LONGEST_PAGE = 36


@never_cache
@require_safe
def new(request: HttpRequest) -> HttpResponse:
    """The form of a request that is not there yet: its first answer makes the draft, under the uid of the form."""
    user = cast(User, request.user)
    access_requests.check_may_ask(user)
    asked = {name: [request.GET[name]] for name in ("model", "use_case") if request.GET.get(name)}
    return _form_page(request, AccessRequest(uid=new_uid(), requested_by=user), _form(asked, user))


@never_cache
@require_safe
def edit(request: HttpRequest, uid: UUID) -> HttpResponse:
    """The form as it was left."""
    access = _own(request, uid)
    if access.state not in EDITABLE:
        return redirect(access)
    return _form_page(request, access, _form(access.typed, cast(User, request.user)))


@verb(back="access:request-edit")
def save(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Keep what was typed. htmx gets the verdict and the questions that apply now; autosave.js puts them in place."""
    typed, kept = _typed(request), False
    access, form = _own_or_new(request, uid, typed), _form(typed, cast(User, request.user))
    with shown_on(form) if wants_part(request) else told(request):
        try:
            _keep(request, access, form, typed)
            kept = True
        except Overtaken:
            return _kept_apart(request, access, form, typed)
    if wants_part(request):
        return _form_part(request, access, form, kept=kept)
    if "continue" in request.POST or not access.pk:
        form.require_first()
        if form.errors:
            return _form_page(request, access, form, tried="first", status=422)
    return redirect(f"{access.get_absolute_url()}edit/#rest")


@verb(back="access:request-edit")
def submit(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Send the request to those who decide; what is missing or wrong is said beside its field, all of it at once."""
    user, typed = cast(User, request.user), _typed(request)
    access, form = _own_or_new(request, uid, typed), _form(typed, user)
    with shown_on(form):
        try:
            _keep(request, access, form, typed)
        except Overtaken:
            return _kept_apart(request, access, form, typed)
        form.require_everything()
        if form.is_valid():
            access_requests.submit(access, answers=form.answers, answer=form.reply, by=user)
            return redirect("access:request-detail", uid=access.uid)
    if access.pk:
        access.refresh_from_db()
    if access.state not in EDITABLE:  # sent twice: the first one counts
        return redirect("access:request-detail", uid=access.uid)
    return _form_page(request, access, form, tried="everything", status=422)


def _own(request: HttpRequest, uid: UUID) -> AccessRequest:
    """One's own request: those of others are not there for writing in."""
    return get_object_or_404(AccessRequest, uid=uid, requested_by=cast(User, request.user))


def _own_or_new(request: HttpRequest, uid: UUID, typed: Typed) -> AccessRequest:
    """One's own request; the first answer of a form makes its draft. Without any, it is one that is not there yet.

    Only of a form that was drawn for this person: an address that never was is else answered like that of others.
    """
    user = cast(User, request.user)
    drawn = constant_time_compare(request.POST.get("drawn", ""), _drawn(user, uid))
    if not drawn or AccessRequest.objects.filter(uid=uid).exists():
        return _own(request, uid)
    if any(value.strip() for values in typed.values() for value in values):
        return access_requests.start(uid=uid, by=user)
    access_requests.check_may_ask(user)
    return AccessRequest(uid=uid, requested_by=user)


def _drawn(user: User, uid: UUID) -> str:
    """The proof that the form of this uid was drawn for this person."""
    return salted_hmac("hub.access_drafts", f"{user.pk} {uid}").hexdigest()


def _typed(request: HttpRequest) -> Typed:
    known = AccessRequestForm.base_fields
    return {name: [str(value) for value in values] for name, values in request.POST.lists() if name in known}


def _form(typed: Typed, user: User) -> AccessRequestForm:
    form = AccessRequestForm(MultiValueDict(typed), user=user)
    form.is_valid()
    return form


def _keep(request: HttpRequest, access: AccessRequest, form: AccessRequestForm, typed: Typed) -> None:
    """Raises Overtaken if another page saved something since this one was drawn. Without an answer nothing is kept."""
    answers, seen = form.answers, parse_datetime(request.POST.get("seen", ""))
    if access.pk:
        access_requests.save_draft(
            access,
            typed=typed,
            use_case=answers.use_case,
            model=answers.model,
            seen=seen,
            page=request.POST.get("page", "")[:LONGEST_PAGE],
            by=access.requested_by,
        )


def _kept_apart(request: HttpRequest, access: AccessRequest, form: AccessRequestForm, typed: Typed) -> HttpResponse:
    """Both stay: what was saved elsewhere where it is, what was sent now as a draft of its own."""
    answers, user = form.answers, cast(User, request.user)
    own = access_requests.start(typed=typed, by=user)
    access_requests.save_draft(own, typed=typed, use_case=answers.use_case, model=answers.model, by=user)
    messages.warning(
        request,
        f"{access.code} was changed elsewhere meanwhile, perhaps in another tab. Nothing is lost: it stays as it was "
        f"saved there, and what you typed here is this draft, {own.code}.",
    )
    address = reverse("access:request-edit", args=[own.uid])
    return HttpResponseClientRedirect(address) if wants_part(request) else redirect(address)


def _form_part(request: HttpRequest, access: AccessRequest, form: AccessRequestForm, *, kept: bool) -> HttpResponse:
    """What an answer changed around the answers. What was refused when it was tried stays said until it is mended."""
    tried = request.POST.get("tried", "")
    if require := {"first": form.require_first, "everything": form.require_everything}.get(tried):
        require()
    answer = _form_page(request, access, form, tried=tried, kept=kept)
    if access.pk:
        answer["HX-Replace-Url"] = reverse("access:request-edit", args=[access.uid])
    return answer


def _form_page(
    request: HttpRequest,
    access: AccessRequest,
    form: AccessRequestForm,
    *,
    tried: str = "",
    kept: bool = False,
    status: int | None = None,
) -> HttpResponse:
    """The form, or for htmx its questions and the verdict on it. tried: "first" or "everything" once it was refused.

    kept: whether these answers were saved; begun: whether the page was drawn before there was a draft to throw away.
    A question that was answered stays, although another answer made the first ones incomplete.
    """
    user = cast(User, request.user)
    answers, given = form.answers, form.data
    asked = changes_asked(access)
    context = {
        "access": access,
        "form": form,
        "answers": answers,
        "verdict": verdict(answers, asked_by=user, own=access),
        "alike": alike(answers, access),
        "first": form.first,
        "rest": tried == "everything" or answers.risk is not None or bool(set(given) - set(FIRST)),
        "named": given.get("roles") or given.get("create_role"),
        "tried": tried,
        "kept": kept,
        "sent": status is not None,
        "begun": not request.POST.get("seen"),
        "drawn": _drawn(user, access.uid),
        "seen": access.saved_at.isoformat() if access.pk else "",
        "page": new_uid(),
        "waits": waits_for(answers, [name for name in form.errors if given.get(name)]),
        "asked": asked,
        "answering": form.ask_answer(asked) if asked and awaits_answer(access) else None,
        "comments": comments_on(access),
        "drafts": AccessRequest.objects.filter(requested_by=user, state=State.DRAFT).count(),
    }
    return render(request, "hub/access_requests/form.html", context, partial="answer", status=status)
