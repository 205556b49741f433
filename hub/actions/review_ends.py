"""Reviews of access requests that end without a decision, because what they stand on is not there any more."""

from governance.actions import approvals, notifications
from governance.models import Notification
from hub.access_facts import KIND
from hub.actions.access_requests import approval_of
from hub.models import AccessRequest


def end_review(request: AccessRequest, *, because: str) -> bool:
    """Void the review that runs on a request and tell who asked, in the caller's transaction. Returns whether one ran.

    because: a sentence. The request can be changed and sent again.
    """
    if not approvals.void_for(kind=KIND, subject=request, because=because):
        return False
    ended = approval_of(request)
    notifications.tell(
        request.requested_by,
        kind=Notification.Kind.DECIDED,
        sentence=f"The review of {request.headline} ended without a decision. {because}",
        url=request.get_absolute_url(),
        key=f"approval:{ended.pk if ended else request.uid}:void",
    )
    return True
