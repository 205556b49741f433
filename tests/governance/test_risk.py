"""The risk tier and its reasons."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.models import DataClass, UseCase
from governance.risk import Profile, assess

DATA = list(DataClass.values)
AUDIENCES = list(UseCase.Audience.values)


@pytest.mark.parametrize(
    ("profile", "tier", "reason"),
    [
        (Profile("internal", "employees", 0, False), "low", "a person acts on what it says"),
        (Profile("confidential", "employees", 0, False), "medium", "confidential data"),
        (Profile("internal", "customers", 1, False), "medium", "Customers see its answers"),
        (Profile("internal", "partners", 0, False), "medium", "Partners"),
        (Profile("public", "partners", 0, False), "low", "not confidential"),
        (Profile("internal", "employees", 2, False), "medium", "while a person watches"),
        (Profile("internal", "customers", 2, False), "high", "by itself towards customers"),
        (Profile("internal", "employees", 3, False), "high", "nobody looks at each action"),
        (Profile("restricted", "employees", 0, False), "high", "restricted data"),
        (Profile("public", "employees", 0, True), "high", "decisions about people"),
    ],
)
def test_each_tier_comes_with_its_reason(profile: Profile, tier: str, reason: str) -> None:
    assessment = assess(profile)
    assert assessment.tier == tier
    assert any(reason in sentence for sentence in assessment.reasons)


PROFILES = st.builds(Profile, st.sampled_from(DATA), st.sampled_from(AUDIENCES), st.integers(0, 4), st.booleans())
ORDER = {"low": 0, "medium": 1, "high": 2}


@given(PROFILES)
def test_more_of_anything_never_lowers_the_tier(profile: Profile) -> None:
    tier = ORDER[assess(profile).tier]
    more = [
        Profile(data, audience, autonomy, affects)
        for data in DATA[DATA.index(profile.data_class) :]
        for audience in AUDIENCES[AUDIENCES.index(profile.audience) :]
        for autonomy in range(profile.autonomy, 5)
        for affects in (profile.affects_people, True)
    ]
    assert all(ORDER[assess(one).tier] >= tier for one in more)
