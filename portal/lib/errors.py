"""The two ways in which Atrium says no, each with a sentence for a person."""


class Refused(Exception):
    """A request that cannot be done as things stand. `str(error)` is a sentence for the person who asked.

    field: the name of the form field that the sentence belongs to, or "" for the form as a whole.
    """

    def __init__(self, sentence: str, *, field: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field


class NotAllowed(Refused):
    """A request by somebody whose roles do not permit it."""
