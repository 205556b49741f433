"""A site that protects nothing: what a scanner of headers must object to."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from portal.local.ports import LOOPBACK

PAGE = b"<!doctype html><title>Bare</title><script>document.title = 'Bare'</script>"


class Bare(BaseHTTPRequestHandler):
    """One page with a script inside, and a cookie that anybody may take."""

    def do_GET(self) -> None:
        self.send_response_only(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Set-Cookie", "sessionid=1")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    do_OPTIONS = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Nothing to tell."""


@contextmanager
def running() -> Iterator[int]:
    """Serve it on a free port of this machine, which is yielded."""
    server = ThreadingHTTPServer((LOOPBACK, 0), Bare)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
