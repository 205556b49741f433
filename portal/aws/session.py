"""Sessions in other accounts: Atrium's own role, assumed with the external id that Atrium made.

Atrium's home credentials come from boto3's default chain (an instance or task role in production).
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from threading import Lock
from typing import Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.loaders import create_loader
from django.conf import settings

from portal.aws.errors import translated
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


@dataclass(frozen=True, slots=True)
class AccountRef:
    """What it takes to enter an account."""

    number: str
    role_arn: str
    external_id: str


@dataclass(frozen=True, slots=True)
class Session:
    """A role in one account and region; `client("bedrock")` gives a boto3 client, which stays inside portal.aws."""

    account: str
    region: str
    boto: Any
    _clients: dict[str, Any] = field(default_factory=dict, repr=False)

    def client(self, service: str) -> Any:
        """A client of the service, made once for the session; it may be used by several threads."""
        with _making:  # boto3 makes clients in one thread at a time
            if service not in self._clients:
                config = RUNTIME_CONFIG if service == "bedrock-runtime" else CONFIG
                with translated(service, "client"):
                    self._clients[service] = self.boto.client(service, config=config)
            return self._clients[service]


_cache: OrderedDict[tuple[str, str, str], Credentials] = OrderedDict()
_lock = Lock()
_making = Lock()
# Reading a service's description takes longer than most calls: it is read once for all sessions.
_loader = create_loader()


def home(region: str) -> Session:
    """Atrium's own identity, which can assume roles and write down the head of the audit chain, and nothing else."""
    return Session("", region, boto3.Session(botocore_session=_botocore(), region_name=region))


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
        _keep(key, known)
    return Session(account.number, region, _boto(known, region))


def forget(account: AccountRef) -> None:
    """Drop what is kept for `account`, so that the next call shows whether it is trusted now."""
    with _lock:
        for key in [key for key in _cache if key[2] == account.external_id]:
            del _cache[key]


def _assume_now(account: AccountRef, role_arn: str, session_name: str, region: str) -> Credentials:
    if role_arn == account.role_arn:
        sts = home(region).client("sts")
        return assume_role(sts, role_arn=role_arn, session_name=session_name, external_id=account.external_id)
    sts = for_account(account, region).client("sts")
    return assume_role(sts, role_arn=role_arn, session_name=session_name)


def _keep(key: tuple[str, str, str], credentials: Credentials) -> None:
    with _lock:
        _cache[key] = credentials
        _cache.move_to_end(key)
        while len(_cache) > KEPT:
            _cache.popitem(last=False)


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
