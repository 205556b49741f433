"""ARNs: made and taken apart, without asking AWS.

Formats: AWS's Service Authorization Reference, "Resource types defined by Amazon Bedrock" and "… by IAM".
"""

import re

_ROLE = re.compile(
    r"arn:aws:iam::(?P<account>\d{12}):role/(?P<path>[\w+=,.@/-]*/)?(?P<name>[\w+=,.@-]{1,64})", re.ASCII
)


def foundation_model(region: str, model_id: str) -> str:
    """The model's ARN in a Region; with region "" the one that a global profile routes to."""
    return f"arn:aws:bedrock:{region}::foundation-model/{model_id}"


def role(account: str, name: str) -> str:
    return f"arn:aws:iam::{account}:role/{name}"


def managed_policy(account: str, name: str) -> str:
    return f"arn:aws:iam::{account}:policy/{name}"


def root(account: str) -> str:
    """The account itself as a principal: its own policies then say who of it may."""
    return f"arn:aws:iam::{account}:root"


def is_role(text: str) -> bool:
    """Whether `text` has the shape of a role's ARN."""
    return _ROLE.fullmatch(text) is not None


def role_name(arn: str) -> str:
    """ "arn:aws:iam::447100000212:role/path/retail" → "retail". Raises ValueError for anything but a role."""
    return _parts(arn)["name"]


def role_account(arn: str) -> str:
    """The account number of a role's ARN. Raises ValueError for anything but a role."""
    return _parts(arn)["account"]


def _parts(arn: str) -> dict[str, str]:
    match = _ROLE.fullmatch(arn)
    if match is None:
        raise ValueError(f"{arn!r} is not the ARN of a role.")
    return match.groupdict()
