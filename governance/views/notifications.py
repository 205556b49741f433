"""What one was told."""

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from governance.actions import notifications
from governance.models import Notification, PersonRequest
from portal.lib.verbs import verb

PAGE = 25


@require_safe
def index(request: PersonRequest) -> HttpResponse:
    """One's own notifications, newest first."""
    mine = Notification.objects.filter(user=request.user)
    page = Paginator(mine, PAGE).get_page(request.GET.get("page", 1))
    unread = mine.filter(read_at__isnull=True).count()
    return render(request, "governance/notifications/list.html", {"page": page, "unread": unread})


@verb(back="governance:notification-list", given=())
def read(request: PersonRequest, pk: int) -> HttpResponse:
    """Mark one as read and go where it leads."""
    notification = get_object_or_404(Notification, pk=pk, user=request.user)
    notifications.read(notification, by=request.user)
    return redirect(notification.url)


@verb(back="governance:notification-list")
def read_all(request: PersonRequest) -> HttpResponse:
    """Mark all as read."""
    notifications.read_all(by=request.user)
    return redirect("governance:notification-list")
