"""The walk: each visitor asks for each thing at an address, and what comes back is held against the rule.

Every request runs in a transaction that is taken back afterwards; what it changed is what PostgreSQL counted.
"""

import re
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from django.contrib.messages import get_messages
from django.db import connection, transaction
from django.urls import reverse

from governance.models import AuditEvent
from portal.access.rules import EVERYBODY, Kind, Reach, Rule, Who, passes
from tests.access.calls import Call
from tests.access.estate import Belongings, Estate
from tests.access.visitors import Visitor

CHANGED = """
    SELECT relname, n_tup_ins + n_tup_upd + n_tup_del FROM pg_stat_xact_user_tables
    WHERE n_tup_ins + n_tup_upd + n_tup_del > 0
"""
# Says nothing of who may what: where somebody stands in their browser, how often they asked.
MACHINE = {"django_session", "api_bucket", "portal_cache"}
TRAIL, REFUSED = "governance_auditevent", "action.refused"
PLACES = ("own", "foreign", "absent")
HTMX = {"HX-Request": "true"}
# Differs between any two answers: tokens against forgery, nonces, ids of requests and moments.
CHANCE = re.compile(
    r'((csrfmiddlewaretoken|seen|drawn)" value="|nonce-|nonce="|"request_id":\s*"|X-CSRFToken": "|'
    r'request-id" content=")'
    r"[\w+/=.:-]+"
)
DROPPED = {"Content-Length", "Expires", "X-Request-ID", "X-Request-Id", "Date"}


@dataclass(frozen=True)
class Answer:
    """What came back, what it changed (table → rows) and which events it left; messages: for the next page."""

    status: int
    location: str
    body: str
    headers: dict[str, str]
    changed: dict[str, int]
    events: list[AuditEvent]
    messages: list[str]


@dataclass(frozen=True)
class Ask:
    """One request. place: whose thing it names, "absent" for one that never existed."""

    visitor: Visitor
    method: str
    place: str
    htmx: bool = False

    def __str__(self) -> str:
        return f"{self.visitor.name} {self.method} {self.place}{' by htmx' if self.htmx else ''}"


class Walk:
    """One address with its rule, asked by everybody. path: of the API, where the address is an operation."""

    def __init__(self, estate: Estate, visitors: list[Visitor], name: str, rule: Rule, call: Call) -> None:
        self.estate, self.visitors, self.name, self.rule, self.call = estate, visitors, name, rule, call
        self.cells = 0

    def complaints(self) -> list[str]:
        """What is not as the rule says, as sentences."""
        return [one for visitor in self.visitors for method in self._methods() for one in self._by(visitor, method)]

    def _by(self, visitor: Visitor, method: str) -> Iterator[str]:
        answers = {}
        for place in self._places(method):
            answers[place], wrong = self._cell(Ask(visitor, method, place))
            yield from (f"{visitor.name} {method} {place}: {one}" for one in wrong)
        yield from self._traces(visitor, method, answers)
        if method == "GET" and self.rule.kind in (Kind.PAGE, Kind.FORM):
            for place in answers.keys() - {"absent"}:
                _answer, wrong = self._cell(Ask(visitor, method, place, htmx=True))
                yield from (f"{visitor.name} {method} {place} by htmx: {one}" for one in wrong)

    def _methods(self) -> tuple[str, ...]:
        return (self.name.split()[0],) if self.rule.kind == Kind.OPERATION else ("GET", "POST")

    def _places(self, method: str) -> tuple[str, ...]:
        if not self._is_asked(method):
            return ("own",)
        if self.call.thing:
            return ("own", "absent") if self.call.common else PLACES
        return ("own", "foreign") if self.rule.offered != EVERYBODY else ("own",)

    def _is_asked(self, method: str) -> bool:
        """Whether the rule is asked at all: a page that only shows takes nothing, a verb shows nothing."""
        unasked = {Kind.PAGE: "POST", Kind.VERB: "GET", Kind.POST: "GET"}
        return unasked.get(self.rule.kind) != method

    def _of(self, place: str) -> Belongings:
        return self.estate.foreign if place == "foreign" else self.estate.own

    def _cell(self, ask: Ask) -> tuple[Answer, list[str]]:
        self.cells += 1
        cookies = deepcopy(ask.visitor.client.cookies)
        answer = observed(lambda: self._send(ask))
        ask.visitor.client.cookies = cookies  # who was signed out comes back
        wrong = list(self._wrong(ask, answer))
        if words := [word for word in ask.visitor.kept_from(self.estate) if word in self._normal(ask.place, answer)]:
            wrong.append(f"the answer tells of {sorted(words)}")
        return answer, wrong

    def _address(self, place: str) -> str:
        arguments = self.call.arguments(self.estate, None if place == "absent" else self._of(place))
        if self.rule.kind == Kind.OPERATION:
            return self.name.split()[1].format(**arguments)
        return reverse(self.name, kwargs=arguments)

    def _send(self, ask: Ask) -> Any:
        headers = ask.visitor.headers | (HTMX if ask.htmx else {})
        address, client = self._address(ask.place), ask.visitor.client
        if ask.method == "GET":
            return client.get(address, headers=headers)
        data = self.call.data(self.estate, self._of(ask.place))
        if self.rule.kind == Kind.OPERATION:
            return getattr(client, ask.method.lower())(address, data, content_type="application/json", headers=headers)
        return client.post(address, data, headers=headers)

    def expected(self, ask: Ask) -> str:
        """ "sign in", "not taken", "back", "forbidden", "missing", "not offered", "done" or "open"."""
        rule, visitor = self.rule, ask.visitor
        if rule.kind == Kind.OPEN:
            return "open"
        if not visitor.known:
            return "sign in"
        if not self._is_asked(ask.method):
            return "back" if rule.kind == Kind.VERB else "not taken"
        if rule.scope and visitor.scopes is not None and rule.scope not in visitor.scopes:
            return "forbidden"
        if not self._passes(rule.door, ask):
            return "missing" if self.call.thing or self.call.given else "forbidden"
        if ask.place == "absent" or not self._passes(rule.sees, ask):
            return "missing"
        return self._sent(ask)

    def _sent(self, ask: Ask) -> str:
        """What becomes of a request for what is there. The API reads a body before it asks who sends it."""
        sends = ask.method != "GET"
        offered = not sends or self._passes(self.rule.offered, ask)
        if not offered and self.rule.kind == Kind.OPERATION and self._passes(self._somewhere(), ask):
            return "not offered"
        if not self._passes(self.rule.may, ask) or (sends and not self._passes(self.rule.sends, ask)):
            return "forbidden"
        return "done" if offered else "not offered"

    def _somewhere(self) -> Who:
        return self.rule.may if self.rule.may.reach == Reach.SOMEWHERE else EVERYBODY

    def _passes(self, who: Any, ask: Ask) -> bool:
        of = self._of(ask.place)
        asked = self.call.asker(self.estate, of) == ask.visitor.user if ask.visitor.user else False
        return passes(who, ask.visitor.role, ask.visitor.reaches(ask.place), asked)

    def _wrong(self, ask: Ask, answer: Answer) -> Iterator[str]:
        expected = self.expected(ask)
        if not _is(expected, answer, self.rule.kind):
            yield f"{expected} expected, {answer.status} came {answer.location}"
        changed = set(answer.changed) - MACHINE
        if expected == "done" and ask.method != "GET":
            yield from self._undone(answer, changed)
            return
        refused = expected in ("forbidden", "missing", "not offered", "open") and answer.changed.get(TRAIL) == 1
        if changed - ({TRAIL} if refused else set()):
            yield f"it changed {sorted(answer.changed)}"
        for event in answer.events:
            if event.verb != REFUSED or event.actor_id != (ask.visitor.user and ask.visitor.user.pk):
                yield f"it left the event {event.verb}"
        # What a person may not do, or does not see, is on record when they try it: docs/audit.md.
        if expected in ("forbidden", "missing") and ask.method != "GET" and len(answer.events) != 1:
            yield f"the attempt left {len(answer.events)} events and not one"

    def _undone(self, answer: Answer, changed: set[str]) -> Iterator[str]:
        """What contradicts that it was done: a page tells a refusal like a success, by a message after 302."""
        refused = [event.details["because"] for event in answer.events if event.verb == REFUSED]
        if bool(refused) != self.call.gone:
            yield f"it was refused: {refused}"
        elif not (changed - {TRAIL} or answer.events or self.call.idle):
            yield "it was taken, and nothing changed"

    def _traces(self, visitor: Visitor, method: str, answers: dict[str, Answer]) -> Iterator[str]:
        """What is not there for somebody is answered, and noted, like what never was."""
        missing = {place: one for place, one in answers.items() if one.status == 404}
        if "absent" not in missing:
            return
        for place, answer in missing.items():
            for what, one, other in zip(("body", "headers", "trail"), self._trace(place, answer),
                                        self._trace("absent", missing["absent"]), strict=True):  # fmt: skip
                if one != other:
                    yield f"{visitor.name} {method} {place}: the {what} differs from that of what never existed"

    def _trace(self, place: str, answer: Answer) -> tuple[str, Any, Any]:
        trail = [(e.verb, e.tenant_id, e.subject_kind, self._without(place, str(e.details))) for e in answer.events]
        return self._normal(place, answer), answer.headers, trail

    def _normal(self, place: str, answer: Answer) -> str:
        return CHANCE.sub("~", self._without(place, answer.body))

    def _without(self, place: str, text: str) -> str:
        """The text without what the address itself names."""
        text = text.replace(self._address(place), "·")
        named = self.call.arguments(self.estate, None if place == "absent" else self._of(place))
        return text.replace(str(named["uid"]), "·") if "uid" in named else text


def observed(send: Callable[[], Any]) -> Answer:
    """The answer to one request, with what it changed; afterwards everything is as it was."""
    with transaction.atomic():
        before = _counted()
        answer = send()
        changed = {table: n - before.get(table, 0) for table, n in _counted().items() if n != before.get(table, 0)}
        events = list(AuditEvent.objects.order_by("-pk")[: changed.get(TRAIL, 0)])
        messages = [str(one) for one in get_messages(answer.wsgi_request)]
        transaction.set_rollback(True)
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    headers = {name: CHANCE.sub("~", value) for name, value in answer.headers.items() if name not in DROPPED}
    headers["cookies"] = " ".join(sorted(answer.cookies))
    location = headers.get("Location", "")
    return Answer(answer.status_code, location, body.decode(), headers, changed, events, messages)


def _counted() -> dict[str, int]:
    with connection.cursor() as cursor:
        cursor.execute(CHANGED)
        return dict(cursor.fetchall())


def _is(expected: str, answer: Answer, kind: Kind) -> bool:
    """Whether an answer is of the expected sort."""
    status, to_sign_in = answer.status, answer.location.startswith("/account/login/")
    if kind == Kind.OPERATION:
        statuses = {"sign in": {401}, "not offered": {422}, "done": {200, 201, 204}}
    else:
        statuses = {"sign in": {302}, "not offered": {200, 422}, "done": {200, 302}, "back": {302}}
    if expected == "open":
        return status < 500 or status == 503
    wanted = (statuses | {"not taken": {405}, "forbidden": {403}, "missing": {404}})[expected]
    return status in wanted and (expected == "sign in" or not to_sign_in)
