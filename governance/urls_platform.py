"""Addresses of the Platform pages that governance owns: people, routing policies, syncs, jobs."""

from django.conf import settings
from django.urls import path

from governance.views import people, platform, routing_policies, sandbox_faults

app_name = "platform"
urlpatterns = [
    path("", platform.index, name="index"),
    path("people/", people.index, name="people-list"),
    path("people/invite/", people.invite, name="person-invite"),
    path("people/<uuid:uid>/", people.detail, name="person-detail"),
    path("people/<uuid:uid>/invitation/", people.invitation, name="person-invitation"),
    path("people/<uuid:uid>/roles/", people.give_role, name="role-give"),
    path("people/<uuid:uid>/roles/<int:pk>/end/", people.take_role, name="role-take"),
    path("people/<uuid:uid>/deactivate/", people.deactivate, name="person-deactivate"),
    path("people/<uuid:uid>/reactivate/", people.reactivate, name="person-reactivate"),
    path("routing/", routing_policies.index, name="routing-policy-list"),
    path("routing/<int:version>/", routing_policies.detail, name="routing-policy-detail"),
    path("syncs/", platform.syncs, name="sync-list"),
    path("syncs/run/", platform.run_now, name="sync-run-now"),
    path("syncs/<int:pk>/again/", platform.sync_again, name="sync-again"),
    path("jobs/", platform.jobs, name="job-list"),
    path("jobs/<uuid:uid>/retry/", platform.retry, name="job-retry"),
]

if settings.SANDBOX:
    urlpatterns += [
        path("sandbox/", sandbox_faults.index, name="sandbox-fault-list"),
        path("sandbox/clear/", sandbox_faults.clear_all, name="sandbox-fault-clear-all"),
        path("sandbox/<int:number>/clear/", sandbox_faults.clear, name="sandbox-fault-clear"),
    ]
