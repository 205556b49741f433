"""The sandbox's own addresses under ``/_sandbox/``: what stands outside AWS's API.

``GET /_sandbox/healthz`` answers 200 when the sandbox serves. ``PUT /_sandbox/accounts/<account>/stack`` with
a CloudFormation template, which has one role, makes that role or makes it what the template says, as AWS does.

``GET /_sandbox/accounts/<account>/workload-key`` gives the key of the account's own administrator, who may assume its
workload roles.

``/_sandbox/faults``: GET gives the faults that are set and what can be chosen; POST sets one (``{"account": …,
"operation": "bedrock:ListGuardrails", "kind": "throttling", "rate": 0.3, "seconds": …, "seed": 1}``, ``*`` for any
account or operation); DELETE takes all away, and DELETE of ``/_sandbox/faults/<number>`` one.
"""

import json
import re
from typing import Any

import moto

from portal.sandbox.faults import Faults, described
from portal.sandbox.iam.errors import PolicyNotUnderstood
from portal.sandbox.past import Past
from portal.sandbox.seed import ACCOUNTS, SECRET, workload_key
from portal.sandbox.stack import install

STACK = re.compile(r"^/_sandbox/accounts/(?P<account>\d{12})/stack$")
WORKLOAD_KEY = re.compile(r"^/_sandbox/accounts/(?P<account>\d{12})/workload-key$")
FAULTS = "/_sandbox/faults"
ONE_FAULT = re.compile(rf"^{FAULTS}/(?P<number>\d{{1,9}})$")


def answer_control(method: str, path: str, body: bytes) -> tuple[str, dict[str, Any]]:
    """(status line, answer) for one request to the sandbox itself."""
    if path == "/_sandbox/healthz" and method == "GET":
        return "200 OK", {"status": "ready", "moto": moto.__version__, "aws": False}
    asked = WORKLOAD_KEY.match(path)
    if asked and method == "GET" and asked["account"] in ACCOUNTS:
        return "200 OK", {"accessKeyId": workload_key(asked["account"]), "secretAccessKey": SECRET}
    found = STACK.match(path)
    if found is None or method != "PUT":
        return "404 Not Found", {"message": f"The sandbox has no {method} {path}."}
    if found["account"] not in ACCOUNTS:
        return "404 Not Found", {"message": f"The sandbox has no account {found['account']}."}
    return _installed(found["account"], body)


def _installed(account: str, body: bytes) -> tuple[str, dict[str, Any]]:
    try:
        template = json.loads(body)
    except ValueError:
        return "400 Bad Request", {"message": "The body must be JSON."}
    if not isinstance(template, dict):
        return "400 Bad Request", {"message": "The body must be a CloudFormation template."}
    try:
        return "200 OK", {"roleArn": install(account, template)}
    except (ValueError, PolicyNotUnderstood) as error:
        return "400 Bad Request", {"message": str(error)}


def answer_faults(method: str, path: str, body: bytes, faults: Faults, past: Past) -> tuple[str, dict[str, Any]]:
    """(status line, answer) for one request about faults."""
    one = ONE_FAULT.match(path)
    if method == "GET" and path == FAULTS:
        return "200 OK", {"faults": faults.facts(), **described()}
    if method == "POST" and path == FAULTS:
        return _added(body, faults)
    if method == "DELETE" and path == FAULTS:
        past.forget()
        return "200 OK", {"cleared": faults.clear()}
    if method == "DELETE" and one:
        cleared = faults.clear(int(one["number"]))
        return ("200 OK", {"cleared": 1}) if cleared else ("404 Not Found", {"message": "That fault is not set."})
    return "404 Not Found", {"message": f"The sandbox has no {method} {path}."}


def _added(body: bytes, faults: Faults) -> tuple[str, dict[str, Any]]:
    try:
        given = json.loads(body)
    except ValueError:
        return "400 Bad Request", {"message": "The body must be JSON."}
    if not isinstance(given, dict):
        return "400 Bad Request", {"message": "The body must be a JSON object."}
    try:
        return "200 OK", faults.add(given).facts()
    except ValueError as error:
        return "400 Bad Request", {"message": str(error)}
