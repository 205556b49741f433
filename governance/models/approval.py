"""Approvals: one engine for every kind of subject."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.db import models
from django.db.models import F, Q

from governance.roles import ROLES, Permission
from portal.lib import clock
from portal.lib.identified import Identified
from portal.lib.status import Status, Tone

if TYPE_CHECKING:
    from governance.models.person import User


class ApprovalQuerySet(models.QuerySet["Approval"]):
    def visible_to(self, user: "User") -> Self:
        """Approvals of tenants that this person may see, and those that they asked for."""
        from governance.policy import within

        return self.filter(within(user, Permission.VIEW, "tenant") | Q(requested_by=user))

    def open(self) -> Self:
        """Approvals that somebody still has to act on."""
        return self.filter(state__in=[Approval.State.IN_REVIEW, Approval.State.CHANGES_REQUESTED])


class Approval(Identified):
    """The decision about one content (`digest`) of one subject, under one version of the routing policy.

    Asked for changes and submitted again, it stays the same approval and begins another `round`: with the digest, facts
    and policy of that moment, and steps and decisions of its own. Those of earlier rounds stay as they were.
    """

    class State(models.TextChoices):
        IN_REVIEW = "in_review", "In review"
        CHANGES_REQUESTED = "changes_requested", "Changes requested"
        APPROVED = "approved", "Approved"
        REJECTED = "rejected", "Rejected"
        WITHDRAWN = "withdrawn", "Withdrawn"
        EXPIRED = "expired", "Expired"
        VOID = "void", "Void: the content changed"

    tenant = models.ForeignKey("governance.Tenant", null=True, on_delete=models.PROTECT, related_name="approvals")
    kind = models.CharField(max_length=40)
    subject_id = models.BigIntegerField()
    round = models.PositiveSmallIntegerField(default=1)
    digest = models.CharField(max_length=64)
    headline = models.CharField(max_length=200)
    facts = models.JSONField()
    policy = models.ForeignKey("governance.RoutingPolicy", on_delete=models.PROTECT, related_name="approvals")
    requested_by = models.ForeignKey("governance.User", on_delete=models.PROTECT, related_name="approvals_asked")
    state = models.CharField(max_length=20, choices=State, default=State.IN_REVIEW)
    opened_at = models.DateTimeField(default=clock.now)
    decided_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField()

    objects = ApprovalQuerySet.as_manager()

    class Meta:
        ordering = ("-opened_at",)
        indexes: ClassVar = [models.Index(fields=["kind", "subject_id"]), models.Index(fields=["state", "expires_at"])]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "subject_id"],
                condition=Q(state__in=["in_review", "changes_requested"]),
                name="approval_open_once_a_subject",
            )
        ]

    def __str__(self) -> str:
        return self.headline

    @property
    def is_open(self) -> bool:
        return self.state in {self.State.IN_REVIEW, self.State.CHANGES_REQUESTED}

    @property
    def steps_of_round(self) -> "list[ApprovalStep]":
        """The steps of the running round, in their order; no query where the steps were prefetched."""
        return [step for step in self.steps.all() if step.round == self.round]

    @property
    def status(self) -> Status:
        """Where it stands, for a badge."""
        return Status(self.state, self.get_state_display().lower(), _TONES[self.State(self.state)])


_TONES = {
    Approval.State.IN_REVIEW: Tone.ATTENTION,
    Approval.State.CHANGES_REQUESTED: Tone.ATTENTION,
    Approval.State.APPROVED: Tone.OK,
    Approval.State.REJECTED: Tone.DANGER,
    Approval.State.WITHDRAWN: Tone.IDLE,
    Approval.State.EXPIRED: Tone.IDLE,
    Approval.State.VOID: Tone.IDLE,
}


class ApprovalStep(models.Model):
    """One role that decides, with `quorum` different people. `stage` orders steps; equal stages run side by side."""

    class State(models.TextChoices):
        WAITING = "waiting", "Comes later"
        OPEN = "open", "Waits"
        APPROVED = "approved", "Approved"
        REJECTED = "rejected", "Rejected"
        CLOSED = "closed", "Not needed any more"

    approval = models.ForeignKey(Approval, on_delete=models.PROTECT, related_name="steps")
    round = models.PositiveSmallIntegerField(default=1)
    role = models.CharField(max_length=32, choices=[(role.name, role.label) for role in ROLES.values()])
    stage = models.PositiveSmallIntegerField()
    quorum = models.PositiveSmallIntegerField(default=1)
    rules = models.JSONField(help_text='[{"name", "because"}] of the rules that asked for this step')
    due_hours = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=16, choices=State, default=State.WAITING)
    opened_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("round", "stage", "id")
        indexes: ClassVar = [models.Index(fields=["state", "role"])]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["approval", "round", "role"], name="approval_step_once_a_role"),
            models.CheckConstraint(condition=Q(quorum__gte=1), name="approval_step_needs_somebody"),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} on {self.approval}"


class Decision(models.Model):
    """What one person said on one step about one content. One person counts once in a round, whatever their roles."""

    class Verdict(models.TextChoices):
        APPROVE = "approve", "Approved"
        REJECT = "reject", "Rejected"
        REQUEST_CHANGES = "request_changes", "Asked for changes"

    approval = models.ForeignKey(Approval, on_delete=models.PROTECT, related_name="decisions")
    step = models.ForeignKey(ApprovalStep, on_delete=models.PROTECT, related_name="decisions")
    person = models.ForeignKey("governance.User", on_delete=models.PROTECT, related_name="decisions")
    # Kept beside the person so that the database itself can refuse a decision on one's own request.
    requested_by = models.ForeignKey("governance.User", on_delete=models.PROTECT, related_name="+")
    round = models.PositiveSmallIntegerField(default=1)
    digest = models.CharField(max_length=64, help_text="The content that was decided on.")
    verdict = models.CharField(max_length=16, choices=Verdict)
    reason = models.TextField(blank=True)
    decided_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("decided_at", "id")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["approval", "round", "person"], name="decision_one_a_person"),
            models.CheckConstraint(condition=~Q(person=F("requested_by")), name="decision_never_on_ones_own_request"),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_verdict_display()}"


class Comment(models.Model):
    """A remark on an approval."""

    approval = models.ForeignKey(Approval, on_delete=models.PROTECT, related_name="comments")
    author = models.ForeignKey("governance.User", on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    written_at = models.DateTimeField(default=clock.now)

    class Meta:
        ordering = ("written_at", "id")

    def __str__(self) -> str:
        return self.text
