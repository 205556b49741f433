"""Somebody names a thing in a field: what is others' must be answered like what never was."""

import copy
import re
from collections.abc import Iterator
from difflib import unified_diff
from typing import Any
from urllib.parse import quote, quote_plus

from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from portal.lib import clock
from portal.lib.uid import new_uid
from tests.access.choices import Choice
from tests.access.estate import Belongings, Estate
from tests.access.visitors import Visitor
from tests.access.walk import CHANCE, HTMX, MACHINE, TRAIL, Answer, observed

ASKERS = ("builder", "owner", "team", "nobody")
UID7 = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\b")
DRAFT = "hub_accessrequest"
Told = dict[str, str]


class Naming:
    """One field, in which people name what is their own, what is others', and what never was."""

    def __init__(self, choice: Choice, estate: Estate, visitors: list[Visitor]) -> None:
        self.choice, self.estate = choice, estate
        self.askers = [one for one in visitors if one.name in ASKERS]
        self._nevers: dict[str, Told] = {}
        self._moment = clock.now()  # of all requests: ages and dates tell nothing

    def complaints(self) -> list[str]:
        """By what others' things are told from none, as sentences."""
        kept_out = [one for one in self.askers if one.name == "nobody" or not self.choice.common]
        return [f"{visitor.name}: {one}" for visitor in kept_out for one in self._by(visitor)]

    def is_read(self) -> bool:
        """Whether the field is read at all: to somebody, their own is answered in another way than what never was."""
        own = self.estate.own
        return any(_told(*self._ask(one, own)) != self._never(one, own) for one in self.askers)

    def _by(self, visitor: Visitor) -> Iterator[str]:
        foreign = self.estate.foreign
        answer, since = self._ask(visitor, foreign)
        told, never = _told(answer, since), self._never(visitor, foreign)
        for what in [what for what in told if told[what] != never[what]]:
            yield f"the {what} differs from that of what never was:\n{_difference(never[what], told[what])}"
        sent, said = self.choice.value(self.estate, foreign), "\n".join(told.values())
        if words := sorted(word for word in visitor.kept_from(self.estate) if word in said and word not in sent):
            yield f"the answer tells of {words}"
        if changed := answer.changed.keys() - MACHINE - {TRAIL} - ({DRAFT} if self.choice.draft else set()):
            yield f"it changed {sorted(changed)}"
        if answer.status >= 500:
            yield f"{answer.status} came"

    def _never(self, visitor: Visitor, of: Belongings) -> Told:
        """What is told of what never was, in the words in which somebody's would be named."""
        if visitor.name not in self._nevers:
            self._nevers[visitor.name] = _told(*self._ask(visitor, None))
        absent, named = (self.choice.value(self.estate, one) for one in (None, of))
        told = dict(self._nevers[visitor.name])
        for write in (str, escape, quote, quote_plus):
            told = {what: text.replace(write(absent), write(named)) for what, text in told.items()}
        return told

    def _ask(self, visitor: Visitor, of: Belongings | None) -> tuple[Answer, str]:
        """The answer where the field names what is somebody's; and a uid older than those that were made for it."""
        value, since = self.choice.value(self.estate, of), str(new_uid())
        with clock.set_to(self._moment):
            return observed(lambda: self._send(visitor.client, value)), since

    def _send(self, client: Client, value: str) -> Any:
        choice, estate = self.choice, self.estate
        arguments, given = choice.call.arguments(estate, estate.own), choice.filled(estate, value)
        before, headers = copy.deepcopy(client.cookies), HTMX if choice.live else {}
        send = getattr(client, choice.method.lower())
        try:
            if not choice.of_api:
                return send(reverse(choice.where, kwargs=arguments), given, headers=headers)
            kind = {} if choice.method == "GET" else {"content_type": "application/json"}
            return send(choice.where.split()[1].format(**arguments), given, **kind)
        finally:
            client.cookies = before


def _told(answer: Answer, since: str) -> Told:
    """All of an answer that one could tell from another, without what is drawn for each and the uids made since."""
    # The version of a body follows from the body.
    headers = {name: value for name, value in sorted(answer.headers.items()) if name != "ETag"}
    trail = [(event.verb, event.tenant_id, event.subject_kind, event.details) for event in answer.events]
    parts = {
        "status": answer.status, "headers": headers, "body": answer.body, "messages": answer.messages,
        "changes": sorted(answer.changed.items()), "trail": trail,
    }  # fmt: skip
    return {what: _lasting(str(part), since) for what, part in parts.items()}


def _lasting(text: str, since: str) -> str:
    return CHANCE.sub("~", UID7.sub(lambda uid: "~" if uid[0] > since else uid[0], text))


def _difference(one: str, other: str) -> str:
    lines = unified_diff(one.splitlines(), other.splitlines(), "never was", "others'", lineterm="", n=0)
    return "\n".join(line[:400] for line in lines)
