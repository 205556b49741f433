"""The WSGI application: one request at a time, a refusal in words before anything unknown, a label on every answer."""

import io
import json
import re
import socket
import sys
import threading
import traceback
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import BaseWSGIServer, make_server

from portal.sandbox.callers import account_of, caller_of
from portal.sandbox.control import answer_control
from portal.sandbox.errors import Refusal
from portal.sandbox.iam.errors import PolicyNotUnderstood
from portal.sandbox.state import StateFile

LABEL = ("x-atrium-sandbox", "not-aws")
SCOPE = re.compile(r"Credential=(?P<key>[A-Z0-9]+)/\d{8}/[a-z0-9-]+/(?P<service>[a-zA-Z0-9-]+)/aws4_request")
READING = re.compile(r"^(Get|List|Describe|Simulate|Head|Batch(Get|Describe))")
StartResponse = Callable[..., Any]


class Dispatcher(DomainDispatcherApplication):
    """moto's dispatcher, which looks through its own folders for each request: here a host's backend is found once."""

    def __init__(self) -> None:
        super().__init__(create_backend_app)
        self.known: dict[str, Any] = {}

    def get_backend_for_host(self, host: str | None) -> Any:
        """moto's backend of a host. Raises NotImplementedError for one that moto has none for, where moto fails."""
        if host is None:
            return None
        if host not in self.known:
            self.known[host] = super().get_backend_for_host(host)
        if self.known[host] is None:
            raise NotImplementedError(f"nothing answers for {host}")
        return self.known[host]


class Sandbox:
    """moto's dispatcher behind one lock: its backends are not made for threads, and a snapshot needs them at rest."""

    def __init__(self, state: StateFile, lock: threading.RLock) -> None:
        self.state, self.lock = state, lock
        self.moto = Dispatcher()

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        body = environ["wsgi.input"].read() if environ.get("wsgi.input_terminated") else _whole_body(environ)
        environ["wsgi.input"], environ["CONTENT_LENGTH"] = io.BytesIO(body), str(len(body))
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        status, headers, content = self._answered(environ, body)
        start_response(status, [*headers, LABEL])
        return [content]

    def _answered(self, environ: dict[str, Any], body: bytes) -> tuple[str, list[tuple[str, str]], bytes]:
        """(status line, headers, body) of any request."""
        if environ["PATH_INFO"].startswith("/_sandbox/"):
            with self.lock:
                status, answer = answer_control(environ["REQUEST_METHOD"], environ["PATH_INFO"], body)
                if environ["REQUEST_METHOD"] != "GET":
                    self.state.changed()
            return status, [("Content-Type", "application/json")], json.dumps(answer).encode()
        service = ""
        try:
            access_key, service = _credential(environ)
            with self.lock:
                _admit(access_key)
                answered = self._by_moto(environ)
                if _mutating(environ, body):
                    self.state.changed()
            return answered
        except Refusal as refusal:
            return _refused(refusal, service)
        except PolicyNotUnderstood as error:
            return _refused(Refusal("PolicyNotUnderstood", str(error)), service)
        except NotImplementedError as error:
            sentence = f"The sandbox does not implement this operation of {service}: {error}. Real AWS may."
            return _refused(Refusal("NotImplementedInSandbox", sentence), service)
        except Exception as error:  # whatever moto raises must reach the caller as an answer, and the log whole
            traceback.print_exc(file=sys.stderr)
            return _refused(Refusal("SandboxFault", f"The sandbox failed: {type(error).__name__}: {error}"), service)

    def _by_moto(self, environ: dict[str, Any]) -> tuple[str, list[tuple[str, str]], bytes]:
        caught: list[Any] = []

        def keep(status: str, headers: list[tuple[str, str]], _exc_info: Any = None) -> None:
            caught[:] = [status, headers]

        content = b"".join(self.moto(environ, keep))
        return caught[0], caught[1], content


def serve(host: str, port: int, application: Sandbox) -> BaseWSGIServer:
    """A listening server, not yet serving. Raises OSError if the port is taken."""
    MotoRequestHandler.log_request = lambda *_args, **_kwargs: None  # one line per call helps nobody
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Bound here, because werkzeug would print its own advice about a taken port and leave.
    with socket.create_server((host, port), family=family, backlog=128) as listener:
        return make_server(
            host, port, application, threaded=True, request_handler=MotoRequestHandler, fd=listener.fileno()
        )


def _whole_body(environ: dict[str, Any]) -> bytes:
    content: bytes = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    return content


def _credential(environ: dict[str, Any]) -> tuple[str, str]:
    """(access key id, service) of a signed request, by header or by query."""
    query = parse_qs(environ.get("QUERY_STRING", "")).get("X-Amz-Credential", [""])[0]
    signed = environ.get("HTTP_AUTHORIZATION", "") or (f"Credential={query}" if query else "")
    found = SCOPE.search(signed)
    if found is None:
        raise Refusal("MissingAuthenticationToken", "The request is not signed with an AWS access key.", 403)
    return found["key"], found["service"].lower()


def _admit(access_key: str) -> None:
    """Raises Refusal for an access key that no account knows and for a session that has ended."""
    if account_of(access_key) is None:
        raise Refusal("UnrecognizedClientException", "The security token included in the request is invalid.", 403)
    if access_key.startswith("ASIA"):
        caller_of(access_key)


def _mutating(environ: dict[str, Any], body: bytes) -> bool:
    """Whether a request may have changed something, by its verb or by the name of its action."""
    if environ["REQUEST_METHOD"] in ("GET", "HEAD", "OPTIONS"):
        return False
    action = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2]
    if not action and environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        action = parse_qs(body.decode(errors="replace")).get("Action", [""])[0]
    return not READING.match(action)


def _refused(refusal: Refusal, service: str) -> tuple[str, list[tuple[str, str]], bytes]:
    content_type, body = refusal.body(service)
    headers = [("Content-Type", content_type), ("x-amzn-ErrorType", refusal.code)]
    return f"{refusal.status} {'Forbidden' if refusal.status == 403 else 'Bad Request'}", headers, body
