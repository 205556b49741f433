"""What the pages of accounts tell: how each stands, how old its data is, where logs are missing."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from hub.account_setup import logging_command
from hub.inventory import SYNC_KIND
from hub.models import AccountRegion, AwsAccount, ServiceHealth
from hub.regions import place
from portal.jobs.reports import SyncState, syncs
from portal.lib.status import Status, Tone

STATES = {
    AwsAccount.State.CONNECTED: Status("connected", "connected", Tone.OK),
    AwsAccount.State.FAILING: Status("failing", "failing", Tone.DANGER),
    AwsAccount.State.UNKNOWN: Status("unknown", "not tested yet", Tone.ATTENTION),
}
ANSWERS = {
    ServiceHealth.State.CLOSED: Status("closed", "answers", Tone.OK),
    ServiceHealth.State.PROBING: Status("probing", "is tried again", Tone.ATTENTION),
    ServiceHealth.State.OPEN: Status("open", "left alone", Tone.DANGER),
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
class ServiceRow:
    """How one service answers in a region of an account: the worst that a living process tells."""

    health: ServiceHealth

    @property
    def status(self) -> Status:
        return ANSWERS[self.health.state_now]


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account with its regions, in the order in which it names them, and the services that were called there."""

    account: AwsAccount
    status: Status
    regions: list[RegionRow]
    services: list[ServiceRow]

    @property
    def left_alone(self) -> list[ServiceRow]:
        """Services that fail again and again, so that calls are refused at once for now."""
        return [row for row in self.services if row.health.state_now != ServiceHealth.State.CLOSED]

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
    healths = services([account.number for account in accounts])
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
            healths.get(account.number, []),
        )
        for account in accounts
    ]


def services(numbers: Collection[str]) -> dict[str, list[ServiceRow]]:
    """How the services of accounts answer, by number; "" is Atrium's own identity."""
    found: dict[str, list[ServiceRow]] = {}
    for health in ServiceHealth.objects.filter(account_number__in=numbers):
        found.setdefault(health.account_number, []).append(ServiceRow(health))
    return found


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
