"""The sandbox's own addresses, asked over HTTP: they exist only where settings.SANDBOX holds, and are not AWS's."""

import json
from dataclasses import dataclass
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from django.conf import settings

from portal.aws.errors import AwsError, Unavailable

PATIENCE_S = 5.0


@dataclass(frozen=True, slots=True)
class FaultKind:
    """A kind of fault. most_seconds: 0 where it takes no time; usual_seconds: what it gets unasked."""

    name: str
    label: str
    sentence: str
    most_seconds: float
    usual_seconds: float


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault that is set. rate: the share of calls that it hits; calls: those it was asked about; hits: those hit."""

    number: int
    account: str
    operation: str
    kind: str
    rate: float
    seconds: float
    seed: int
    calls: int
    hits: int


@dataclass(frozen=True, slots=True)
class Faults:
    """What is set now and what can be chosen. accounts: number → name."""

    faults: tuple[Fault, ...]
    kinds: tuple[FaultKind, ...]
    accounts: dict[str, str]
    services: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Key:
    """An access key of the sandbox. It opens nothing outside this machine."""

    access_key_id: str
    secret_access_key: str


def install_stack(account: str, template: str) -> None:
    """Install a CloudFormation template, as the account's administrator does in AWS. Raises AwsError."""
    _ask("PUT", f"accounts/{account}/stack", json.loads(template))


def workload_key(account: str) -> Key:
    """The key by which the workload roles of an account can be assumed. Raises AwsError for an unknown account."""
    answer = _ask("GET", f"accounts/{account}/workload-key")
    return Key(str(answer["accessKeyId"]), str(answer["secretAccessKey"]))


def faults() -> Faults:
    """Raises Unavailable if the sandbox does not answer."""
    answer = _ask("GET", "faults")
    return Faults(
        tuple(Fault(**one) for one in answer["faults"]),
        tuple(_kind(one) for one in answer["kinds"]),
        dict(answer["accounts"]),
        tuple(answer["services"]),
    )


def set_fault(
    *, account: str, operation: str, kind: str, rate: float, seconds: float | None = None, seed: int
) -> Fault:
    """Set a fault; "*" stands for any account or operation. Raises AwsError with a sentence for what cannot be."""
    given = {"account": account, "operation": operation, "kind": kind, "rate": rate, "seed": seed}
    return Fault(**_ask("POST", "faults", given | ({} if seconds is None else {"seconds": seconds})))


def clear_fault(number: int) -> None:
    """Take one fault away. Raises AwsError if it is not set."""
    _ask("DELETE", f"faults/{number}")


def clear_faults() -> int:
    """Take all faults away. Returns how many there were."""
    return int(_ask("DELETE", "faults")["cleared"])


def _kind(one: dict[str, Any]) -> FaultKind:
    return FaultKind(one["name"], one["label"], one["sentence"], float(one["seconds"]), float(one["usual"]))


def _ask(method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    if not settings.SANDBOX:
        raise AwsError("There is no sandbox here: Atrium works with AWS.")
    content = None if body is None else json.dumps(body).encode()
    request = Request(f"{settings.AWS_ENDPOINT_URL}/_sandbox/{path}", data=content, method=method)  # noqa: S310 - the same
    try:
        with urlopen(request, timeout=PATIENCE_S) as answer:  # noqa: S310  our own http address, see settings.SANDBOX
            return dict(json.load(answer))
    except HTTPError as error:
        raise AwsError(str(json.load(error).get("message", error))) from error
    except (URLError, OSError) as error:
        raise Unavailable(f"The sandbox does not answer: {error}") from error
