"""Reading one region of an account: slow calls only, nothing is written here."""

from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

from hub.models.guardrail import DRAFT
from portal.aws import bedrock
from portal.aws.bedrock import Availability, GuardrailInfo, LoggingInfo, ModelInfo, ProfileInfo
from portal.aws.errors import AwsError
from portal.aws.session import Session

T = TypeVar("T")
# AWS throttles GetFoundationModelAvailability early, and one call is needed for each model.
AT_ONCE = 4


@dataclass(frozen=True, slots=True)
class Offered:
    """A model that the region lists; availability is None when that could not be read."""

    model: ModelInfo
    availability: Availability | None


@dataclass(frozen=True, slots=True)
class VersionFound:
    """A version of a guardrail; content is None for a numbered version that is known already and cannot change."""

    version: str
    status: str
    content: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class GuardrailFound:
    """A guardrail with all its versions."""

    guardrail: GuardrailInfo
    versions: tuple[VersionFound, ...]


@dataclass(frozen=True, slots=True)
class LoggingFound:
    """Where logs go; `place` is None while logging is off."""

    place: LoggingInfo | None


@dataclass(slots=True)
class Found:
    """What a region told. A part is None when it could not be read; `errors` says why, a sentence each."""

    offers: list[Offered] | None = None
    profiles: list[ProfileInfo] | None = None
    guardrails: list[GuardrailFound] | None = None
    logging: LoggingFound | None = None
    errors: list[str] = field(default_factory=list)

    @property
    def nothing(self) -> bool:
        return self.offers is None and self.profiles is None and self.guardrails is None and self.logging is None


def read(session: Session, *, known_versions: Collection[tuple[str, str]]) -> Found:
    """Read all parts of the session's region; a part that AWS refuses leaves the others readable.

    known_versions: (guardrail id, version) whose content is kept already.
    """
    found = Found()
    found.offers = _attempt(found, lambda: _offers(session, found))
    found.profiles = _attempt(found, lambda: bedrock.list_system_profiles(session))
    found.guardrails = _attempt(found, lambda: _guardrails(session, known_versions))
    found.logging = _attempt(found, lambda: LoggingFound(bedrock.logging(session)))
    return found


def _attempt(found: Found, part: Callable[[], T]) -> T | None:
    try:
        return part()
    except AwsError as error:
        found.errors.append(error.sentence)
        return None


def _offers(session: Session, found: Found) -> list[Offered]:
    models = bedrock.list_models(session)
    client = session.client("bedrock")
    refused: list[AwsError] = []

    def availability(model: ModelInfo) -> Availability | None:
        try:
            return bedrock.availability(client, model.model_id)
        except AwsError as error:
            refused.append(error)
            return None

    with ThreadPoolExecutor(AT_ONCE) as pool:
        offers = [Offered(*pair) for pair in zip(models, pool.map(availability, models), strict=True)]
    if refused:
        found.errors.append(f"{refused[0].sentence} (for {len(refused)} of {len(models)} models)")
    return offers


def _guardrails(session: Session, known: Collection[tuple[str, str]]) -> list[GuardrailFound]:
    found = []
    for guardrail in bedrock.list_guardrails(session):
        versions = bedrock.list_guardrail_versions(session, guardrail.guardrail_id)
        found.append(GuardrailFound(guardrail, tuple(_version(session, one, known) for one in versions)))
    return found


def _version(session: Session, one: GuardrailInfo, known: Collection[tuple[str, str]]) -> VersionFound:
    if one.version != DRAFT and (one.guardrail_id, one.version) in known:
        return VersionFound(one.version, one.status, None)
    content = bedrock.guardrail_content(session, one.guardrail_id, one.version)
    return VersionFound(one.version, one.status, content)
