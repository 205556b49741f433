"""Sessions in other accounts: Atrium's own role, assumed with the external id that Atrium made.

Atrium's home credentials come from boto3's default chain (an instance or task role in production).
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache, partial
from threading import Lock
from typing import Any, TypeVar

import boto3
import botocore.session
from botocore.config import Config
from botocore.loaders import create_loader
from django.conf import settings

from portal.aws.errors import translated
from portal.aws.guard import Guard
from portal.aws.recording import Place
from portal.aws.sts import Credentials, assume_role, caller_account
from portal.lib import clock

CONFIG = Config(
    retries={"mode": "standard", "total_max_attempts": 4},
    connect_timeout=3,
    read_timeout=10,
    user_agent_extra="atrium",
)
# A model may think for longer than a control plane does.
RUNTIME_CONFIG = CONFIG.merge(Config(read_timeout=60))
RENEW_BEFORE = timedelta(minutes=5)
SESSION_NAME = "atrium"
KEPT = 512
# Each holds clients, which are far larger than credentials.
KEPT_SESSIONS = 128
K = TypeVar("K")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class AccountRef:
    """What it takes to enter an account."""

    number: str
    role_arn: str
    external_id: str


@dataclass(frozen=True, slots=True)
class Session:
    """A role in one account and region; `client("bedrock")` gives a boto3 client, which stays inside portal.aws.

    access_key: names the credentials that its clients sign with; role: the ARN, "" for Atrium's own identity.
    """

    account: str
    role: str
    region: str
    boto: Any
    access_key: str = ""
    _clients: dict[tuple[str, str], Any] = field(default_factory=dict, repr=False)

    def client(self, service: str, region: str = "") -> Any:
        """A client of the service, made once for the session; it may be used by several threads.

        region: another one than the session's, for a service that has one endpoint for all.
        """
        place = service, region or self.region
        with _making:  # boto3 makes clients in one thread at a time
            if place not in self._clients:
                self._clients[place] = self._guarded(*place)
            return self._clients[place]

    def _guarded(self, service: str, region: str) -> Any:
        config = RUNTIME_CONFIG if service == "bedrock-runtime" else CONFIG
        with translated(service, "client"):
            client = self.boto.client(service, region_name=region, config=config)
        place = Place(self.account, self.role, region, service)
        Guard(client, place, forget=partial(_drop, self.access_key))
        return client


Key = tuple[str, str, str]
_cache: OrderedDict[Key, Credentials] = OrderedDict()
# Sessions, and with them clients, by role, session name, external id, region and the address of AWS, to which boto3
# binds a client when it is made. A role belongs to one account.
_sessions: OrderedDict[tuple[Key, str, str], Session] = OrderedDict()
_lock = Lock()
_making = Lock()
# Reading a service's description takes longer than most calls: it is read once for all sessions.
_loader = create_loader()


def home(region: str) -> Session:
    """Atrium's own identity, which can assume roles and write down the head of the audit chain, and nothing else."""
    return Session("", "", region, boto3.Session(botocore_session=_botocore(), region_name=region))


@cache
def home_account() -> str:
    """The number of the account that Atrium itself runs in, asked once. Raises AwsError."""
    return caller_account(home(settings.AWS_REGION).client("sts"))


def for_account(account: AccountRef, region: str) -> Session:
    """Atrium's role in `account`. Raises AccessDenied if it does not trust Atrium, Unavailable if AWS is away."""
    return assume(account, account.role_arn, SESSION_NAME, region)


def assume(account: AccountRef, role_arn: str, session_name: str, region: str) -> Session:
    """`role_arn` in `account` under `session_name`; a role other than Atrium's own is assumed from Atrium's own.

    Credentials are kept in memory until five minutes before they end.
    """
    key = (role_arn, session_name, account.external_id)
    with _lock:
        known = _cache.get(key)
    if known is None or known.expires_at - clock.wall() < RENEW_BEFORE:
        known = _assume_now(account, role_arn, session_name, region)
        _keep(_cache, key, known, KEPT)
    return _session(account, role_arn, key, known, region)


def forget(account: AccountRef) -> None:
    """Drop what is kept for `account`, so that the next call shows whether it is trusted now."""
    with _lock:
        for key in [key for key in _cache if key[2] == account.external_id]:
            del _cache[key]


def _drop(access_key: str) -> None:
    """Forget credentials that AWS does not take any more."""
    with _lock:
        for key in [key for key, known in _cache.items() if known.access_key == access_key]:
            del _cache[key]


def _session(account: AccountRef, role_arn: str, key: Key, known: Credentials, region: str) -> Session:
    """The session of these credentials in a region: made once, and made anew when the credentials are."""
    place = key, region, settings.AWS_ENDPOINT_URL
    with _lock:
        session = _sessions.get(place)
        if session:
            _sessions.move_to_end(place)
    if session is None or session.access_key != known.access_key:
        session = Session(account.number, role_arn, region, _boto(known, region), known.access_key)
        _keep(_sessions, place, session, KEPT_SESSIONS)
    return session


def _assume_now(account: AccountRef, role_arn: str, session_name: str, region: str) -> Credentials:
    if role_arn == account.role_arn:
        sts = home(region).client("sts")
        return assume_role(sts, role_arn=role_arn, session_name=session_name, external_id=account.external_id)
    sts = for_account(account, region).client("sts")
    return assume_role(sts, role_arn=role_arn, session_name=session_name)


def _keep(kept: OrderedDict[K, V], key: K, value: V, most: int) -> None:
    with _lock:
        kept[key] = value
        kept.move_to_end(key)
        while len(kept) > most:
            kept.popitem(last=False)


def _boto(credentials: Credentials, region: str) -> Any:
    return boto3.Session(
        botocore_session=_botocore(),
        aws_access_key_id=credentials.access_key,
        aws_secret_access_key=credentials.secret_key,
        aws_session_token=credentials.token,
        region_name=region,
    )


def _botocore() -> Any:
    session = botocore.session.Session()
    session.register_component("data_loader", _loader)
    return session
