"""Things that happen one after the other, each at its own moment, told side by side in the order of time."""

import heapq
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import count

from portal.lib import clock

# A story yields the moment at which it goes on; what it does next happens then.
Story = Iterator[datetime]


def tell(stories: Iterable[Story], until: datetime) -> None:
    """Run the stories in the order of their moments, the clock set to each. What lies after `until` does not happen."""
    turn = count()
    waiting: list[tuple[datetime, int, Story]] = []

    def go_on(story: Story) -> None:
        moment = next(story, None)
        if moment is not None and moment <= until:
            heapq.heappush(waiting, (moment, next(turn), story))

    for story in stories:
        go_on(story)
    while waiting:
        moment, _, story = heapq.heappop(waiting)
        with clock.set_to(moment):
            go_on(story)
