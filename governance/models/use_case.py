"""Use cases: what a model is used for, by whom, with which data. Every request and every dollar hangs on one."""

from typing import TYPE_CHECKING, ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models

from governance.models.tenant import DataClass, Tenant
from governance.roles import Permission
from portal.lib import clock
from portal.lib.identified import Identified
from portal.lib.status import Status, Tone

if TYPE_CHECKING:
    from governance.models.person import User


class UseCaseQuerySet(models.QuerySet["UseCase"]):
    def visible_to(self, user: "User") -> Self:
        """Use cases of the tenants that this person may see."""
        from governance.policy import within

        return self.filter(within(user, Permission.VIEW, "tenant"))


class UseCase(Identified):
    """One purpose that a model serves in a tenant."""

    class Stage(models.TextChoices):
        IDEA = "idea", "Idea"
        POC = "poc", "Proof of concept"
        PILOT = "pilot", "Pilot"
        PRODUCTION = "production", "Production"
        RETIRED = "retired", "Retired"

    class Audience(models.TextChoices):
        EMPLOYEES = "employees", "Employees"
        PARTNERS = "partners", "Partners"
        CUSTOMERS = "customers", "Customers"

    class Autonomy(models.IntegerChoices):
        SUGGESTS = 0, "Suggests; a person writes"
        DRAFTS = 1, "Drafts; a person approves each"
        ACTS_WATCHED = 2, "Acts; a person watches"
        ACTS_SAMPLED = 3, "Acts; a person samples"
        ACTS_ALONE = 4, "Acts alone"

    class Risk(models.TextChoices):
        LOW = "low", "Low"
        MEDIUM = "medium", "Medium"
        HIGH = "high", "High"

    tenant = models.ForeignKey(Tenant, on_delete=models.PROTECT, related_name="use_cases")
    name = models.CharField(max_length=80)
    slug = models.SlugField(max_length=40)
    purpose = models.TextField(help_text="One sentence: who does what better with it.")
    stage = models.CharField(max_length=16, choices=Stage, default=Stage.IDEA)
    owner = models.ForeignKey("governance.User", on_delete=models.PROTECT, related_name="owned_use_cases")
    sponsor = models.CharField(max_length=120)
    outcome = models.CharField(max_length=160, help_text="What gets better, in words.")
    kpi = models.CharField(max_length=80, help_text="The number that shows it, with its unit.")
    kpi_baseline = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    kpi_target = models.DecimalField(max_digits=14, decimal_places=2, null=True, blank=True)
    data_class = models.CharField(max_length=16, choices=DataClass)
    audience = models.CharField(max_length=16, choices=Audience)
    people = models.PositiveIntegerField("people who use it", default=0)
    autonomy = models.PositiveSmallIntegerField(choices=Autonomy, default=Autonomy.SUGGESTS)
    affects_people = models.BooleanField("takes part in decisions about people", default=False)
    # Computed by governance.risk from the fields above, kept so that lists can sort by it.
    risk = models.CharField(max_length=8, choices=Risk)
    risk_reasons = ArrayField(models.CharField(max_length=160), default=list)
    created_at = models.DateTimeField(default=clock.now)

    objects = UseCaseQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        constraints: ClassVar = [models.UniqueConstraint(fields=["tenant", "slug"], name="use_case_slug_once_a_tenant")]

    def __str__(self) -> str:
        return self.name

    @property
    def risk_status(self) -> Status:
        """The risk tier, for a badge."""
        return Status(self.risk, f"{self.risk} risk", _TONES[self.Risk(self.risk)])


_TONES = {UseCase.Risk.LOW: Tone.OK, UseCase.Risk.MEDIUM: Tone.ATTENTION, UseCase.Risk.HIGH: Tone.DANGER}
