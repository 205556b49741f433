"""A plan as the lines of a diff that a reviewer reads: (mark, text), mark one of "+", "~", "-" or "" for a heading."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from portal.aws.arns import role_name
from portal.lib.numbers import usd

Line = tuple[str, str]
Artefact = dict[str, Any]
WIDTH = 20
# AWS Budgets quotas: budgets in a management account.
PAYER_LIMIT = 20_000


@dataclass(frozen=True, slots=True)
class BudgetFacts:
    """others_nano: the shares of the use case's other grants in the account; in_use: AWS Budgets that Atrium keeps.

    differs: how Atrium's own budget of the use case is another one, as a sentence; "" if it is not.
    """

    others_nano: int
    in_use: int
    differs: str = ""


def lines(artefacts: list[Artefact], *, account: str, region: str, budget: BudgetFacts | None = None) -> list[Line]:
    """The plan for people. budget: what is known now of the shared AWS Budget, which the plan does not fix."""
    made: list[Line] = [("", f"account {account[:4]}…{account[-4:]} · {region}")]
    for artefact in artefacts:
        made += _aws_budget(artefact, budget) if artefact["kind"] == "aws_budget" else LINES[artefact["kind"]](artefact)
    return made


def _row(kind: str, *words: str) -> str:
    return f"{kind:<{WIDTH}}{'   '.join(word for word in words if word)}".rstrip()


def _logging(artefact: Artefact) -> list[Line]:
    return [("", f"check: invocation logging is on in {artefact['region']}, or the grant does not become active")]


def _guardrail(artefact: Artefact) -> list[Line]:
    return [
        ("~", _row("guardrail", artefact["name"], f"version {artefact['version']}", "pinned, required on each call"))
    ]


def _profile(artefact: Artefact) -> list[Line]:
    return [("+", _row("inference profile", artefact["name"], f"from {artefact['source']}"))]


def _role(artefact: Artefact) -> list[Line]:
    principals = ", ".join(_principal(statement) for statement in artefact["trust"]["Statement"])
    return [("+", _row("IAM role", artefact["name"], f"trusts {principals}"))]


def _trust(artefact: Artefact) -> list[Line]:
    return [("~", _row("role trust", artefact["name"], f"{_principal(artefact['statement'])} may assume it, to probe"))]


def _policy(artefact: Artefact) -> list[Line]:
    statements = artefact["document"]["Statement"]
    models = sum(len(s["Resource"]) for s in statements if s["Sid"].startswith("Model"))
    guarded = "guardrail required" if any("Guardrail" in s["Sid"] for s in statements) else ""
    reach = f"1 profile, its model in {models} Region{'' if models == 1 else 's'}"
    attached = [("+", _row("  attached to", role_name(arn))) for arn in artefact["roles"]]
    return [("+", _row("IAM policy", artefact["name"], reach, guarded)), *attached]


def _aws_budget(artefact: Artefact, facts: BudgetFacts | None) -> list[Line]:
    share = usd(artefact["share_nano"])
    if facts is None:
        return [("+", _row("AWS Budget", f"{share} a month for this grant", "free of charge"))]
    headroom = ("", f"budgets are free of charge; Atrium uses {facts.in_use:,} of the payer's {PAYER_LIMIT:,}")
    notes = [("", facts.differs), headroom] if facts.differs else [headroom]
    if not facts.others_nano:
        return [("+", _row("AWS Budget", f"{share} a month")), *notes]
    total = usd(facts.others_nano + artefact["share_nano"])
    changed = f"{usd(facts.others_nano)} → {total} a month, shared by the use case"
    return [("~", _row("AWS Budget", changed)), *notes]


def _probe(artefact: Artefact) -> list[Line]:
    how = {"without_guardrail": "without the guardrail", "without_profile": "past the profile"}[artefact["refused"]]
    return [("", f"probe: one call through the profile must work, one {how} must be refused")]


def _principal(statement: dict[str, Any]) -> str:
    arn = str(statement["Principal"]["AWS"])
    return f"account {arn.split(':')[4]}" if arn.endswith(":root") else arn.rpartition("/")[2]


LINES: dict[str, Callable[[Artefact], list[Line]]] = {
    "invocation_logging": _logging,
    "guardrail_version": _guardrail,
    "inference_profile": _profile,
    "role": _role,
    "role_trust": _trust,
    "iam_policy": _policy,
    "probe": _probe,
}
