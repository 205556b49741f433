"""Conditions of routing rules, in CEL (Common Expression Language), by cel-python."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import celpy
from celpy.celparser import CELParseError
from celpy.evaluation import CELEvalError

from portal.lib.errors import Refused

# Macros whose first argument names a variable of their own: regions.exists(r, r == "us-east-1").
_MACROS = {"all", "exists", "exists_one", "filter", "map"}


def holds(expression: str, facts: dict[str, Any]) -> bool:
    """Whether `expression` is true of `facts` (str, int, bool, list of str).

    Raises Refused if it cannot be read, asks for a fact that is not there, or answers anything but true or false.
    """
    try:
        answer = _program(expression).evaluate({name: celpy.json_to_cel(value) for name, value in facts.items()})
    except CELEvalError as error:
        raise Refused(_reason(error)) from error
    if not isinstance(answer, celpy.celtypes.BoolType):
        raise Refused("its condition answers neither true nor false")
    return bool(answer)


def names(expression: str) -> set[str]:
    """The variables that `expression` asks for. Raises Refused if it cannot be read."""
    tree = _tree(expression)
    own = {name for call in tree.find_data("member_dot_arg") for name in _macro_variables(call)}
    return {str(ident.children[0]) for ident in tree.find_data("ident")} - own


def _macro_variables(call: Any) -> Iterator[str]:
    _of, method, *arguments = call.children
    if str(method) in _MACROS and arguments:
        yield from (str(ident.children[0]) for ident in list(arguments[0].children[0].find_data("ident"))[:1])


@lru_cache(maxsize=1024)
def _tree(expression: str) -> Any:
    try:
        return celpy.Environment().compile(expression)
    except CELParseError as error:
        raise Refused(f"its condition cannot be read: {expression}") from error


@lru_cache(maxsize=1024)
def _program(expression: str) -> Any:
    return celpy.Environment().program(_tree(expression))


def _reason(error: CELEvalError) -> str:
    cause = error.args[1] if len(error.args) > 1 else None
    if cause is KeyError and len(error.args) > 2:
        return f"it asks for {error.args[2][0]}, which is not known here"
    return "its condition does not fit the facts"
