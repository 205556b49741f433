"""The sandbox as its own process, and boto3 as the principals that live in it."""

import json
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

import boto3
from botocore.config import Config

ROOT = Path(__file__).resolve().parents[2]
ACCOUNT, OTHER_ACCOUNT, HOME = "447100000212", "447100000339", "111122223333"
REGION = "eu-central-1"
EXTERNAL_ID = "atrium-3f9d2c"
SHARED = boto3.Session()  # reads each service model once for all principals
STANDARD = Config(retries={"mode": "standard", "total_max_attempts": 3})


class Server:
    """One process of the sandbox on a free port with its state in ``folder``."""

    def __init__(self, folder: Path) -> None:
        self.state, self.log = folder / "state", folder / "stderr"
        with socket.socket() as listener:
            listener.bind(("127.0.0.1", 0))
            self.port = listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        options = ["--port", str(self.port), "--state", str(self.state), "--seed"]
        template = self.state.with_name("stack.json")
        template.parent.mkdir(exist_ok=True)
        template.write_text(json.dumps(stack(EXTERNAL_ID)))
        options += ["--stack", f"{ACCOUNT}={template}"]
        command = [sys.executable, "-m", "portal.sandbox", *options]
        self.log.parent.mkdir(exist_ok=True)
        with self.log.open("w") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, stderr=log)
        deadline = time.monotonic() + 60
        while not self._ready():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, "the sandbox did not answer within a minute"
            time.sleep(0.1)

    def stop(self) -> str:
        """Ends it by SIGTERM. Returns what it wrote to stderr."""
        self.process.terminate()
        self.process.wait(timeout=30)
        return self.log.read_text()

    def kill(self) -> None:
        """Ends it by SIGKILL: it can write nothing more."""
        self.process.kill()
        self.process.wait(timeout=30)

    def put(self, path: str, body: bytes) -> int:
        """The HTTP status of a PUT to the sandbox itself."""
        with urlopen(Request(self.url + path, data=body, method="PUT"), timeout=10) as answer:
            return answer.status

    def control(self, method: str, path: str, body: object = None) -> tuple[int, dict[str, Any]]:
        """(HTTP status, answer) of a request to the sandbox itself, refusals included."""
        content = None if body is None else json.dumps(body).encode()
        try:
            with urlopen(Request(self.url + path, data=content, method=method), timeout=10) as answer:
                return answer.status, json.load(answer)
        except HTTPError as error:
            return error.code, json.load(error)

    def session(self, access_key: str, secret: str = "sandbox", token: str | None = None) -> "Session":
        return Session(self.url, access_key, secret, token)

    def _ready(self) -> bool:
        try:
            with urlopen(f"{self.url}/_sandbox/healthz", timeout=2) as answer:
                return answer.status == 200
        except (URLError, ConnectionError, TimeoutError):
            return False


class Session:
    """boto3 as one principal, unmodified but for the address of the endpoint."""

    def __init__(self, url: str, access_key: str, secret: str, token: str | None) -> None:
        self.url, self.keys = url, (access_key, secret, token)
        self._clients: dict[tuple[str, str], Any] = {}

    def client(self, service: str, region: str = REGION) -> Any:
        """The client of this principal, made once: making one takes longer than most calls."""
        if (service, region) not in self._clients:
            access_key, secret, token = self.keys
            self._clients[service, region] = SHARED.client(
                service,
                region_name=region,
                endpoint_url=self.url,
                config=STANDARD,
                aws_access_key_id=access_key,
                aws_secret_access_key=secret,
                aws_session_token=token,
            )
        return self._clients[service, region]

    def assume(self, role_arn: str, **options: str) -> "Session":
        answer = self.client("sts").assume_role(RoleArn=role_arn, RoleSessionName="test", **options)
        keys = answer["Credentials"]
        return Session(self.url, keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])


def stack(external_id: str, *statements: dict[str, Any]) -> dict[str, Any]:
    """A template of the role that Atrium assumes; without statements it may do everything in its account."""
    trust = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{HOME}:root"},
        "Action": "sts:AssumeRole",
        "Condition": {"StringEquals": {"sts:ExternalId": external_id}},
    }
    # A role is assumed only where its own trust lets Atrium in.
    everything = {"Effect": "Allow", "NotAction": "sts:*", "Resource": "*"}
    properties = {
        "RoleName": "atrium-control",
        "AssumeRolePolicyDocument": document(trust),
        "Policies": [{"PolicyName": "control", "PolicyDocument": document(*(statements or (everything,)))}],
    }
    return {"Resources": {"Control": {"Type": "AWS::IAM::Role", "Properties": properties}}}


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def control_role(account: str = ACCOUNT) -> str:
    return f"arn:aws:iam::{account}:role/atrium-control"


def workload_role(name: str, account: str = ACCOUNT) -> str:
    return f"arn:aws:iam::{account}:role/{name}"
