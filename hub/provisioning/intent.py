"""The trail knows before AWS does: no run changes AWS unless it is on record that it is about to."""

from governance import audit
from governance.vocabulary import Verb
from hub.models import Grant
from hub.provisioning.ground import Ground
from portal.jobs.claims import fenced

VERBS = {
    Grant.Wanted.ACCESS: Verb.GRANT_PROVISIONING,
    Grant.Wanted.DENIAL: Verb.GRANT_FREEZING,
    Grant.Wanted.NOTHING: Verb.GRANT_REVOKING,
}


def announce(ground: Ground) -> None:
    """Commit to the trail that this run is about to change AWS, unless it has said so already.

    A trail that takes no event ends the run here, as the database's own error. A run that moved the grant has said so
    with the move; one that only looks says nothing.
    """
    if ground.announced:
        return
    grant = ground.grant
    with fenced():
        details = {"again": True} if _goes_on(grant) else {}
        audit.record(VERBS[Grant.Wanted(grant.wanted)], grant, by=None, tenant=grant.tenant, **details)
    ground.announced = True


def _goes_on(grant: Grant) -> bool:
    """Whether a run before this one began the same. Access and removal begin with a move, which is their event."""
    begun = grant.artefacts.filter(kind="denial").exclude(unrecorded="")
    return grant.wanted != Grant.Wanted.DENIAL or begun.exists()
