"""Residency, as a table: scope, Region, destinations, data class, what tenant and clearance allow → verdict."""

import pytest

from hub.regions import place, places
from hub.residency import Limit, judge

EU = ("eu-central-1", "eu-west-1", "eu-north-1")
EU_WIDE = (*EU, "eu-west-3", "eu-south-1", "eu-south-2")
US = ("us-east-1", "us-east-2", "us-west-2")
APAC = ("ap-northeast-1", "ap-southeast-1", "ap-southeast-2")
WORLD = (*EU_WIDE, *US, *APAC)
ALL = ("global",)

# scope, region, destinations, data class, tenant allows, clearance allows → allowed, outside
TABLE = [
    ("in_region", "eu-central-1", (), "public", EU, EU, True, ()),
    ("in_region", "eu-central-1", (), "internal", EU, EU, True, ()),
    ("in_region", "eu-central-1", (), "confidential", EU, EU, True, ()),
    ("in_region", "eu-central-1", (), "restricted", ("eu-central-1",), EU, True, ()),
    ("in_region", "eu-central-1", (), "restricted", EU, ("eu-central-1",), True, ()),
    ("in_region", "eu-west-1", (), "restricted", ("eu-central-1",), EU, False, ("eu-west-1",)),
    ("in_region", "us-east-1", (), "public", EU, ALL, False, ("us-east-1",)),
    ("in_region", "us-east-1", (), "public", ALL, EU, False, ("us-east-1",)),
    ("in_region", "us-east-1", (), "public", ALL, ALL, True, ()),
    ("in_region", "eu-central-1", EU_WIDE, "confidential", ("eu-central-1",), EU, True, ()),
    ("in_region", "eu-central-1", (), "public", (), EU, False, ("eu-central-1",)),
    ("in_region", "eu-central-1", (), "public", EU, (), False, ("eu-central-1",)),
    ("geo", "eu-central-1", EU, "confidential", EU, EU, True, ()),
    ("geo", "eu-central-1", EU, "restricted", EU, EU, True, ()),
    ("geo", "eu-central-1", EU_WIDE, "confidential", EU, EU_WIDE, False, ("eu-south-1", "eu-south-2", "eu-west-3")),
    ("geo", "eu-central-1", EU_WIDE, "confidential", EU_WIDE, EU, False, ("eu-south-1", "eu-south-2", "eu-west-3")),
    ("geo", "eu-central-1", EU_WIDE, "confidential", EU_WIDE, EU_WIDE, True, ()),
    ("geo", "eu-central-1", EU_WIDE, "internal", ALL, EU_WIDE, True, ()),
    ("geo", "eu-west-1", EU, "restricted", ("eu-central-1", "eu-west-1"), EU, False, ("eu-north-1",)),
    ("geo", "us-east-1", US, "internal", US, US, True, ()),
    ("geo", "us-east-1", US, "internal", EU, US, False, ("us-east-1", "us-east-2", "us-west-2")),
    ("geo", "us-east-1", US, "confidential", ("us-east-1",), US, False, ("us-east-2", "us-west-2")),
    ("geo", "us-west-2", US, "public", ALL, ALL, True, ()),
    ("geo", "ap-southeast-2", APAC, "internal", APAC, APAC, True, ()),
    ("geo", "ap-southeast-2", APAC, "internal", (*APAC[:2],), APAC, False, ("ap-southeast-2",)),
    ("geo", "ap-northeast-1", APAC, "restricted", (APAC[0],), ALL, False, APAC[1:]),
    # The Region of the call counts although the profile does not list it.
    ("geo", "eu-south-1", EU, "internal", EU, EU, False, ("eu-south-1",)),
    ("geo", "eu-central-1", (), "internal", EU, EU, True, ()),
    ("global", "eu-central-1", WORLD, "public", ALL, ALL, True, ()),
    ("global", "eu-central-1", WORLD, "internal", ALL, ALL, True, ()),
    ("global", "eu-central-1", WORLD, "confidential", ALL, ALL, False, ("global",)),
    ("global", "eu-central-1", WORLD, "restricted", ALL, ALL, False, ("global",)),
    ("global", "eu-central-1", WORLD, "public", EU, ALL, False, ("global",)),
    ("global", "eu-central-1", WORLD, "public", ALL, WORLD, False, ("global",)),
    # A list of every Region of today is not a word about tomorrow's.
    ("global", "us-east-1", WORLD, "internal", WORLD, WORLD, False, ("global",)),
    ("global", "us-east-1", (), "internal", (), (), False, ("global",)),
]


@pytest.mark.parametrize(("scope", "region", "to", "data_class", "tenant", "clearance", "allowed", "outside"), TABLE)
def test_data_goes_only_where_tenant_and_clearance_both_allow(
    scope, region, to, data_class, tenant, clearance, allowed, outside
):
    limits = [Limit("Retail banking", tenant), Limit("the clearance", clearance)]
    verdict = judge(scope=scope, region=region, destinations=to, data_class=data_class, limits=limits)
    assert (verdict.allowed, verdict.outside) == (allowed, outside)


def test_the_table_has_a_row_for_each_scope_class_and_verdict():
    seen = {(scope, data_class, allowed) for scope, _, _, data_class, _, _, allowed, _ in TABLE}
    assert len(TABLE) >= 30
    assert {scope for scope, _, _ in seen} == {"in_region", "geo", "global"}
    assert {("geo", "restricted", True), ("geo", "restricted", False), ("global", "restricted", False)} <= seen


def test_a_refusal_names_who_allows_what_and_which_region_is_outside():
    verdict = judge(
        scope="geo",
        region="eu-central-1",
        destinations=EU,
        data_class="restricted",
        limits=[Limit("Retail banking", ("eu-central-1", "eu-west-1")), Limit("the clearance", ALL)],
    )
    assert verdict.sentence == (
        "Calls may be answered in Frankfurt, Stockholm and Ireland; "
        "Retail banking allows only Frankfurt and Ireland, so Stockholm is not allowed."
    )


def test_an_allowed_route_is_one_sentence():
    limits = [Limit("Retail banking", EU)]
    geo = judge(scope="geo", region="eu-west-1", destinations=EU, data_class="confidential", limits=limits)
    near = judge(scope="in_region", region="eu-west-1", destinations=(), data_class="confidential", limits=limits)
    assert geo.sentence.endswith("Confidential data may go to all 3.")
    assert near.sentence == "Calls stay in Ireland; Confidential data may go there."


def test_a_region_newer_than_the_table_keeps_its_code():
    assert place("eu-east-9") == "eu-east-9"
    assert places([]) == "nowhere"
