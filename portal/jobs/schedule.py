"""The schedule: each task with `every` gets one job a slot, whichever sweeper comes first."""

from datetime import UTC, datetime

from django.db import IntegrityError, transaction

from portal.jobs.locks import unless_locked
from portal.jobs.models import ScheduledSlot
from portal.jobs.outbox import enqueue
from portal.jobs.registry import TASKS
from portal.lib import clock


def fill() -> int:
    """Enqueue the newest slot of each schedule unless that was done; slots that were missed are not made up for.

    Returns how many jobs were scheduled.
    """
    slots = {task.name: slot_of(clock.wall(), task.every) for task in TASKS.values() if task.every}
    known = ScheduledSlot.objects.filter(schedule__in=slots, slot__in=set(slots.values()))
    taken = set(known.values_list("schedule", "slot"))
    return sum(_take(name, slot) for name, slot in slots.items() if (name, slot) not in taken)


def slot_of(moment: datetime, every: int) -> datetime:
    """The start of the slot of `every` seconds that a moment lies in; slots are counted from 1970 in UTC."""
    return datetime.fromtimestamp(moment.timestamp() // every * every, UTC)


def _take(name: str, slot: datetime) -> bool:
    """Insert slot and job together. False when another sweeper had it, or something holds a job of that name."""
    taken = False
    try:
        with unless_locked(f"a job of {name}"), transaction.atomic():
            ScheduledSlot.objects.create(schedule=name, slot=slot, job=enqueue(name))
            taken = True
    except IntegrityError:
        return False
    return taken
