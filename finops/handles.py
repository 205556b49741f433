"""The book of handles, read from the database."""

from collections import defaultdict

from finops.attribution import Book, Owner, Period
from finops.models import UsageHandle
from governance.models import UseCase


def book() -> Book:
    """All handles and use cases as they stand."""
    owners = {
        pk: Owner(pk, tenant, parent or tenant)
        for pk, tenant, parent in UseCase.objects.values_list("pk", "tenant_id", "tenant__parent_id")
    }
    handles: dict[tuple[str, str], list[Period]] = defaultdict(list)
    for handle in UsageHandle.objects.all():
        handles[handle.kind, handle.value].append(Period(handle.since, handle.until, owners[handle.use_case_id]))
    uids = UseCase.objects.values_list("uid", "pk")
    return Book(dict(handles), {str(uid): owners[pk] for uid, pk in uids})
