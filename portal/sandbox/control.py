"""The sandbox's own addresses under ``/_sandbox/``: what stands outside AWS's API.

``GET /_sandbox/healthz`` answers 200 when the sandbox serves. ``PUT /_sandbox/accounts/<account>/external-id`` with
``{"externalId": …}`` makes or changes the role ``atrium-control`` of that account, as Atrium's CloudFormation stack
does at AWS.
"""

import json
import re
from typing import Any

import moto

from portal.sandbox.seed import ACCOUNTS, install_stack

EXTERNAL_ID = re.compile(r"^/_sandbox/accounts/(?P<account>\d{12})/external-id$")
ALLOWED_EXTERNAL_ID = re.compile(r"^[\w+=,.@:/-]{2,1224}$")


def answer_control(method: str, path: str, body: bytes) -> tuple[str, dict[str, Any]]:
    """(status line, answer) for one request to the sandbox itself."""
    if path == "/_sandbox/healthz" and method == "GET":
        return "200 OK", {"status": "ready", "moto": moto.__version__, "aws": False}
    found = EXTERNAL_ID.match(path)
    if found is None or method != "PUT":
        return "404 Not Found", {"message": f"The sandbox has no {method} {path}."}
    if found["account"] not in ACCOUNTS:
        return "404 Not Found", {"message": f"The sandbox has no account {found['account']}."}
    try:
        external_id = json.loads(body)["externalId"]
    except (ValueError, KeyError, TypeError):
        return "400 Bad Request", {"message": 'The body must be {"externalId": "…"}.'}
    if not isinstance(external_id, str) or not ALLOWED_EXTERNAL_ID.match(external_id):
        return "400 Bad Request", {"message": "An external id has 2 to 1,224 letters, digits and +=,.@:/-_."}
    return "200 OK", {"roleArn": install_stack(found["account"], external_id)}
