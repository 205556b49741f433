"""The search page."""

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from governance import search
from governance.models import PersonRequest
from portal.lib.addresses import words_of
from portal.lib.htmx import render


@require_safe
def index(request: PersonRequest) -> HttpResponse:
    """What `q` finds among everything that one may see."""
    words = words_of(request, "q", 100)
    context = {"q": words, "hits": search.search(request.user, words), "enough": search.MIN_LENGTH}
    return render(request, "governance/search.html", context, partial="results")
