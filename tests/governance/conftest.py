"""A kind of subject for the engine's tests: the purpose of a use case, approved or not."""

from collections.abc import Iterator
from typing import Any

import pytest

from governance import subjects
from governance.models import Approval, UseCase
from portal.lib.digest import sha256

KIND = "test.purpose"


def _facts(use_case: UseCase) -> dict[str, Any]:
    """Its expected cost is a dollar for each person who uses it."""
    return {
        "risk": use_case.risk,
        "data_class": use_case.data_class,
        "environment": "dev",
        "audience": use_case.audience,
        "autonomy": use_case.autonomy,
        "affects_people": use_case.affects_people,
        "global_profile": False,
        "monthly_cost_usd": use_case.people,
    }


def _note(effect: str) -> Any:
    """An effect that a test can see in the database: the sponsor becomes its name."""

    def noted(use_case: UseCase, approval: Approval) -> None:
        UseCase.objects.filter(pk=use_case.pk).update(sponsor=f"{effect} {approval.state}")

    return noted


PURPOSE = subjects.Subject(
    kind=KIND,
    model=UseCase,
    digest=lambda use_case: sha256(use_case.purpose),
    facts=_facts,
    headline=lambda use_case: f"Purpose of {use_case}",
    url=lambda use_case: f"/governance/use-cases/{use_case.uid}/",
    tenant=lambda use_case: use_case.tenant,
    approved=_note("approved"),
    rejected=_note("rejected"),
    changes_requested=_note("changes"),
    withdrawn=_note("withdrawn"),
)


@pytest.fixture(scope="session", autouse=True)
def purpose_kind() -> Iterator[None]:
    """Tests of other folders take it in too, and then it is there already."""
    if KIND in subjects.kinds():
        yield
        return
    subjects.register(PURPOSE)
    yield
    subjects._subjects.pop(KIND)
