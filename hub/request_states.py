"""The states of an access request: one table, one mover."""

from hub.models import AccessRequest
from portal.lib.errors import Refused

S = AccessRequest.State

MOVES: dict[str, frozenset[str]] = {
    S.DRAFT: frozenset({S.IN_REVIEW}),  # one that was never sent is thrown away
    S.IN_REVIEW: frozenset({S.CHANGES_REQUESTED, S.APPROVED, S.REJECTED, S.WITHDRAWN, S.EXPIRED}),
    S.CHANGES_REQUESTED: frozenset({S.IN_REVIEW, S.WITHDRAWN, S.EXPIRED}),
    S.APPROVED: frozenset(),
    S.REJECTED: frozenset(),
    S.WITHDRAWN: frozenset(),
    S.EXPIRED: frozenset(),
}
# While it is in one of these, who asked can change it.
EDITABLE = (S.DRAFT, S.CHANGES_REQUESTED)


def move(request: AccessRequest, to: str) -> None:
    """Bring a request to another state, in the caller's transaction; a move to where it is already does nothing.

    Raises Refused for a move that the table does not have, and when somebody else moved it meanwhile.
    """
    if to == request.state:
        return
    if to not in MOVES[request.state]:
        raise Refused(f"A request that is {request.get_state_display().lower()} cannot become {S(to).label.lower()}.")
    if AccessRequest.objects.filter(pk=request.pk, state=request.state).update(state=to) != 1:
        raise Refused("The request was moved by somebody else; look at it again.")
    request.state = to
