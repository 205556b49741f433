"""What other apps may do when something happened in the hub: see portal.jobs.effects."""

from enum import StrEnum

from portal.jobs.effects import Effects


class Event(StrEnum):
    """What happens here, and what the jobs are given."""

    GRANT_ACTIVE = "grant_active"  # the id of the grant
    LOGGING_FOUND = "logging_found"  # the id of the region whose logs go to a bucket that was not known
    PRICE_CHANGED = "price_changed"  # the id of the price that begins first of those that were changed together


effects = Effects(Event)
register, emit, registered = effects.register, effects.emit, effects.registered
