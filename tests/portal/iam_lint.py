"""parliament, the linter of IAM policies with AWS's own list of actions."""

import importlib
import importlib.resources
import json
import sys
import types
import warnings
from functools import cache
from typing import Any


def findings(policy: dict[str, Any]) -> set[str]:
    """The kinds of what parliament finds in a policy, like UNKNOWN_ACTION."""
    return {finding.issue for finding in _parliament().analyze_policy_string(json.dumps(policy)).findings}


def access_level(action: str) -> str:
    """What AWS says an action does: List, Read, Write, Tagging or Permissions management. Raises StopIteration."""
    prefix, _, name = action.partition(":")
    privileges = [
        one for service in _parliament().iam_definition if service["prefix"] == prefix for one in service["privileges"]
    ]
    return str(next(one["access_level"] for one in privileges if one["privilege"] == name))


@cache
def _parliament() -> Any:
    """The package. It finds its two data files by a module that setuptools no longer has, and leaves them open."""
    module = types.ModuleType("pkg_resources")
    module.resource_filename = lambda package, name: str(  # type: ignore[attr-defined]
        importlib.resources.files(package) / name
    )
    sys.modules.setdefault("pkg_resources", module)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        return importlib.import_module("parliament")
