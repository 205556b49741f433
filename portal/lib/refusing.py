"""Where a page catches a refusal: beside the fields of a form, or as a message. NotAllowed passes through.

What was caught is noted for whoever asks at the end of the request: the audit trail keeps refused attempts.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest

from portal.lib.errors import NotAllowed, Refused

_noted: ContextVar[list[Refused] | None] = ContextVar("refusals", default=None)


@contextmanager
def noting() -> Iterator[list[Refused]]:
    """Collect what is refused in a block."""
    noted: list[Refused] = []
    token = _noted.set(noted)
    try:
        yield noted
    finally:
        _noted.reset(token)


def note(refusal: Refused) -> None:
    """Keep a refusal that a page or the API has caught."""
    noted = _noted.get()
    if noted is not None:
        noted.append(refusal)


@contextmanager
def shown_on(form: BaseForm) -> Iterator[None]:
    """Run an action; a refusal becomes an error of `form`, beside its field if the form has it: see `form.errors`.

    NotAllowed is not a mistake in a form: it passes on to the page that says what one's roles permit.
    """
    try:
        yield
    except NotAllowed:
        raise
    except Refused as refusal:
        note(refusal)
        show(form, [refusal, *refusal.also])


def show(form: BaseForm, refusals: Iterable[Refused]) -> None:
    """Put each refusal beside its field, or above a form that has no such field."""
    for refusal in refusals:
        form.add_error(refusal.field if refusal.field in form.fields else None, refusal.sentence)


@contextmanager
def told(request: HttpRequest, done: str = "") -> Iterator[None]:
    """Run an action behind a button; a refusal becomes an error message, success the message `done`."""
    try:
        yield
    except NotAllowed:
        raise
    except Refused as refusal:
        note(refusal)
        messages.error(request, refusal.sentence)
    else:
        if done:
            messages.success(request, done)
