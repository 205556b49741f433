"""How faults take effect: before moto is asked, instead of it, or in what it is asked."""

import io
from collections.abc import Callable
from typing import Any

from portal.sandbox.errors import Refusal
from portal.sandbox.faults import Fault, Faults
from portal.sandbox.operations import Operation, Wire, asked_for, pages
from portal.sandbox.past import Past

Answered = tuple[str, list[tuple[str, str]], bytes]
Ask = Callable[[dict[str, Any]], Answered]

# (code, HTTP status) as each service says it; docs.aws.amazon.com, "Common errors" of each API reference.
THROTTLED = {
    "bedrock": ("ThrottlingException", 429),
    "bedrock-runtime": ("ThrottlingException", 429),
    "budgets": ("ThrottlingException", 400),
    "iam": ("Throttling", 400),
    "s3": ("SlowDown", 503),
    "sts": ("Throttling", 400),
}
BROKEN = {
    "bedrock": ("InternalServerException", 500),
    "bedrock-runtime": ("InternalServerException", 500),
    "budgets": ("InternalErrorException", 500),
    "iam": ("ServiceFailure", 500),
    "s3": ("InternalError", 500),
    "sts": ("InternalFailure", 500),
}
EXPIRED = {
    "bedrock": ("ExpiredTokenException", 403),
    "bedrock-runtime": ("ExpiredTokenException", 403),
    "budgets": ("ExpiredTokenException", 400),
    "iam": ("ExpiredToken", 403),
    "s3": ("ExpiredToken", 400),
    "sts": ("ExpiredToken", 403),
}
DENIED = {
    "bedrock": ("AccessDeniedException", 403),
    "bedrock-runtime": ("AccessDeniedException", 403),
    "budgets": ("AccessDeniedException", 400),
    "iam": ("AccessDenied", 403),
    "s3": ("AccessDenied", 403),
    "sts": ("AccessDenied", 403),
}
REFUSALS = {
    "throttling": (THROTTLED, "Rate exceeded"),
    "server-error": (BROKEN, "The service failed; this fault was set in the sandbox."),
    "expired-token": (EXPIRED, "The security token included in the request is expired"),
    "access-denied": (DENIED, "User is not authorized to perform: {operation}"),
}


class Unanswered(ConnectionAbortedError):
    """The connection ends without an answer."""


class Stroke:
    """The faults that hit one request."""

    def __init__(self, faults: Faults, past: Past, *, signed_as: str, account: str, wire: Wire) -> None:
        self.faults, self.past = faults, past
        self.account, self.wire = account, wire
        self.operation = asked_for(signed_as, wire)
        hit = faults.striking(account, self.operation) if self.operation else []
        self.hit: dict[str, Fault] = {fault.kind: fault for fault in reversed(hit)}

    def delay(self) -> None:
        """Wait as the faults say, outside every lock. Raises Unanswered after waiting for an answer in vain."""
        if "slow" in self.hit:
            self.faults.cleared.wait(self.hit["slow"].seconds)
        if "timeout" in self.hit:
            self.faults.cleared.wait(self.hit["timeout"].seconds)
            raise Unanswered("this fault was set in the sandbox")

    def refuse(self, access_key: str) -> None:
        """Raises Refusal if a fault answers instead of the service. Only sessions have a token that can expire."""
        for kind in ("expired-token", "access-denied", "throttling", "server-error"):
            if kind not in self.hit or self.operation is None:
                continue
            if kind != "expired-token" or access_key.startswith("ASIA"):
                table, sentence = REFUSALS[kind]
                code, status = table[self.operation.service]
                raise Refusal(code, sentence.format(operation=self.operation), status)

    def answer(self, environ: dict[str, Any], region: str, ask: Ask) -> Answered:
        """What `ask` answers, through the faults that change it. Called while other requests are paused."""
        if self.operation is None:
            return ask(environ)
        if "late-reads" in self.hit and not self.operation.reads:
            self.past.keep(self.account, self.operation.service, region, self.hit["late-reads"].seconds)
        if not self.operation.reads:
            return ask(environ)
        with self.past.shown(self.account, self.operation.service):
            return self._half(self.operation, environ, ask) if "half-pages" in self.hit else ask(environ)

    def _half(self, operation: Operation, environ: dict[str, Any], ask: Ask) -> Answered:
        """The first half of a list, found by asking for the whole of it first; a further page comes as it is."""
        paged = pages(operation)
        if paged is None or paged.goes_on(self.wire):
            return ask(environ)
        status, headers, body = ask(dict(environ))
        size = paged.size(int(status.split()[0]), dict(headers), body)
        if size < 2:
            return status, headers, body
        query, content = paged.cut(self.wire, (size + 1) // 2)
        return ask(_changed(environ, self.wire.path, query, content))


def _changed(environ: dict[str, Any], path: str, query: str, body: bytes) -> dict[str, Any]:
    where = f"{path}?{query}" if query else path
    return environ | {
        "QUERY_STRING": query,
        "RAW_URI": where,
        "REQUEST_URI": where,
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
    }
