"""What other apps may do when something happened in governance: see portal.jobs.effects."""

from enum import StrEnum

from portal.jobs.effects import Effects


class Event(StrEnum):
    """What happens here, and what the jobs are given."""

    TENANT_CREATED = "tenant_created"  # the id of the tenant
    USE_CASE_CHANGED = "use_case_changed"  # the id of the use case


effects = Effects(Event)
register, emit, registered = effects.register, effects.emit, effects.registered
