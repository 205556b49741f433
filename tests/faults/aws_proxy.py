"""A proxy on loopback between Atrium and the sandbox account that holds one call, so that a kill lands there."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

LIMIT_S = 60.0
HOP_BY_HOP = {"connection", "transfer-encoding", "content-length", "keep-alive"}


class Gate:
    """Holds the next call of `operation`: "before" AWS has seen it, or "after" AWS did it and before anybody knows."""

    def __init__(self, operation: str, phase: str) -> None:
        self.operation, self.phase = operation, phase
        self.reached, self.opened = threading.Event(), threading.Event()

    def hold(self) -> None:
        self.reached.set()
        self.opened.wait(LIMIT_S)


class AwsProxy:
    """url: what AWS_ENDPOINT_URL is set to; calls: the operations seen, in order."""

    def __init__(self, sandbox_url: str) -> None:
        self.sandbox = urlsplit(sandbox_url)
        self.calls: list[str] = []
        self.gate: Gate | None = None
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def hold(self, operation: str, phase: str) -> Gate:
        """Arm the gate for the next call of an operation."""
        self.gate = Gate(operation, phase)
        return self.gate

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        proxy = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def forward(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                operation = operation_of(self.command, self.path, dict(self.headers), body)
                proxy.calls.append(operation)
                gate = proxy._take(operation)
                if gate and gate.phase == "before":
                    gate.hold()
                    self.close_connection = True
                    return
                status, headers, answer = proxy._ask(self.command, self.path, dict(self.headers), body)
                if gate:
                    gate.hold()
                    self.close_connection = True
                    return
                self.send_response(status)
                for name, value in headers:
                    if name.lower() not in HOP_BY_HOP:
                        self.send_header(name, value)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, format: str, *args: object) -> None:
                """Nothing on stderr."""

        for method in ("GET", "POST", "PUT", "DELETE", "HEAD"):
            setattr(Handler, f"do_{method}", Handler.forward)
        return Handler

    def _take(self, operation: str) -> Gate | None:
        """The gate, if this is the call that it waits for; it holds one call only."""
        gate = self.gate
        if gate is None or gate.operation != operation:
            return None
        self.gate = None
        return gate

    def _ask(
        self, method: str, path: str, headers: dict[str, str], body: bytes
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        connection = http.client.HTTPConnection(self.sandbox.hostname or "", self.sandbox.port, timeout=LIMIT_S)
        try:
            connection.request(method, path, body=body, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            connection.close()


@contextmanager
def proxied(sandbox_url: str) -> Iterator[AwsProxy]:
    """A proxy that runs for the block."""
    proxy = AwsProxy(sandbox_url)
    thread = threading.Thread(target=proxy.server.serve_forever, daemon=True)
    thread.start()
    try:
        yield proxy
    finally:
        if proxy.gate:
            proxy.gate.opened.set()
        proxy.server.shutdown()
        proxy.server.server_close()
        thread.join()


def operation_of(method: str, path: str, headers: dict[str, str], body: bytes) -> str:
    """ "CreatePolicy" for the query and JSON protocols, "POST /inference-profiles" for REST."""
    lowered = {name.lower(): value for name, value in headers.items()}
    if target := lowered.get("x-amz-target"):
        return target.rpartition(".")[2]
    if lowered.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return parse_qs(body.decode())["Action"][0]
    return f"{method} /{urlsplit(path).path.split('/')[1]}"
