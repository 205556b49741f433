"""How the approval engine sees an access request."""

from typing import Any

from django.urls import reverse

from governance.subjects import Subject
from hub import access_facts, answers
from hub.actions import access_requests
from hub.models import AccessRequest
from hub.provisioning.binding import subject_digest
from portal.lib.errors import Refused


def _digest(request: AccessRequest) -> str:
    plan = request.plan
    if plan is None:
        raise Refused("A request without a plan cannot be decided on.")
    return subject_digest(request, plan)


def _facts(request: AccessRequest) -> dict[str, Any]:
    return access_facts.facts(answers.of(request))


def _evidence_url(request: AccessRequest) -> str:
    return reverse("access:request-evidence", args=[request.uid])


SUBJECT = Subject(
    kind=access_facts.KIND,
    model=AccessRequest,
    digest=_digest,
    facts=_facts,
    headline=lambda request: request.headline,
    url=AccessRequest.get_absolute_url,
    tenant=lambda request: request.tenant,
    afterwards="Atrium applies, probes, activates",
    approved=access_requests.approved,
    rejected=access_requests.rejected,
    changes_requested=access_requests.changes_requested,
    withdrawn=access_requests.withdrawn,
    evidence_url=_evidence_url,
)
