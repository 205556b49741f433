"""Writing the audit trail: in the transaction of the change, or not at all."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction

from governance.models import AuditEvent, Tenant, User
from governance.vocabulary import Verb
from portal.lib import request_id
from portal.lib.redaction import redacted, redacted_in

_demo: ContextVar[bool] = ContextVar("audit_demo", default=False)
_grounds: ContextVar[dict[str, Any] | None] = ContextVar("audit_grounds", default=None)

ATRIUM = "Atrium"


@dataclass(frozen=True, slots=True)
class Named:
    """A subject that is no row: an address, the trail itself."""

    kind: str
    uid: str
    name: str


def record(
    verb: Verb, subject: models.Model | Named, *, by: User | None, tenant: Tenant | None = None, **details: Any
) -> AuditEvent:
    """Append one event about `subject` (a model with `uid`, or what is none by name). by=None is Atrium itself.

    details: JSON facts; what looks like a secret is taken out. Raises outside a transaction: a change without its event
    must not commit.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("An audit event is written in the transaction of its change.")
    named = subject if isinstance(subject, Named) else _named(subject)
    return AuditEvent.objects.create(
        verb=verb,
        actor_id=by.pk if by else None,
        actor_name=f"{by.name} ({by.email})" if by else ATRIUM,
        subject_kind=named.kind,
        subject_uid=named.uid[:64],
        subject_name=redacted(named.name)[:200],
        tenant_id=tenant.pk if tenant else None,
        details=redacted_in({**(_grounds.get() or {}), **details}),
        request_id=request_id.current(),
        demo=_demo.get(),
    )


def _named(subject: models.Model) -> Named:
    return Named(subject._meta.label_lower, str(getattr(subject, "uid", subject.pk)), str(subject))


def is_demo() -> bool:
    """Whether what runs now is made for the demo company: its past is told to nobody by e-mail."""
    return _demo.get()


@contextmanager
def as_demo() -> Iterator[None]:
    """Mark the events of a block as made for the demo company."""
    token = _demo.set(True)
    try:
        yield
    finally:
        _demo.reset(token)


@contextmanager
def on_grounds(**facts: Any) -> Iterator[None]:
    """Keep `facts` with each event of a block: on whose word Atrium does what it does there."""
    token = _grounds.set(facts)
    try:
        yield
    finally:
        _grounds.reset(token)
