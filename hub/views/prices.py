"""The price book."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance import policy
from governance.roles import Permission
from hub.actions import prices
from hub.forms import PriceForm
from hub.models import Price
from hub.reports.prices import lines, unpriced
from hub.views.people import signed_in
from portal.lib import clock
from portal.lib.addresses import words_of
from portal.lib.errors import NotAllowed
from portal.lib.htmx import render
from portal.lib.refusing import shown_on, told

A_PAGE = 60


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Rates in force, or with `all` every period of a model; `q` narrows by the model's id."""
    user = signed_in(request)
    if not policy.can_somewhere(user, Permission.VIEW):
        raise NotAllowed("Your roles do not let you see prices.")
    words, every = words_of(request, "q", 100).strip(), "all" in request.GET
    found = Price.objects.filter(model_id__icontains=words) if words else Price.objects.all()
    found = found if every else found.in_force(clock.now())
    page = Paginator(lines(found), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "words": words,
        "every": every,
        "unpriced": unpriced(clock.now()),
        "may_set": policy.can(user, Permission.MANAGE_PRICES),
    }
    return render(request, "hub/prices/list.html", context, partial="rows")


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Enter a rate over the list."""
    user = signed_in(request)
    policy.check_can(user, Permission.MANAGE_PRICES, what="change prices")
    form = PriceForm(request.POST or None, initial={"model_id": request.GET.get("model", ""), "tier": "standard"})
    if request.method == "POST" and form.is_valid():
        with shown_on(form):
            price = prices.set_price(price=form.save(commit=False), reason=form.cleaned_data["reason"], by=user)
        if not form.errors:
            messages.success(request, f"{price} from {price.since:%d %B %Y, %H:%M} UTC on.")
            return redirect(f"{reverse('hub:price-list')}?q={price.model_id}")
    return render(request, "hub/prices/form.html", {"form": form}, status=422 if form.errors else None)


@require_POST
def load(request: HttpRequest) -> HttpResponse:
    """Bring the list prices of the installed package into the book."""
    with told(request):
        loaded = prices.load_list_prices(by=signed_in(request))
        messages.success(
            request, f"{loaded.changed} rates are new or changed; the list does not know {len(loaded.unpriced)} models."
        )
    return redirect("hub:price-list")
