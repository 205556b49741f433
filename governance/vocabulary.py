"""The closed vocabulary of the audit trail. Each value is emitted somewhere and rendered as a sentence."""

from django.db import models


class Verb(models.TextChoices):
    """value, and how it reads between actor and subject: "Ana *approved* Claude for Call summary"."""

    PERSON_INVITED = "person.invited", "invited"
    PERSON_DEACTIVATED = "person.deactivated", "deactivated"
    PERSON_REACTIVATED = "person.reactivated", "reactivated"
    ROLE_GIVEN = "role.given", "gave a role to"
    ROLE_TAKEN = "role.taken", "took a role from"
    SIGNED_IN = "person.signed_in", "signed in as"
    SIGN_IN_FAILED = "person.sign_in_failed", "failed to sign in as"
    ACTION_REFUSED = "action.refused", "was refused on"
    TENANT_ONBOARDING_ASKED = "tenant.onboarding_asked", "asked to take in"
    TENANT_CREATED = "tenant.created", "created the tenant"
    TENANT_CHANGED = "tenant.changed", "changed the tenant"
    USE_CASE_CREATED = "use_case.created", "created the use case"
    USE_CASE_CHANGED = "use_case.changed", "changed the use case"
    ROUTING_POLICY_ACTIVATED = "routing_policy.activated", "activated"
    APPROVAL_OPENED = "approval.opened", "asked for approval of"
    STEP_OPENED = "approval.step_opened", "opened a step of"
    APPROVED_STEP = "approval.step_approved", "approved a step of"
    REJECTED = "approval.rejected", "rejected"
    CHANGES_REQUESTED = "approval.changes_requested", "asked for changes to"
    APPROVAL_RESUBMITTED = "approval.resubmitted", "submitted again"
    COMMENTED = "approval.commented", "commented on"
    APPROVAL_WITHDRAWN = "approval.withdrawn", "withdrew"
    APPROVAL_EXPIRED = "approval.expired", "let expire"
    APPROVAL_VOIDED = "approval.voided", "voided the approval of"
    APPROVED = "approval.approved", "completed the approval of"
