"""What follows in the hub when a use case changed: reviews that others might have to decide, grants it has outgrown."""

from governance import facts
from governance.models import Approval, UseCase
from hub import access_facts, answers
from hub.actions.access_requests import approval_of
from hub.actions.review_ends import end_review
from hub.models import AccessRequest, Grant
from hub.outgrown import outgrown
from hub.provisioning.news import tell_outgrown
from portal.jobs.claims import fenced

GRANT_PARTS = ("request__requested_by", "use_case", "tenant__parent", "model")


def follow(use_case_id: int) -> None:
    """End each running review whose facts changed, and tell about each live grant of a higher risk by now.

    Works from what is there: safe to run twice, and late.
    """
    use_case = UseCase.objects.get(pk=use_case_id)
    with fenced():
        for request in _in_review(use_case):
            if changed := _changed_facts(request):
                end_review(request, because=f"{use_case} changed ({', '.join(changed)}), so others may have to decide.")
        for grant in use_case.grants.live().exclude(wanted=Grant.Wanted.NOTHING).select_related(*GRANT_PARTS):
            if tier := outgrown(grant):
                tell_outgrown(grant, tier)


def _in_review(use_case: UseCase) -> list[AccessRequest]:
    """The requests of a use case on which somebody is to decide.

    Not locked: a decision locks the approval first and its request after it, and so does what ends a review.
    """
    found = use_case.access_requests.filter(state=AccessRequest.State.IN_REVIEW)
    return list(found.select_related("use_case__tenant", "model", "requested_by"))


def _changed_facts(request: AccessRequest) -> list[str]:
    """What people say about a request that is not what its review was routed by, as short labels."""
    running = approval_of(request)
    if running is None or running.state != Approval.State.IN_REVIEW:
        return []
    now = facts.stated(facts.check(access_facts.facts(answers.of(request))))
    return [facts.FACTS[name].label.lower() for name, value in now.items() if value != running.facts.get(name)]
