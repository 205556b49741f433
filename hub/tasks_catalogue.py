"""Background work of the catalogue and the price book."""

from hub.actions import catalogue, prices
from hub.inventory.offers import PRICES_TASK
from hub.models import AwsAccount
from portal.jobs.registry import task


@task("hub.sync_catalogue", every=3600)
def sync_catalogue(_argument: int | None) -> None:
    catalogue.sync_all()


@task(catalogue.ACCOUNT_TASK, max_attempts=4)
def sync_account(account_id: int | None) -> None:
    if account_id is not None:
        catalogue.sync_account(AwsAccount.objects.get(pk=account_id))


# Daily as well as after new models: a new version of the package brings new list prices.
@task(PRICES_TASK, every=86400)
def load_prices(_argument: int | None) -> None:
    prices.load_list_prices(by=None)
