"""Background work of finops: edges only."""

from finops import tasks_logs  # noqa: F401  # declares the reading of logs
from finops.actions import attribution, budgets, cube
from governance.actions import approvals, onboardings
from governance.models import Onboarding
from hub import access_facts
from hub.models import Grant, Price
from portal.jobs.outbox import enqueue
from portal.jobs.registry import task


@task("finops.build_cube", every=60)
def build_cube(_: None) -> None:
    """Build what is marked, then see whether a budget was crossed."""
    if cube.build_marked():
        enqueue("finops.check_budgets")


@task("finops.check_budgets", every=600)
def check_budgets(_: None) -> None:
    budgets.check_all()


@task("finops.register_grant")
def register_grant(grant_id: int) -> None:
    attribution.register_grant(Grant.objects.get(pk=grant_id))


@task("finops.granted_budget")
def granted_budget(grant_id: int) -> None:
    grant = Grant.objects.select_related("request", "use_case__tenant").get(pk=grant_id)
    with approvals.carried_out(kind=access_facts.KIND, subject=grant.request):
        budgets.follow_grants(grant.use_case)


@task("finops.default_budget")
def default_budget(tenant_id: int) -> None:
    onboarding = Onboarding.objects.select_related("tenant").filter(tenant=tenant_id).first()
    if onboarding and onboarding.tenant:
        with approvals.carried_out(kind=onboardings.KIND, subject=onboarding):
            budgets.set_default(onboarding.tenant, onboarding.monthly_budget_nano)


@task("finops.reprice")
def reprice(price_id: int) -> None:
    """Build again what a changed price may concern."""
    cube.mark_from(Price.objects.get(pk=price_id).since)
