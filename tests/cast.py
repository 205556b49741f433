"""The cast of every test: people by role, two lines of business, a use case, the default routing policy."""

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

import pytest

from governance.actions import routing_policies
from governance.default_policy import RULES
from governance.models import Membership, RoutingPolicy, Tenant, UseCase, User
from governance.risk import of_use_case

# Before any moment that a test sets the clock to.
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def person(name: str, role: str = "", tenant: Tenant | None = None) -> User:
    """Somebody with one role, or none: `person("Ana", "builder", retail)`. Signs in by `client.force_login`."""
    user = User.objects.create_user(f"{name.lower().replace(' ', '.')}@meridian.example", name=name)
    if role:
        Membership.objects.create(user=user, role=role, tenant=tenant, since=LONG_AGO)
    return user


def tenant(name: str, parent: Tenant | None = None, **changes: Any) -> Tenant:
    """A line of business (or a team of `parent`) that may use all data but restricted, in two EU regions."""
    given = {
        "name": name,
        "slug": name.lower().replace(" ", "-"),
        "parent": parent,
        "cost_centre": "CC-1000",
        "data_classes": ["public", "internal", "confidential"],
        "regions": ["eu-central-1", "eu-west-1"],
    }
    return Tenant.objects.create(**(given | changes))


def use_case(of: Tenant, owner: User, name: str = "Call summary", **changes: Any) -> UseCase:
    """A use case of medium risk: confidential data, seen by employees, a person writes."""
    given = {
        "name": name,
        "slug": name.lower().replace(" ", "-"),
        "tenant": of,
        "owner": owner,
        "purpose": "Agents get the notes of a call without writing them.",
        "sponsor": "Head of service",
        "outcome": "Agents save time after each call.",
        "kpi": "seconds saved a call",
        "data_class": "confidential",
        "audience": "employees",
        "people": 420,
    }
    made = UseCase(**(given | changes))
    assessment = of_use_case(made)
    made.risk, made.risk_reasons = assessment.tier, list(assessment.reasons)
    made.save()
    return made


@dataclass(frozen=True)
class Cast:
    """Everybody and everything that a test may count on."""

    retail: Tenant
    insurance: Tenant
    builder_retail: User
    owner_retail: User
    builder_insurance: User
    owner_insurance: User
    security: User
    security_two: User
    legal: User
    rai: User
    finops_person: User
    executive: User
    auditor: User
    platform_person: User
    platform_two: User
    nobody: User
    routing_policy: RoutingPolicy
    call_summary: UseCase


def make_cast() -> Cast:
    """The cast in the database that is connected now. Fixtures give its parts; tests with real commits call it."""
    retail, insurance = tenant("Retail banking"), tenant("Insurance")
    builder = person("Bea Builder", "builder", retail)
    platform, platform_two = person("Pia Platform", "platform"), person("Paul Platform", "platform")
    return Cast(
        retail=retail,
        insurance=insurance,
        builder_retail=builder,
        owner_retail=person("Olga Owner", "owner", retail),
        builder_insurance=person("Ben Builder", "builder", insurance),
        owner_insurance=person("Omar Owner", "owner", insurance),
        security=person("Sam Security", "security"),
        security_two=person("Sue Security", "security"),
        legal=person("Lea Legal", "legal"),
        rai=person("Rita Responsible", "responsible_ai"),
        finops_person=person("Finn Finops", "finops"),
        executive=person("Eva Executive", "executive"),
        auditor=person("Aida Auditor", "auditor"),
        platform_person=platform,
        platform_two=platform_two,
        nobody=person("Nils Nobody"),
        routing_policy=routing_policies.activate(rules=RULES, proposed_by=platform, by=platform_two),
        call_summary=use_case(retail, builder),
    )


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


def _part(name: str) -> Any:
    @pytest.fixture(name=name)
    def part(cast: Cast) -> Any:
        return getattr(cast, name)

    return part


# One fixture for each part of the cast, under its own name.
globals().update({field.name: _part(field.name) for field in fields(Cast)})
