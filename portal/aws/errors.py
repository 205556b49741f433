"""What can go wrong with AWS, in words; no botocore exception leaves portal.aws."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    NoCredentialsError,
    ParamValidationError,
    PartialCredentialsError,
)


class AwsError(Exception):
    """AWS said no, or nothing. `sentence` is for people; `code` is AWS's; `retryable`: the same call may work later."""

    retryable = False

    def __init__(self, sentence: str, *, code: str = "", retryable: bool | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.code = code
        if retryable is not None:
            self.retryable = retryable


class AccessDenied(AwsError):
    """The role may not do this, or may not be assumed."""


class Unauthenticated(AwsError):
    """The credentials are missing, over or wrong: AWS never came to ask what they may do."""


class NotFound(AwsError):
    """There is no such thing in this account and region."""


class Conflict(AwsError):
    """A thing of that name is there already, or is being changed."""

    retryable = True


class Throttled(AwsError):
    """Too many calls for now."""

    retryable = True


class Unavailable(AwsError):
    """AWS did not answer, or answered with a fault of its own."""

    retryable = True


_DENIED = {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation"}
_UNKNOWN = {"UnrecognizedClientException", "InvalidClientTokenId", "InvalidAccessKeyId", "SignatureDoesNotMatch"}
_UNKNOWN |= {"ExpiredToken", "ExpiredTokenException", "MissingAuthenticationToken", "IncompleteSignature"}
_MISSING = {"NoSuchEntity", "NoSuchBucket", "NoSuchKey", "NotFoundException", "ResourceNotFoundException"}
_MISSING |= {"NoSuchEntityException", "404"}
_CONFLICT = {"ConflictException", "EntityAlreadyExists", "ConcurrentModification", "DuplicateRecordException"}
_CONFLICT |= {"DeleteConflict", "OperationAbortedException"}
_THROTTLED = {"Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded", "SlowDown"}
_THROTTLED |= {"ThrottledException", "RequestThrottled", "PriorRequestNotComplete"}
_AWAY = {"ServiceUnavailable", "ServiceUnavailableException", "InternalServerException", "InternalFailure"}
_AWAY |= {"InternalError", "ModelNotReadyException", "ModelTimeoutException", "RequestTimeout", "503", "500"}

_KINDS: tuple[tuple[set[str], type[AwsError]], ...] = (
    (_DENIED, AccessDenied),
    (_UNKNOWN, Unauthenticated),
    (_MISSING, NotFound),
    (_CONFLICT, Conflict),
    (_THROTTLED, Throttled),
    (_AWAY, Unavailable),
)


@contextmanager
def translated(service: str, operation: str) -> Iterator[None]:
    """Raise what botocore raises in the block as an AwsError that names the call: ("bedrock", "ListGuardrails")."""
    try:
        yield
    except ClientError as error:
        raise from_client_error(error, f"{service} {operation}") from error
    except BotoCoreError as error:
        raise from_botocore_error(error, f"{service} {operation}") from error


def from_botocore_error(error: BotoCoreError, call: str) -> AwsError:
    """The AwsError for a call that got no answer of AWS."""
    code = type(error).__name__
    if isinstance(error, NoCredentialsError | PartialCredentialsError):
        sentence = "Atrium has no AWS credentials of its own. Give its process a role, or set AWS_PROFILE."
        return Unauthenticated(sentence, code="NoCredentials")
    if isinstance(error, ParamValidationError):
        return AwsError(f"{call} cannot be called so: {error}", code=code)
    # Connections, timeouts, proxies, broken answers: nothing that tells that the request was wrong.
    return Unavailable(f"AWS could not be reached for {call}: {error}", code=code)


def from_client_error(error: ClientError, call: str) -> AwsError:
    """The AwsError for an answer of AWS. Unknown codes of a 5xx answer count as Unavailable, others as AwsError."""
    found = error.response.get("Error", {})
    code, message = str(found.get("Code", "")), str(found.get("Message", "")) or str(error)
    sentence = f"AWS refused {call}: {message}"
    for codes, kind in _KINDS:
        if code in codes:
            return kind(sentence, code=code)
    if error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 400) >= 500:
        return Unavailable(sentence, code=code)
    return AwsError(sentence, code=code)
