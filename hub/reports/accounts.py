"""What the pages of accounts tell: how each stands, how old its data is, where logs are missing."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from hub.account_setup import logging_command
from hub.inventory import SYNC_KIND
from hub.models import AccountRegion, AwsAccount
from hub.regions import place
from portal.jobs.reports import SyncState, syncs
from portal.lib.status import Status, Tone

STATES = {
    AwsAccount.State.CONNECTED: Status("connected", "connected", Tone.OK),
    AwsAccount.State.FAILING: Status("failing", "failing", Tone.DANGER),
    AwsAccount.State.UNKNOWN: Status("unknown", "not tested yet", Tone.ATTENTION),
}
LOGGING = {
    True: Status("on", "on", Tone.OK),
    False: Status("off", "off", Tone.DANGER),
    None: Status("unknown", "not known", Tone.ATTENTION),
}


@dataclass(frozen=True, slots=True)
class RegionRow:
    """A region of an account. found: None before its first sync; sync: None if it never ran."""

    region: str
    found: AccountRegion | None
    sync: SyncState | None
    cure: str

    @property
    def place(self) -> str:
        return place(self.region)

    @property
    def data_from(self) -> datetime | None:
        """When the last sync that brought data ended."""
        return self.sync.data_from if self.sync else None

    @property
    def logging(self) -> Status:
        return LOGGING[self.found.logging_on if self.found else None]


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account with its regions, in the order in which it names them."""

    account: AwsAccount
    status: Status
    regions: list[RegionRow]

    @property
    def data_from(self) -> datetime | None:
        """The moment up to which all regions are known; None as long as one never synced."""
        ends = [region.data_from for region in self.regions]
        known = [end for end in ends if end is not None]
        return min(known) if known and len(known) == len(ends) else None

    @property
    def without_logs(self) -> list[RegionRow]:
        return [region for region in self.regions if region.logging.value == "off"]


def account_rows(accounts: list[AwsAccount]) -> list[AccountRow]:
    """The rows of `accounts`, with a constant number of queries."""
    ages = {state.newest.scope: state for state in syncs(SYNC_KIND)}
    found = {(one.account_id, one.region): one for one in AccountRegion.objects.filter(account__in=accounts)}
    return [
        AccountRow(
            account,
            STATES[AwsAccount.State(account.state)],
            [
                RegionRow(
                    region,
                    found.get((account.pk, region)),
                    ages.get(f"{account.number}/{region}"),
                    logging_command(account.number, region),
                )
                for region in account.regions
            ],
        )
        for account in accounts
    ]


def places(scopes: Collection[str]) -> dict[str, str]:
    """The words for scopes of syncs that are an account ("447100000212") or a region of it ("…/eu-central-1")."""
    split = {scope: scope.partition("/") for scope in scopes}
    numbers = {number for number, _slash, _region in split.values()}
    names = dict(AwsAccount.objects.filter(number__in=numbers).values_list("number", "name"))
    return {
        scope: f"{names[number]} · {place(region)}" if region else f"{names[number]} · every region"
        for scope, (number, _slash, region) in split.items()
        if number in names
    }
