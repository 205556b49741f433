"""Reviews of access requests that end without a decision, because what they stand on is not there any more."""

from governance.actions import approvals
from hub.access_facts import KIND
from hub.models import AccessRequest


def end_review(request: AccessRequest, *, because: str) -> bool:
    """Void the review that runs on a request, in the caller's transaction; who asked is told. Returns whether one ran.

    because: a sentence. The request can be changed and sent again.
    """
    return approvals.void_for(kind=KIND, subject=request, because=because)
