"""The two ways in which Atrium says no, each with a sentence for a person."""

from collections.abc import Sequence


class Refused(Exception):
    """A request that cannot be done as things stand. `str(error)` is a sentence for the person who asked.

    field: the name of the form field that the sentence belongs to, or "" for the form as a whole.
    also: what else stands in the way, so that nobody learns of one mistake after the other.
    instead: what could stand in the field, as (value, label).
    """

    def __init__(
        self,
        sentence: str,
        *,
        field: str = "",
        also: "Sequence[Refused]" = (),
        instead: Sequence[tuple[str, str]] = (),
    ) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field
        self.also = tuple(also)
        self.instead = tuple(instead)


class NotAllowed(Refused):
    """A request by somebody whose roles do not permit it."""
