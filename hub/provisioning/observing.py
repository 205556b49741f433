"""Drift: what AWS has, compared with what was applied. Observing changes nothing; repairing is a person's decision."""

from typing import Any

from governance import audit
from governance.vocabulary import Verb
from hub.models import Artefact, Grant
from hub.provisioning.found import Blocked, Found
from hub.provisioning.ground import Ground
from hub.provisioning.kinds import KINDS
from portal.aws.errors import AwsError
from portal.jobs.claims import fenced
from portal.jobs.outbox import enqueue
from portal.lib import clock

Drift = Artefact.Drift
S = Grant.State
AT_REST = (S.ACTIVE, S.FROZEN)
# A person must act on these; the reconciler would only fail again.
WAITING_FOR_A_PERSON = (S.PROVISIONING_FAILED, S.APPLIED_UNVERIFIED)
GONE = "It is not there any more."


def observe_all() -> None:
    """One job for each grant at rest, and for each that stands still although it should move (its job died)."""
    live = Grant.objects.live()
    for pk in live.filter(state__in=AT_REST).values_list("pk", flat=True):
        enqueue("hub.observe_grant", pk)
    moving = live.exclude(state__in=[S.ACTIVE, *WAITING_FOR_A_PERSON], wanted=Grant.Wanted.ACCESS)
    for pk in moving.exclude(state=S.FROZEN, wanted=Grant.Wanted.DENIAL).values_list("pk", flat=True):
        enqueue("hub.reconcile", pk)


def observe(grant_id: int) -> None:
    """Compare each artefact of one grant with AWS and write the drift; what cannot be seen is unknown."""
    grant = Grant.objects.select_related("account", "plan", "tenant", "use_case", "model").get(pk=grant_id)
    if grant.state not in AT_REST:
        return
    artefacts = list(grant.artefacts.exclude(state=Artefact.State.ABSENT))
    try:
        ground = Ground.of(grant)
    except AwsError as error:
        _write(grant, [(artefact, Drift.UNKNOWN, artefact.actual, str(error)) for artefact in artefacts])
        return
    _write(grant, [(artefact, *_compared(ground, artefact)) for artefact in artefacts])


def _compared(ground: Ground, artefact: Artefact) -> tuple[str, object, str]:
    """(drift, what was found, why it is unknown or drifted)."""
    kind, desired = KINDS[artefact.kind], ground.resolved(artefact.desired)
    try:
        found: Found | None = kind.observe(ground, desired)
        wanted = kind.wanted(ground, desired)
    except AwsError as error:
        return Drift.UNKNOWN, artefact.actual, str(error)
    except Blocked as error:
        return Drift.DRIFTED, None, str(error)
    if found is None:
        return Drift.DRIFTED, None, GONE
    if found.content != wanted:
        return Drift.DRIFTED, found.content, "It is not as it was applied."
    return Drift.IN_SYNC, found.content, ""


def _write(grant: Grant, seen: list[tuple[Artefact, str, object, str]]) -> None:
    """Unless people or the reconciler moved the grant meanwhile: what was seen is then no drift, but on its way."""
    with fenced():
        same = Grant.objects.select_for_update(no_key=True).filter(pk=grant.pk, state=grant.state, wanted=grant.wanted)
        if not same.exists():
            return
        for artefact, drift, actual, why in seen:
            if drift == Drift.DRIFTED and artefact.drift != Drift.DRIFTED:
                audit.record(
                    Verb.GRANT_DRIFTED, grant, by=None, tenant=grant.tenant, artefact=artefact.kind, name=artefact.name
                )
            changes: dict[str, Any] = {} if drift == Drift.UNKNOWN else {"observed_at": clock.now()}
            if why == GONE:
                changes["arn"] = ""  # what has this name next may be made by others
            Artefact.objects.filter(pk=artefact.pk).update(drift=drift, actual=actual, error=why, **changes)
