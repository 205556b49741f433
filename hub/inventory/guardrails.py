"""Keeping the guardrails of a region with a snapshot of each version."""

from collections.abc import Iterable

from hub.inventory.merging import merge
from hub.inventory.reading import GuardrailFound
from hub.models import AwsAccount, Guardrail, GuardrailVersion
from portal.lib import digest

FIELDS = ("arn", "name", "description")


def known_versions(account: AwsAccount, region: str) -> set[tuple[str, str]]:
    """(guardrail id, version) of every version whose content is kept."""
    versions = GuardrailVersion.objects.filter(guardrail__account=account, guardrail__region=region)
    return set(versions.values_list("guardrail__guardrail_id", "version"))


def save_guardrails(account: AwsAccount, region: str, found: Iterable[GuardrailFound]) -> int:
    """Keep the guardrails of `region`; returns how many rows were written."""
    guardrails = {one.guardrail.guardrail_id: one for one in found}
    rows = {
        guardrail_id: Guardrail(
            account=account,
            region=region,
            guardrail_id=guardrail_id,
            arn=one.guardrail.arn,
            name=one.guardrail.name,
            description=one.guardrail.description,
        )
        for guardrail_id, one in guardrails.items()
    }
    here = Guardrail.objects.filter(account=account, region=region)
    written = merge(Guardrail, {row.guardrail_id: row for row in here}, rows, FIELDS)
    kept = {row.guardrail_id: row for row in here.prefetch_related("versions")}
    return written + sum(_save_versions(kept[guardrail_id], one) for guardrail_id, one in guardrails.items())


def _save_versions(guardrail: Guardrail, found: GuardrailFound) -> int:
    known = {row.version: row for row in guardrail.versions.all()}
    written = 0
    for one in found.versions:
        row = known.get(one.version) or GuardrailVersion(guardrail=guardrail, version=one.version)
        content = row.content if one.content is None else one.content
        wanted = {"status": one.status, "content": content, "digest": digest.sha256(content)}
        if row.pk is None or any(getattr(row, name) != value for name, value in wanted.items()):
            for name, value in wanted.items():
                setattr(row, name, value)
            row.save()
            written += 1
    return written
