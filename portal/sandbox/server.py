"""The WSGI application: one request at a time, a refusal in words before anything unknown, a label on every answer."""

import io
import json
import re
import socket
import sys
import threading
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import BaseWSGIServer, make_server

from portal.sandbox.callers import account_of, caller_of
from portal.sandbox.control import FAULTS, answer_control, answer_faults
from portal.sandbox.errors import Refusal
from portal.sandbox.faults import Faults
from portal.sandbox.iam.errors import PolicyNotUnderstood
from portal.sandbox.operations import Wire
from portal.sandbox.past import Past
from portal.sandbox.permits import permit
from portal.sandbox.state import StateFile
from portal.sandbox.striking import Answered, Stroke, Unanswered

LABEL = ("x-atrium-sandbox", "not-aws")
SCOPE = re.compile(
    r"Credential=(?P<key>[A-Z0-9]+)/\d{8}/(?P<region>[a-z0-9-]+)/(?P<service>[a-zA-Z0-9-]+)/aws4_request"
)
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


class Handler(MotoRequestHandler):
    """moto's, which writes nothing about each call and hangs up on a call that gets no answer."""

    def log_request(self, *_args: Any, **_kwargs: Any) -> None:
        """One line per call helps nobody."""

    def connection_dropped(self, error: BaseException, environ: dict[str, Any] | None = None) -> None:
        self.close_connection = True


class Sandbox:
    """moto's dispatcher behind one lock: its backends are not made for threads, and a snapshot needs them at rest."""

    def __init__(self, state: StateFile, lock: threading.RLock) -> None:
        self.state, self.lock = state, lock
        self.moto = Dispatcher()
        self.faults, self.past = Faults(), Past()

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        body = environ["wsgi.input"].read() if environ.get("wsgi.input_terminated") else _whole_body(environ)
        environ["wsgi.input"], environ["CONTENT_LENGTH"] = io.BytesIO(body), str(len(body))
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        status, headers, content = self._answered(environ, body)
        start_response(status, [*headers, LABEL])
        return [content]

    def _answered(self, environ: dict[str, Any], body: bytes) -> Answered:
        """(status line, headers, body) of any request."""
        if environ["PATH_INFO"].startswith("/_sandbox/"):
            return self._controlled(environ, body)
        service = ""
        try:
            signed = _signed(environ)
            service = signed.service
            stroke = self._stroke(signed, environ, body)
            if stroke:
                stroke.delay()
            with self.lock:
                _admit(signed, environ, body)
                if stroke:
                    stroke.refuse(signed.access_key)
                answered = stroke.answer(environ, signed.region, self._by_moto) if stroke else self._by_moto(environ)
                if _mutating(environ, body):
                    self.state.changed()
            return answered
        except Unanswered:
            raise
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

    def _controlled(self, environ: dict[str, Any], body: bytes) -> Answered:
        method, path = environ["REQUEST_METHOD"], environ["PATH_INFO"]
        with self.lock:
            if path.startswith(FAULTS):
                status, answer = answer_faults(method, path, body, self.faults, self.past)
            else:
                status, answer = answer_control(method, path, body)
                if method != "GET":
                    self.state.changed()
        return status, [("Content-Type", "application/json")], json.dumps(answer).encode()

    def _stroke(self, signed: "Signed", environ: dict[str, Any], body: bytes) -> Stroke | None:
        """The faults that hit this request; None while none is set, so that nobody waits for what is not used."""
        account = account_of(signed.access_key) if self.faults.any or self.past.any else None
        if account is None:
            return None
        wire = Wire.of(environ, body)
        return Stroke(self.faults, self.past, signed_as=signed.service, account=account, wire=wire)

    def _by_moto(self, environ: dict[str, Any]) -> Answered:
        caught: list[Any] = []

        def keep(status: str, headers: list[tuple[str, str]], _exc_info: Any = None) -> None:
            caught[:] = [status, headers]

        content = b"".join(self.moto(environ, keep))
        return caught[0], caught[1], content


def serve(host: str, port: int, application: Sandbox) -> BaseWSGIServer:
    """A listening server, not yet serving. Raises OSError if the port is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # Bound here, because werkzeug would print its own advice about a taken port and leave.
    with socket.create_server((host, port), family=family, backlog=128) as listener:
        return make_server(host, port, application, threaded=True, request_handler=Handler, fd=listener.fileno())


def _whole_body(environ: dict[str, Any]) -> bytes:
    content: bytes = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    return content


@dataclass(frozen=True, slots=True)
class Signed:
    """What a signature says of a request."""

    access_key: str
    region: str
    service: str


def _signed(environ: dict[str, Any]) -> Signed:
    """What a request is signed with, by header or by query. Raises Refusal for one that is not signed."""
    query = parse_qs(environ.get("QUERY_STRING", "")).get("X-Amz-Credential", [""])[0]
    text = environ.get("HTTP_AUTHORIZATION", "") or (f"Credential={query}" if query else "")
    found = SCOPE.search(text)
    if found is None:
        raise Refusal("MissingAuthenticationToken", "The request is not signed with an AWS access key.", 403)
    return Signed(found["key"], found["region"], found["service"].lower())


def _admit(signed: Signed, environ: dict[str, Any], body: bytes) -> None:
    """Raises Refusal for a key that no account knows, a session that has ended, and what its role may not do."""
    if account_of(signed.access_key) is None:
        raise Refusal("UnrecognizedClientException", "The security token included in the request is invalid.", 403)
    if signed.access_key.startswith("ASIA"):
        caller = caller_of(signed.access_key)
        permit(caller, signed_as=signed.service, region=signed.region, wire=Wire.of(environ, body))


def _mutating(environ: dict[str, Any], body: bytes) -> bool:
    """Whether a request may have changed something, by its verb or by the name of its action."""
    if environ["REQUEST_METHOD"] in ("GET", "HEAD", "OPTIONS"):
        return False
    action = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2]
    if not action and environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded"):
        action = parse_qs(body.decode(errors="replace")).get("Action", [""])[0]
    return not READING.match(action)


def _refused(refusal: Refusal, service: str) -> Answered:
    content_type, body = refusal.body(service)
    headers = [("Content-Type", content_type), ("x-amzn-ErrorType", refusal.code)]
    return f"{refusal.status} {HTTPStatus(refusal.status).phrase}", headers, body
