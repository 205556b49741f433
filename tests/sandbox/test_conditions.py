"""The evaluator by itself: condition operators, wildcards and elements, each after its page of the IAM user guide.

O: reference_policies_elements_condition_operators.html, R: reference_policies_elements_resource.html and
M: reference_policies_condition-single-vs-multi-valued-context-keys.html of docs.aws.amazon.com/IAM/latest/UserGuide.
"""

from typing import Any

import pytest

from portal.sandbox.iam.conditions import holds
from portal.sandbox.iam.errors import PolicyNotUnderstood
from portal.sandbox.iam.matching import arn_like
from portal.sandbox.iam.policies import parse_policy

ONE, NONE = ("retail",), ()


@pytest.mark.parametrize(
    ("page", "operator", "wanted", "given", "expected"),
    [
        ("O", "StringEquals", ["retail"], ONE, True),
        ("O", "StringEquals", ["Retail"], ONE, False),
        ("O", "StringEquals", ["wealth", "retail"], ONE, True),
        ("O", "StringEquals", ["retail"], NONE, False),
        ("O", "StringNotEquals", ["wealth"], ONE, True),
        ("O", "StringNotEquals", ["wealth", "retail"], ONE, False),
        ("O", "StringNotEquals", ["retail"], NONE, True),
        ("O", "StringEqualsIgnoreCase", ["RETAIL"], ONE, True),
        ("O", "StringNotEqualsIgnoreCase", ["RETAIL"], ONE, False),
        ("O", "StringLike", ["ret*"], ONE, True),
        ("O", "StringLike", ["retai?"], ONE, True),
        ("O", "StringLike", ["retail?"], ONE, False),
        ("O", "StringNotLike", ["ret*"], ONE, False),
        ("O", "StringNotLike", ["ret*"], NONE, True),
        ("O", "StringEqualsIfExists", ["wealth"], NONE, True),
        ("O", "StringEqualsIfExists", ["wealth"], ONE, False),
        ("O", "ArnEquals", ["arn:aws:s3:::a*"], ("arn:aws:s3:::abc",), True),
        ("O", "ArnNotLike", ["arn:aws:s3:::a*"], ("arn:aws:s3:::abc",), False),
        ("O", "Bool", ["true"], ("true",), True),
        ("O", "BoolIfExists", ["true"], NONE, True),
        ("O", "Null", ["true"], NONE, True),
        ("O", "Null", ["true"], ONE, False),
        ("O", "Null", ["false"], ONE, True),
        ("M", "ForAllValues:StringEquals", ["a", "b"], ("a", "b"), True),
        ("M", "ForAllValues:StringEquals", ["a"], ("a", "b"), False),
        ("M", "ForAllValues:StringEquals", ["a"], NONE, True),
        ("M", "ForAnyValue:StringEquals", ["a"], ("a", "b"), True),
        ("M", "ForAnyValue:StringEquals", ["c"], ("a", "b"), False),
        ("M", "ForAnyValue:StringEquals", ["a"], NONE, False),
        ("M", "ForAllValues:StringNotLike", ["b*"], ("a", "b"), False),
        ("M", "ForAnyValue:StringNotLike", ["b*"], ("a", "b"), True),
    ],
)
def test_an_operator_holds_as_documented(
    page: str, operator: str, wanted: list[str], given: tuple[str, ...], expected: bool
) -> None:
    assert holds(operator, "aws:PrincipalTag/Team", wanted, {"aws:principaltag/team": given}) is expected, page


@pytest.mark.parametrize(
    "operator", ["DateGreaterThan", "IpAddress", "NumericEqualsIfExists", "StringEqualls", "BinaryEquals"]
)
def test_an_unknown_operator_is_refused_aloud(operator: str) -> None:
    with pytest.raises(PolicyNotUnderstood, match=f"does not know the condition operator {operator}"):
        holds(operator, "aws:CurrentTime", ["x"], {"aws:currenttime": ("x",)})


@pytest.mark.parametrize(
    ("page", "pattern", "arn", "expected"),
    [
        ("R", "*", "arn:aws:s3:::a", True),
        ("R", "arn:aws:bedrock:*::foundation-model/*", "arn:aws:bedrock:::foundation-model/x.y", True),
        ("R", "arn:aws:bedrock:*:*:guardrail/*", "arn:aws:bedrock:eu-west-1:1:guardrail/a", True),
        ("R", "arn:aws:bedrock:*:guardrail/*", "arn:aws:bedrock:eu-west-1:1:guardrail/a", False),
        ("R", "arn:aws:bedrock:eu-*::foundation-model/a", "arn:aws:bedrock:us-east-1::foundation-model/a", False),
        ("R", "arn:aws:iam::1:role/*", "arn:aws:iam::1:role/path/name", True),
    ],
)
def test_a_wildcard_reaches_over_slashes_and_not_over_colons(page: str, pattern: str, arn: str, expected: bool) -> None:
    assert arn_like(pattern, arn) is expected, page


@pytest.mark.parametrize(
    ("statement", "sentence"),
    [
        ({"Effect": "Allow", "NotPrincipal": {"AWS": "*"}, "Action": "*"}, "policy element NotPrincipal"),
        ({"Effect": "Maybe", "Action": "*", "Resource": "*"}, "Effect is Allow or Deny"),
        ({"Effect": "Allow", "Principal": "everybody", "Action": "*"}, "only bare Principal is"),
    ],
)
def test_an_element_that_is_not_understood_is_refused_aloud(statement: dict[str, Any], sentence: str) -> None:
    with pytest.raises(PolicyNotUnderstood, match=sentence):
        parse_policy({"Statement": [statement]})
