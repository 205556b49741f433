"""The risk of a use as it is asked for. A request may name less than its use case does; the higher of the two counts.

Pure: reads no database beyond the use case that it is given.
"""

from collections.abc import Sequence

from governance.models import DataClass, UseCase
from governance.risk import Assessment, Profile, assess

Audience = UseCase.Audience
# From the least to the most exposed.
EXPOSURE = (Audience.EMPLOYEES, Audience.PARTNERS, Audience.CUSTOMERS)


def profile(case: UseCase, data_class: str, audience: str) -> Profile:
    """What the tier depends on: the more sensitive data and the wider audience, the rest as the use case has it."""
    data_class = _higher(DataClass.values, data_class, case.data_class)
    audience = _higher(EXPOSURE, audience, case.audience)
    return Profile(data_class, audience, case.autonomy, case.affects_people)


def assessed(case: UseCase, data_class: str, audience: str) -> Assessment:
    """The tier of asking for `data_class` and `audience` for `case`. A reason that only the use case gives says so."""
    found = assess(profile(case, data_class, audience))
    asked = assess(Profile(data_class, audience, case.autonomy, case.affects_people)).reasons
    reasons = (one if one in asked else f"{one.rstrip('.')}, as its use case says." for one in found.reasons)
    return Assessment(found.tier, tuple(reasons))


def understated(case: UseCase, data_class: str, audience: str) -> str:
    """In what a request names less than its use case, as a sentence; "" if in nothing."""
    heeded = profile(case, data_class, audience)
    asked, registered = list[str](), list[str]()
    if heeded.data_class != data_class:
        asked.append(f"{DataClass(data_class).label.lower()} data")
        registered.append(f"{DataClass(case.data_class).label.lower()} data")
    if heeded.audience != audience:
        asked.append(f"answers for {Audience(audience).label.lower()}")
        registered.append(f"answers for {Audience(case.audience).label.lower()}")
    if not asked:
        return ""
    return (
        f"The request names {' and '.join(asked)}, its use case {' and '.join(registered)}. "
        "Risk, reviewers and guardrail go by the use case."
    )


def _higher(order: Sequence[str], one: str, other: str) -> str:
    return max(one, other, key=order.index)
