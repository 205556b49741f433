"""A load balancer on loopback: speaks TLS with a certificate of its own authority and sends plain HTTP to its own TLS.

For looking at the product as a browser meets it in production. Every answer comes from the product, but the redirect.
"""

import http.client
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

from portal.local.ports import LOOPBACK

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "upgrade"}
WAIT_S = 30


class Front(NamedTuple):
    """Where it listens, and the file of the authority that signed its certificate."""

    http_port: int
    https_port: int
    authority: Path


@contextmanager
def running(folder: Path, host: str, behind: int) -> Iterator[Front]:
    """Serve `host` in front of the product on port `behind` of this machine. Needs openssl; writes keys to `folder`."""
    authority, chain, key = certificates(folder, host)
    secure = ThreadingHTTPServer((LOOPBACK, 0), handler(behind, host))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    secure.socket = context.wrap_socket(secure.socket, server_side=True)
    plain = ThreadingHTTPServer((LOOPBACK, 0), redirect(f"https://{host}:{secure.server_port}"))
    servers = (secure, plain)
    for server in servers:
        threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield Front(plain.server_port, secure.server_port, authority)
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()


def handler(behind: int, host: str) -> type[BaseHTTPRequestHandler]:
    """Passes each request on, saying that it came by TLS, and each answer back as it is."""

    class Passing(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            sent = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
            sent |= {"Host": host, "X-Forwarded-Proto": "https", "X-Forwarded-For": self.client_address[0]}
            product = http.client.HTTPConnection(LOOPBACK, behind, timeout=WAIT_S)
            product.request(self.command, self.path, body, sent)
            answer = product.getresponse()
            content = answer.read()
            self.send_response_only(answer.status)
            for name, value in answer.getheaders():
                if name.lower() not in HOP_BY_HOP | {"content-length"}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content if self.command != "HEAD" else b"")
            product.close()

        do_HEAD = do_POST = do_OPTIONS = do_GET

        def log_message(self, format: str, *args: object) -> None:
            """The product has a log."""

    return Passing


def redirect(to: str) -> type[BaseHTTPRequestHandler]:
    """Sends everybody to the same path by TLS, as load balancers do."""

    class Redirecting(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response_only(301)
            self.send_header("Location", to + self.path)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing to tell."""

    return Redirecting


def certificates(folder: Path, host: str) -> tuple[Path, Path, Path]:
    """(authority, certificate, key) for `host`, made anew, good for a day."""
    authority, authority_key = folder / "authority.pem", folder / "authority.key"
    certificate, key, extensions = folder / "front.pem", folder / "front.key", folder / "front.ext"
    extensions.write_text(f"subjectAltName=DNS:{host}\n")
    curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    openssl("req", "-x509", *curve, "-days", "1", "-subj", "/CN=Scratch authority",
            "-keyout", authority_key, "-out", authority)  # fmt: skip
    openssl("req", *curve, "-subj", f"/CN={host}", "-keyout", key, "-out", folder / "front.csr")
    openssl("x509", "-req", "-in", folder / "front.csr", "-CA", authority, "-CAkey", authority_key, "-CAcreateserial",
            "-days", "1", "-extfile", extensions, "-out", certificate)  # fmt: skip
    return authority, certificate, key


def openssl(*arguments: str | Path) -> None:
    """Run openssl to its end."""
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"openssl {arguments[0]} failed:\n{done.stderr}")
