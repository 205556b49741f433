"""Regions that an account does not name any more: what it offered there is gone for us, whatever AWS has."""

from hub.inventory.guardrails import save_guardrails
from hub.inventory.offers import save_offers
from hub.inventory.profiles import save_profiles
from hub.models import AwsAccount, Guardrail, ModelOffer, SystemProfile


def leave_regions(account: AwsAccount) -> int:
    """Mark what was found in regions that `account` does not name as vanished. Returns how many rows were written.

    Runs inside a transaction. A region that is named again comes back with its next sync.
    """
    left = sorted(_found_in(account) - set(account.regions))
    return sum(_leave(account, region) for region in left)


def still_names(account: AwsAccount, region: str) -> bool:
    """Whether an account names `region` as it stands now; its row is locked, so that a change of it waits."""
    named = AwsAccount.objects.select_for_update(no_key=True).filter(pk=account.pk, regions__contains=[region])
    return named.exists()


def _found_in(account: AwsAccount) -> set[str]:
    found: set[str] = set()
    for table in (ModelOffer, SystemProfile, Guardrail):
        live = table._default_manager.filter(account=account, vanished_at__isnull=True)
        found.update(live.values_list("region", flat=True).distinct())
    return found


def _leave(account: AwsAccount, region: str) -> int:
    return save_offers(account, region, []) + save_profiles(account, region, []) + save_guardrails(account, region, [])
