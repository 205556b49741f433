"""Condition blocks of IAM policies: the usual operators; any other is refused aloud, never read as false.

Source: docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html and
reference_policies_condition-single-vs-multi-valued-context-keys.html.
"""

from collections.abc import Callable, Mapping, Sequence

from portal.sandbox.iam.errors import PolicyNotUnderstood
from portal.sandbox.iam.matching import arn_like, like

Context = Mapping[str, tuple[str, ...]]  # condition key in lower case → its values in the request
Test = Callable[[str, str], bool]  # (value in the policy, value in the request) → matches

# operator → (how one value matches, whether the operator is the negation of that)
OPERATORS: dict[str, tuple[Test, bool]] = {
    "StringEquals": (str.__eq__, False),
    "StringNotEquals": (str.__eq__, True),
    "StringEqualsIgnoreCase": (lambda wanted, given: wanted.lower() == given.lower(), False),
    "StringNotEqualsIgnoreCase": (lambda wanted, given: wanted.lower() == given.lower(), True),
    "StringLike": (like, False),
    "StringNotLike": (like, True),
    "ArnEquals": (arn_like, False),
    "ArnLike": (arn_like, False),
    "ArnNotEquals": (arn_like, True),
    "ArnNotLike": (arn_like, True),
    "Bool": (lambda wanted, given: wanted.lower() == given.lower(), False),
}
QUALIFIERS = ("ForAllValues:", "ForAnyValue:")


def holds(operator: str, key: str, wanted: Sequence[str], context: Context) -> bool:
    """Whether one line of a condition block holds in ``context``. Raises PolicyNotUnderstood if it cannot tell."""
    _refuse_variables(key, wanted)
    given = context.get(key.lower())
    if operator == "Null":
        return _null(wanted, absent=not given)
    qualifier, name, if_exists = _taken_apart(operator)
    if name not in OPERATORS:
        raise PolicyNotUnderstood(f"The sandbox does not know the condition operator {operator}.")
    matches, negated = OPERATORS[name]
    if not given:
        # A missing key fails a positive operator and satisfies a negated one; IfExists and ForAllValues let it pass.
        return if_exists or qualifier == "ForAllValues:" or (negated and not qualifier)
    outcomes = [any(matches(value, one) for value in wanted) is not negated for one in given]
    if qualifier == "ForAllValues:" or (negated and not qualifier):
        return all(outcomes)
    return any(outcomes)


def _taken_apart(operator: str) -> tuple[str, str, bool]:
    """``ForAnyValue:StringLikeIfExists`` → (``ForAnyValue:``, ``StringLike``, True)."""
    qualifier = next((start for start in QUALIFIERS if operator.startswith(start)), "")
    name = operator.removeprefix(qualifier)
    return qualifier, name.removesuffix("IfExists"), name.endswith("IfExists")


def _null(wanted: Sequence[str], *, absent: bool) -> bool:
    return any(value.lower() == str(absent).lower() for value in wanted)


def _refuse_variables(key: str, wanted: Sequence[str]) -> None:
    for value in wanted:
        if "${" in value:
            raise PolicyNotUnderstood(f"The sandbox does not replace policy variables: {value} for {key}.")
