"""What Meridian has at AWS: two accounts connected, their catalogue synced, prices loaded, models reviewed."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from governance.models import Approval
from hub import account_setup
from hub.actions import accounts, catalogue, model_reviews, prices
from hub.models import AwsAccount, FoundationModel, ModelReview
from portal.aws import sandbox
from portal.demo.deciding import decide, open_step
from portal.demo.founding import FIRST, person
from portal.demo.shelf import Proposal

ACCOUNTS = (("447100000212", "Group production", "prod"), ("447100000339", "Group development", "nonprod"))
REGIONS = ("eu-central-1", "eu-west-1", "us-east-1")


def connect_accounts() -> None:
    """Take in both accounts, install what a company installs as a stack, test and sync them, load list prices."""
    platform = person(FIRST.email)
    for number, name, environment in ACCOUNTS:
        if AwsAccount.objects.filter(number=number).exists():
            continue
        account = accounts.add(number=number, name=name, environment=environment, regions=REGIONS, by=platform)
        _install_stack(account)
        accounts.test(account=account, by=platform)
    for account in AwsAccount.objects.filter(offers=None):
        catalogue.sync_account(account)
    prices.load_list_prices(by=person("finops@meridian.example"))


def propose(proposal: Proposal, at: datetime) -> Iterator[datetime]:
    """The story of a model that enters the hub, or does not."""
    yield at
    platform = person(FIRST.email)
    model = FoundationModel.objects.get(model_id=proposal.model_id)
    if ModelReview.objects.filter(model=model).exists():
        return
    review = model_reviews.draft(
        model=model, data_classes=proposal.data_classes, regions=proposal.regions, rationale=proposal.rationale,
        conditions=proposal.conditions, by=platform,
    )  # fmt: skip
    approval = model_reviews.submit(review=review, by=platform)
    if proposal.ending == "reject":
        yield at + timedelta(days=2, hours=4)
        _say(
            approval,
            "legal",
            "reject",
            "The terms allow training on prompts in some regions; no answer from the provider.",
        )
    for hours, role in ((20, "security"), (27, "responsible_ai"), (46, "legal")):
        if proposal.ending == "approve" or (not proposal.ending and role == "security"):
            yield at + timedelta(hours=hours)
            _say(approval, role, "approve", "")


def _say(approval: Approval, role: str, verdict: str, reason: str) -> None:
    step = open_step(approval, role)
    if step:
        decide(step, verdict, reason)


def _install_stack(account: AwsAccount) -> None:
    """In AWS the company's administrator installs the template that the page of the account shows."""
    sandbox.install_stack(account.number, account_setup.template(account, account.home_account))
