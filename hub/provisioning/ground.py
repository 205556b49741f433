"""What a step stands on: the grant, Atrium's session in its account, and the symbols that are known by now."""

from dataclasses import dataclass, field
from typing import Any

from hub.models import Grant
from hub.plans.symbols import GRANT_UID, PROFILE_ARN, resolve
from portal.aws import session as aws
from portal.aws.session import AccountRef, Session
from portal.lib import digest


@dataclass
class Ground:
    """grant: as loaded; session: Atrium's role in its account and Region; known: symbol → value.

    announced: whether this run is on the audit trail, so that it may change AWS.
    """

    grant: Grant
    account: AccountRef
    session: Session
    known: dict[str, str] = field(default_factory=dict)
    announced: bool = False

    @classmethod
    def of(cls, grant: Grant, *, announced: bool = False) -> "Ground":
        """Enter the account of a grant. Raises AwsError if it does not let Atrium in."""
        account = grant.account.ref
        session = aws.for_account(account, grant.region)
        return cls(grant, account, session, {GRANT_UID: str(grant.uid), PROFILE_ARN: grant.profile_arn}, announced)

    def resolved(self, desired: dict[str, Any]) -> dict[str, Any]:
        """An artefact of the plan with its symbols replaced."""
        content: dict[str, Any] = resolve(desired, self.known)
        return content

    def token(self, key: str) -> str:
        """The client token of one artefact: the same at each attempt, so that AWS makes it once.

        Another one once the profile that was made is gone: AWS ignores a request whose token it has met before.
        """
        content = {"grant": str(self.grant.uid), "artefact": key, "instead_of": self.grant.profile_arn}
        return digest.sha256(content)[:64]
