"""How a job goes wrong, and how that is told."""

import traceback

from portal.lib.errors import Refused

OURS = ("portal", "governance", "hub", "finops")
LONGEST = 2000


class Permanent(Refused):
    """Raised by a handler for which trying again is of no use: the job is dead at once, with this sentence."""


class ClaimLost(Exception):
    """Another worker has taken the job over, or it was ended: nothing more may be written on its behalf."""


def in_words(error: BaseException) -> str:
    """What went wrong for a person: a refusal's own sentence, else the error's last line and where ours raised it."""
    if isinstance(error, Refused):
        return error.sentence[:LONGEST]
    line = traceback.format_exception_only(error)[-1].strip()
    return f"{line[:LONGEST]}{_place(error)}"


def _place(error: BaseException) -> str:
    """ " (hub.actions.grants.reconcile, line 40)": the innermost frame of Atrium's own code, "" if there is none."""
    frames = [
        f" ({frame.f_globals['__name__']}.{frame.f_code.co_name}, line {number})"
        for frame, number in traceback.walk_tb(error.__traceback__)
        if frame.f_globals.get("__name__", "").split(".")[0] in OURS
    ]
    return frames[-1] if frames else ""
