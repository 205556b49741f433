"""The model hub: the list with its facets, and the page of a model."""

from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Paginator
from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from governance import policy
from governance.models import User
from governance.roles import Permission
from hub.actions import model_reviews, models
from hub.forms import ModelFilter, StatusForm
from hub.model_states import MODEL
from hub.models import FoundationModel, ModelReview, Price
from hub.reports import models as report
from hub.reports.prices import lines
from hub.views.people import signed_in
from portal.lib import clock
from portal.lib.htmx import render
from portal.lib.refusing import shown_on

S = FoundationModel.Status
A_PAGE = 40


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Every model of the catalogue, what may be asked for first."""
    user = signed_in(request)
    form = ModelFilter(request.GET or None)
    form.is_valid()
    visible = FoundationModel.objects.visible_to(user)
    page = Paginator(_in_order(form.narrow(visible)), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "rows": report.rows(page.object_list),
        "approved": visible.filter(status=S.APPROVED, vanished_at__isnull=True).count(),
        "read_at": report.catalogue_read_at(),
        "unreviewed": visible.filter(status=S.UNREVIEWED, vanished_at__isnull=True).count(),
    }
    return render(request, "hub/models/list.html", context, partial="rows")


@require_safe
def detail(request: HttpRequest, uid: UUID) -> HttpResponse:
    """One model: may I use it, for what, where, until when, for how much, and who does."""
    return _page(request, _visible(request, uid))


@require_http_methods(["POST"])
def change_status(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Restrict, deprecate, retire, block, or lift a block."""
    model = _visible(request, uid)
    form = StatusForm(request.POST, open_moves=_open_moves(model))
    if form.is_valid():
        with shown_on(form):
            models.change_status(model=model, by=signed_in(request), **form.cleaned_data)
        if not form.errors:
            return redirect("hub:model-detail", uid=model.uid)
    return _page(request, model, form)


def _page(request: HttpRequest, model: FoundationModel, form: StatusForm | None = None) -> HttpResponse:
    user = signed_in(request)
    prices = Price.objects.in_force(clock.now()).filter(model_id=model.model_id)
    moves = _open_moves(model) if policy.can(user, Permission.FREEZE_GRANT) else []
    context = {
        "model": model,
        "status": report.status_of(model),
        "meaning": report.meaning(model),
        "answers": report.answers(model),
        "reaches": report.reaches(model, user),
        "prices": lines(prices),
        "price_url": f"{reverse('hub:price-list')}?{urlencode({'q': model.model_id, 'all': 'on'})}",
        "grants": report.grants_of(model, user),
        "reviews": model.reviews.select_related("requested_by"),
        "may_propose": _may_propose(user, model),
        "ask_url": _ask_url(user, model),
        "status_form": form or (StatusForm(open_moves=moves) if moves else None),
    }
    return render(request, "hub/models/detail.html", context, status=422 if form else None)


def _visible(request: HttpRequest, uid: UUID) -> FoundationModel:
    return get_object_or_404(FoundationModel.objects.visible_to(signed_in(request)), uid=uid)


def _in_order(found: QuerySet[FoundationModel]) -> QuerySet[FoundationModel]:
    places = [When(status=status, then=Value(place)) for place, status in enumerate(report.ORDER)]
    ordered = found.annotate(place=Case(*places, default=Value(len(places)), output_field=IntegerField()))
    return ordered.order_by("vanished_at", "place", "provider", "name", "model_id")


def _open_moves(model: FoundationModel) -> list[str]:
    """Where a person may bring the model without a review."""
    allowed = models.STOPS | ({S.UNREVIEWED} if model.status == S.BLOCKED else set())
    return [to for to in S.values if to in MODEL[model.status] & allowed]


def _may_propose(user: User, model: FoundationModel) -> bool:
    proposable = model.status not in model_reviews.NOT_PROPOSABLE and model.vanished_at is None
    if not proposable or not policy.can_somewhere(user, Permission.PROPOSE_MODEL):
        return False
    return not model.reviews.filter(state__in=ModelReview.OPEN).exists()


def _ask_url(user: User, model: FoundationModel) -> str:
    """Where to ask for access to the model, "" if it or the person cannot."""
    if model.status != S.APPROVED or not policy.can_somewhere(user, Permission.REQUEST_ACCESS):
        return ""
    return f"{reverse('access:request-new')}?model={model.uid}"
