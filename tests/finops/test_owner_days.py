"""The cube summed to owners says what the cube says, whatever changes."""

from collections import Counter
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.migrations.loader import MigrationLoader

from finops.actions import attribution, cube
from finops.models import OwnerDay, SpendDay
from hub.models import Price
from tests.cast import Cast, use_case
from tests.finops.conftest import DAY, SONNET, Use
from tests.finops.test_cube import ROLE, handle

KEYS = ("day", "line_of_business_id", "tenant_id", "use_case_id", "priced")
SUMS = ("requests", "errors", "input", "output", "cache_read", "cache_write", "cost_nano")
STRAY = "arn:aws:iam::447100000212:role/somebody"


def summed(model: type[SpendDay] | type[OwnerDay]) -> dict[tuple[object, ...], dict[str, int]]:
    """All rows of a table added up by owner."""
    found: dict[tuple[object, ...], Counter[str]] = {}
    for row in model.objects.all():
        key = tuple(getattr(row, name) for name in KEYS)
        found.setdefault(key, Counter()).update({name: getattr(row, name) for name in SUMS})
    return {key: dict(sums) for key, sums in found.items()}


def built() -> dict[tuple[object, ...], dict[str, int]]:
    """Build what is marked; the sums by owner, which are those of the cube."""
    assert cube.build_marked() > 0
    owners = summed(OwnerDay)
    assert owners == summed(SpendDay)
    assert len(owners) == OwnerDay.objects.count(), "one row an owner, day and whether it is priced"
    return owners


@pytest.fixture
def usage(cast: Cast, use: Use, sonnet_prices: None) -> None:
    """Three days of two owners, of nobody and of a model without a price."""
    other = use_case(cast.insurance, cast.builder_insurance, "Claims triage")
    handle(cast, "principal", ROLE)
    for back in range(3):
        at = DAY - timedelta(days=back)
        for hour, region in ((0, "eu-central-1"), (7, "eu-west-1")):
            given = {"input": 1_000_000 + back, "output": 1_003 * back, "region": region}
            use(at + timedelta(hours=hour), principal=ROLE, cache_read=7, **given)
            use(at + timedelta(hours=hour), use_case=str(other.uid), cache_write_1h=5, errors=1, **given)
            use(at + timedelta(hours=hour), principal=STRAY, **given)
            use(
                at + timedelta(hours=hour), principal=ROLE, model_id="acme.unpriced", model_ref="acme.unpriced", **given
            )


def test_every_day_is_the_sum_of_its_cube(usage: None) -> None:
    owners = built()
    assert len(owners) == 3 * 4
    assert sum(sums["requests"] for sums in owners.values()) == 24


def test_usage_that_finds_an_owner_later_moves_in_both(cast: Cast, usage: None) -> None:
    before = built()
    since = DAY - timedelta(days=1)
    attribution.assign(kind="principal", value=STRAY, use_case=cast.call_summary, since=since, by=cast.finops_person)
    after = built()
    strays = [{key[0] for key in found if key[3] is None} for found in (before, after)]
    assert [len(days) for days in strays] == [3, 1]


def test_a_changed_price_changes_both(usage: None) -> None:
    before = built()
    Price.objects.filter(model_id=SONNET, token_class="input").update(until=DAY)
    Price.objects.create(
        model_id=SONNET, token_class="input", usd_per_million=Decimal("1.00"), since=DAY, source="test"
    )
    cube.mark_from(DAY)
    after = built()
    changed = {key[0] for key in before if before[key]["cost_nano"] != after[key]["cost_nano"]}
    assert changed == {DAY.date()}


def test_later_usage_of_a_day_is_added_once(use: Use, usage: None) -> None:
    before = built()
    use(DAY + timedelta(hours=9), input=1, principal=STRAY)
    after = built()
    assert sum(sums["requests"] for sums in after.values()) == 1 + sum(sums["requests"] for sums in before.values())


def test_an_owner_has_one_row_a_day(usage: None) -> None:
    built()
    for use_case_is_known in (True, False):
        row = OwnerDay.objects.filter(use_case__isnull=not use_case_is_known)[0]
        row.pk = None
        with pytest.raises(IntegrityError, match="owner_day_once"), transaction.atomic():
            row.save()


def test_a_cube_that_was_built_before_there_were_such_sums_is_summed_by_the_migration(usage: None) -> None:
    owners = built()
    OwnerDay.objects.all().delete()
    fill = MigrationLoader(connection).get_migration("finops", "0003_owner_days").operations[-1]
    with connection.cursor() as cursor:
        cursor.execute(fill.sql)
    assert summed(OwnerDay) == owners
