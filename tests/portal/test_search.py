"""Search finds everything that a person may see, by the words people know it by, and nothing else."""

import pytest

from finops.actions import budgets
from governance import search
from governance.actions import approvals
from governance.models import User
from tests.cast import Cast
from tests.governance.conftest import KIND, purpose_kind  # noqa: F401  (a fixture)
from tests.hub.access_world import World, world  # noqa: F401  (a fixture)
from tests.hub.conftest import connect, prod_account  # noqa: F401  (fixtures)

USD = 1_000_000_000
COMPANY = {"executive", "auditor", "finops_person", "platform_person", "security", "legal"}
PLATFORM = {"platform_person", "auditor"}
COSTS = {"executive", "auditor", "finops_person", "platform_person"}
RETAIL = {"builder_retail", "owner_retail"}
INSURANCE = {"builder_insurance", "owner_insurance"}
EVERYBODY = COMPANY | RETAIL | INSURANCE | {"nobody"}


@pytest.fixture
def company(cast: Cast, world: World) -> Cast:  # noqa: F811
    """Retail has a grant, a review and a budget in an account of the whole company."""
    world.approved()
    approvals.open(kind=KIND, subject=cast.call_summary, by=cast.builder_retail)
    budgets.set_monthly(tenant=cast.retail, use_case=None, amount_nano=60 * USD, by=cast.owner_retail)
    return cast


def found(user: User, words: str) -> set[tuple[str, str]]:
    return {(hit.kind, hit.title) for hit in search.search(user, words)}


# words, kind, title → who finds it
TABLE = [
    ("retail", "tenant", "Retail banking", COMPANY | RETAIL),
    ("banking retail", "tenant", "Retail banking", COMPANY | RETAIL),
    ("CC-1000", "tenant", "Retail banking", COMPANY | RETAIL),
    ("CC-1000", "tenant", "Insurance", COMPANY | INSURANCE),
    ("call summary", "use case", "Call summary", COMPANY | RETAIL),
    ("retail call", "use case", "Call summary", COMPANY | RETAIL),
    ("purpose", "review", "Purpose of Call summary", COMPANY | RETAIL),
    ("retail", "budget", "Budget of Retail banking", COSTS | RETAIL),
    ("budget retail", "budget", "Budget of Retail banking", COSTS | RETAIL),
    ("447100000212", "AWS account", "", PLATFORM),
    ("lea", "person", "Lea Legal", PLATFORM),
    ("lea.legal@", "person", "Lea Legal", PLATFORM),
    ("responsible", "role", "Responsible AI", PLATFORM),
    ("haiku", "model", "Claude Haiku 4.5", EVERYBODY - {"nobody"}),
]


@pytest.mark.parametrize(("words", "kind", "title", "finders"), TABLE)
def test_each_finds_what_they_may_see(company: Cast, words: str, kind: str, title: str, finders: set[str]) -> None:
    who = {
        name
        for name in EVERYBODY
        if any(hit_kind == kind and title in (hit, "") for hit_kind, hit in found(getattr(company, name), words))
    }
    assert who == finders


def test_what_is_found_opens_for_whoever_found_it(company: Cast, client) -> None:  # type: ignore[no-untyped-def]
    for name in sorted(EVERYBODY):
        user = getattr(company, name)
        client.force_login(user)
        for words in ("retail", "call", "le", "447100", "haiku", "purpose", "e"):
            for hit in search.search(user, words):
                assert client.get(hit.url).status_code == 200, (name, hit)
