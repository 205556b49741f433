"""The Platform pages about the machine: where it stands, syncs, jobs."""

from datetime import timedelta
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_safe

from governance import policy
from governance.actions import platform
from governance.models import Membership, PersonRequest, RoutingPolicy, User
from governance.roles import Permission
from governance.views.entrance import only
from portal.jobs import reports, words
from portal.jobs.models import Job, SyncRun
from portal.lib.htmx import render
from portal.lib.moments import span
from portal.lib.refusing import told
from portal.lib.status import Status, Tone
from portal.lib.verbs import verb

PAGE = 50
AGAIN = {SyncRun.State.FAILED, SyncRun.State.PARTIAL}
SYNC_TONES = {
    SyncRun.State.RUNNING: Tone.IDLE,
    SyncRun.State.DONE: Tone.OK,
    SyncRun.State.PARTIAL: Tone.ATTENTION,
    SyncRun.State.FAILED: Tone.DANGER,
}


@require_safe
@only(Permission.VIEW_PLATFORM)
def index(request: PersonRequest) -> HttpResponse:
    """Where the estate stands: what failed, what is late, who runs it."""
    syncs = reports.syncs()
    context = {
        "counts": reports.counts(),
        "longest_wait": reports.longest_wait(),
        "canary_age": reports.canary_age(),
        "failed_syncs": _named([sync for sync in syncs if sync.newest.state == SyncRun.State.FAILED]),
        "syncs": len(syncs),
        "people": User.objects.filter(is_active=True).count(),
        "engineers": Membership.objects.filter(role="platform", until__isnull=True, user__is_active=True).count(),
        "policy": RoutingPolicy.objects.first(),
    }
    return render(request, "platform/index.html", context)


@require_safe
@only(Permission.VIEW_PLATFORM)
def syncs(request: PersonRequest) -> HttpResponse:
    """Each sync with the age of its data and its error, and the schedule that runs it."""
    found = reports.syncs()
    may_run = policy.can(request.user, Permission.RUN_JOBS)
    places = words.of_scopes([sync.newest.scope for sync in found])
    states = [
        {
            "sync": sync,
            "name": words.of(sync.newest.kind),
            "place": places[sync.newest.scope],
            "status": Status(sync.newest.state, sync.newest.get_state_display().lower(), SYNC_TONES[_sync_state(sync)]),
            "again": may_run and sync.newest.job is not None and _sync_state(sync) in AGAIN,
        }
        for sync in found
    ]
    context = {
        "states": states,
        "schedules": [(one, words.of(one.name), span(timedelta(seconds=one.every))) for one in reports.schedules()],
        "may_run": may_run,
        "running": any(sync.newest.state == SyncRun.State.RUNNING for sync in found),
    }
    return render(request, "platform/syncs/list.html", context, partial="states")


@verb(back="platform:sync-list")
@only(Permission.VIEW_PLATFORM)
def run_now(request: PersonRequest) -> HttpResponse:
    """Run one task of the schedule now."""
    name = request.POST.get("name", "")
    with told(request, f"{words.of(name)}: runs as soon as a worker is free."):
        platform.run_now(name, by=request.user)
    return redirect("platform:sync-list")


@verb(back="platform:sync-list", given=())
@only(Permission.VIEW_PLATFORM)
def sync_again(request: PersonRequest, pk: int) -> HttpResponse:
    """Do one sync that failed once more."""
    run = get_object_or_404(SyncRun.objects.select_related("job"), pk=pk)
    place = words.of_scopes([run.scope])[run.scope]
    with told(request, f"{words.of(run.kind)} of {place}: runs as soon as a worker is free."):
        platform.sync_again(run, by=request.user)
    return redirect("platform:sync-list")


@require_safe
@only(Permission.VIEW_PLATFORM)
def jobs(request: PersonRequest) -> HttpResponse:
    """Jobs by state, dead ones first."""
    shown = request.GET.get("state", Job.State.DEAD)
    if shown not in Job.State.values:
        shown = Job.State.DEAD
    found = reports.dead() if shown == Job.State.DEAD else Job.objects.filter(state=shown)
    counts = reports.counts()
    context = {
        "page": Paginator(found, PAGE).get_page(request.GET.get("page", 1)),
        "shown": Job.State(shown),
        "states": [(state.value, state.label, counts[state]) for state in Job.State],
        "dead": counts[Job.State.DEAD],
        "longest_wait": reports.longest_wait(),
        "may_run": policy.can(request.user, Permission.RUN_JOBS),
    }
    return render(request, "platform/jobs/list.html", context)


@verb(back="platform:job-list", given=())
@only(Permission.VIEW_PLATFORM)
def retry(request: PersonRequest, uid: UUID) -> HttpResponse:
    """Let a dead job run again."""
    job = get_object_or_404(Job, uid=uid)
    with told(request):
        platform.retry_job(job, by=request.user)
        messages.success(request, f"{job.name} waits for a worker again.")
    return redirect("platform:job-list")


def _named(syncs: list[reports.SyncState]) -> list[tuple[str, reports.SyncState]]:
    """Each sync with what it reads, and where, in words."""
    places = words.of_scopes([sync.newest.scope for sync in syncs])
    return [(f"{words.of(sync.newest.kind)} of {places[sync.newest.scope]}", sync) for sync in syncs]


def _sync_state(sync: reports.SyncState) -> SyncRun.State:
    return SyncRun.State(sync.newest.state)
