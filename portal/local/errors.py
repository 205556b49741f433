"""Why the machine could not be started."""


class StartFailed(Exception):
    """Something is missing or in the way. `str(error)` is one sentence with the cause and the cure.

    details: the last lines of the log that shows it, or "".
    """

    def __init__(self, sentence: str, *, details: str = "") -> None:
        super().__init__(sentence)
        self.details = details
