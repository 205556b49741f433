"""What is a grant's own in AWS: made at the same moment by two runs, without its tags, or with tags of others."""

import json
from typing import Any

import pytest
from django.conf import settings

from hub.actions import grants
from hub.models import Grant
from hub.provisioning import observing, steps
from hub.provisioning.found import Found
from hub.provisioning.ground import Ground
from hub.provisioning.kinds import KINDS
from hub.provisioning.kinds.kind import Desired, Kind
from hub.provisioning.reconciler import reconcile
from portal.aws import iam, profiles
from portal.aws.session import Session, for_account
from tests.hub.access_world import REGION, Aws, World, use_case_of


class Overtaken:
    """A kind to whom another run comes first: that one makes the thing between our look and our making."""

    def __init__(self, kind: Kind) -> None:
        self.kind, self.overtaken = kind, False

    def __getattr__(self, name: str) -> Any:
        return getattr(self.kind, name)

    def observe(self, ground: Ground, desired: Desired) -> Found | None:
        found = self.kind.observe(ground, desired)
        if found is None and not self.overtaken:
            self.overtaken = True
            self.kind.create(ground, desired)
        return found


@pytest.fixture
def session(world: World) -> Session:
    return for_account(world.account.ref, REGION)


@pytest.fixture
def driven(world, cast):
    """driven(…answers): a grant as the reconciler leaves it; nothing of it stays in the account afterwards."""
    made: list[Grant] = []

    def drive(**answers: Any) -> Grant:
        made.append(world.approved(**answers))
        return again(made[-1])

    yield drive
    for grant in made:
        Grant.objects.filter(pk=grant.pk).exclude(state__in=Grant.ENDED).update(wanted="nothing")
        reconcile(grant.pk)


def again(grant: Grant) -> Grant:
    reconcile(grant.pk)
    grant.refresh_from_db()
    return grant


def untag(session: Session, grant: Grant) -> None:
    """What an administrator does who tidies up tags."""
    client = Aws(settings.AWS_ENDPOINT_URL, session.account).client("iam")
    keys = ["atrium:grant", "atrium:tenant", "atrium:use_case"]
    client.untag_policy(PolicyArn=grant.artefacts.get(kind="iam_policy").arn, TagKeys=keys)
    client.untag_role(RoleName=f"atrium-{grant.slug}", TagKeys=keys)
    profiles.untag(session, grant.profile_arn, keys)


@pytest.mark.parametrize("kind", ["inference_profile", "role", "iam_policy", "aws_budget"])
def test_what_another_run_made_at_the_same_moment_is_gone_on_with(driven, monkeypatch, kind):
    overtaken = Overtaken(KINDS[kind])
    monkeypatch.setitem(steps.KINDS, kind, overtaken)
    grant = driven(role_arns=(), create_role=True)
    assert overtaken.overtaken
    assert (grant.state, grant.error) == ("active", "")
    assert {artefact.drift for artefact in grant.artefacts.all()} == {"in_sync"}


def test_a_grant_whose_tags_were_removed_in_aws_can_be_revoked(driven, session, cast):
    grant = driven(role_arns=(), create_role=True)
    untag(session, grant)
    grants.revoke(grant, reason="The project ended.", by=cast.owner_retail)
    assert again(grant).state == "revoked"
    assert iam.get_policy(session, f"atrium-{grant.slug}") is None
    assert profiles.find(session, grant.slug) is None


def test_a_grant_whose_tags_were_removed_in_aws_is_repaired(driven, session, cast):
    grant = driven(role_arns=(), create_role=True)
    untag(session, grant)
    observing.observe(grant.pk)
    assert grant.artefacts.get(kind="inference_profile").drift == "drifted"
    grants.retry(grant, by=cast.owner_retail)
    assert again(grant).state == "active"
    assert profiles.get(session, grant.profile_arn).tags["atrium:grant"] == str(grant.uid)


def test_what_carries_the_tag_of_another_is_never_taken_over(driven, session, cast):
    grant = driven()
    arn = grant.artefacts.get(kind="iam_policy").arn
    client = session.client("iam")
    client.tag_policy(PolicyArn=arn, Tags=[{"Key": "atrium:grant", "Value": "somebody-else"}])
    grants.revoke(grant, reason="The project ended.", by=cast.owner_retail)
    assert again(grant).state == "revoking"
    assert "was not made for this grant" in grant.error
    client.tag_policy(PolicyArn=arn, Tags=[{"Key": "atrium:grant", "Value": str(grant.uid)}])


def test_what_others_made_under_the_name_of_what_is_gone_is_not_the_grants(driven, session, cast):
    grant = driven()
    arn = grant.artefacts.get(kind="iam_policy").arn
    iam.delete_policy(session, iam.get_policy(session, f"atrium-{grant.slug}"))
    observing.observe(grant.pk)
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "s3:*", "Resource": "*"}]}
    client = session.client("iam")
    client.create_policy(PolicyName=f"atrium-{grant.slug}", PolicyDocument=json.dumps(document))
    grants.revoke(grant, reason="The project ended.", by=cast.owner_retail)
    assert again(grant).state == "revoking"
    assert "was not made for this grant" in grant.error
    client.delete_policy(PolicyArn=arn)


def test_a_strange_tag_in_our_name_is_drift_and_is_taken_away(driven, session, cast):
    grant = driven()
    profiles.tag(session, grant.profile_arn, {"atrium:discount": "yes", "team": "alpha"})
    observing.observe(grant.pk)
    assert grant.artefacts.get(kind="inference_profile").drift == "drifted"
    grants.retry(grant, by=cast.owner_retail)
    assert (again(grant).state, grant.error) == ("active", "")
    tags = profiles.get(session, grant.profile_arn).tags
    assert "atrium:discount" not in tags
    assert tags["team"] == "alpha"


def test_a_grant_that_failed_before_its_budget_has_no_share_in_it(driven, world, session, cast):
    case = use_case_of(world)
    there = driven(use_case=case)
    gone = world.role_arn.replace("retail-callsummary", "nobody-made-it")
    failed = driven(use_case=case, environment="test", role_arns=(gone,), monthly_budget_nano=150 * 10**9)
    assert failed.state == "provisioning_failed"
    observing.observe(there.pk)
    assert there.artefacts.get(kind="aws_budget").drift == "in_sync"
    third = driven(use_case=case, environment="dev", monthly_budget_nano=50 * 10**9)
    assert third.artefacts.get(kind="aws_budget").actual["limit_nano"] == 650 * 10**9
