"""Routing policies: another version, made by two people, in force from a moment on."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from governance import audit, policy, routing
from governance.models import RoutingPolicy, User
from governance.roles import Permission
from governance.vocabulary import Verb
from portal.lib import clock
from portal.lib.digest import sha256
from portal.lib.errors import NotAllowed, Refused


def activate(
    *, rules: list[dict[str, Any]], proposed_by: User, active_from: datetime | None = None, by: User
) -> RoutingPolicy:
    """Put `rules` in force as the next version. proposed_by wrote them, `by` approves: two different people.

    Approvals that run keep the version under which they were submitted.
    """
    for person in (proposed_by, by):
        policy.check_can(person, Permission.MANAGE_PEOPLE, what="change who decides")
    if proposed_by.pk == by.pk:
        raise NotAllowed("Nobody approves their own routing policy.")
    routing.check_rules(rules)
    last = RoutingPolicy.objects.order_by("-version").first()
    try:
        with transaction.atomic():
            version = RoutingPolicy.objects.create(
                version=last.version + 1 if last else 1,
                rules=rules,
                digest=sha256(rules),
                proposed_by=proposed_by,
                approved_by=by,
                active_from=active_from or clock.now(),
            )
            audit.record(
                Verb.ROUTING_POLICY_ACTIVATED, version, by=by, proposed_by=proposed_by.email, digest=version.digest
            )
    except IntegrityError as error:
        raise Refused("Somebody else activated a version at the same moment. Look again.") from error
    return version
