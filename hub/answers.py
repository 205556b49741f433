"""What a request asks for, as values: what the form read, or what another caller says."""

from dataclasses import dataclass
from decimal import Decimal

from governance.models import Tenant, UseCase
from governance.risk import Assessment, Profile
from hub import asked_risk
from hub.models import AccessRequest, FoundationModel, GuardrailVersion
from hub.plans import demands
from hub.prices import Estimate, estimate
from hub.routes import Route
from portal.lib.money import to_usd


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """Everything may be missing while somebody is still typing; None and "" say so.

    tokens: of one call; cached_share: 0 to 1; monthly_budget_nano: nano-USD; role_arns: empty with create_role.
    """

    use_case: UseCase | None = None
    model: FoundationModel | None = None
    data_class: str = ""
    audience: str = ""
    environment: str = ""
    route: Route | None = None
    guardrail_version: GuardrailVersion | None = None
    role_arns: tuple[str, ...] = ()
    create_role: bool = False
    calls_per_day: int | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cached_share: Decimal = Decimal(0)
    monthly_budget_nano: int | None = None
    months: int | None = None
    why: str = ""

    @property
    def tenant(self) -> Tenant | None:
        return self.use_case.tenant if self.use_case else None

    @property
    def risk(self) -> Assessment | None:
        """The tier of this use: data and audience as asked, unless the use case has more; the rest as it has it."""
        if not (self.use_case and self.data_class and self.audience):
            return None
        return asked_risk.assessed(self.use_case, self.data_class, self.audience)

    @property
    def heeded(self) -> Profile | None:
        """What tier, reviewers and guardrail go by: of request and use case, the higher."""
        if not (self.use_case and self.data_class and self.audience):
            return None
        return asked_risk.profile(self.use_case, self.data_class, self.audience)

    @property
    def understated(self) -> str:
        """In what this names less than its use case, as a sentence; "" if in nothing, or not known yet."""
        if not (self.use_case and self.data_class and self.audience):
            return ""
        return asked_risk.understated(self.use_case, self.data_class, self.audience)

    @property
    def guardrail_because(self) -> str:
        """Why a guardrail version must be pinned, "" if none must (or it is not known yet)."""
        if self.risk is None or self.heeded is None or self.model is None:
            return ""
        return demands.guardrail_because(
            risk=self.risk.tier,
            data_class=self.heeded.data_class,
            whose="" if self.heeded.data_class == self.data_class else " of the use case",
            modality=demands.modality(self.model.output_modalities),
        )

    @property
    def estimate(self) -> Estimate | None:
        """What a month would cost at list price; None while volumes are missing, or when the model is unpriced."""
        if not (self.model and self.route and self.calls_per_day and self.input_tokens is not None):
            return None
        return estimate(
            self.model.model_id,
            region=self.route.region,
            scope=self.route.scope,
            calls_per_day=self.calls_per_day,
            input_tokens=self.input_tokens,
            output_tokens=self.output_tokens or 0,
            cached_share=self.cached_share,
        )

    def typed(self) -> dict[str, list[str]]:
        """As the form would have been filled in: for editing and cloning."""
        budget = "" if self.monthly_budget_nano is None else f"{to_usd(self.monthly_budget_nano).normalize():f}"
        values = {
            "use_case": str(self.use_case.uid) if self.use_case else "",
            "model": str(self.model.uid) if self.model else "",
            "data_class": self.data_class,
            "audience": self.audience,
            "environment": self.environment,
            "route": self.route.key if self.route else "",
            "guardrail_version": str(self.guardrail_version.pk) if self.guardrail_version else "",
            "roles": "\n".join(self.role_arns),
            "create_role": "on" if self.create_role else "",
            "calls_per_day": _written(self.calls_per_day),
            "input_tokens": _written(self.input_tokens),
            "output_tokens": _written(self.output_tokens),
            "cached_percent": f"{self.cached_share * 100:.0f}",
            "monthly_budget": budget,
            "months": _written(self.months),
            "why": self.why,
        }
        return {name: [value] for name, value in values.items() if value}


def of(request: AccessRequest) -> Answers:
    """The answers of a request that was submitted."""
    route = Route(request.account, request.region, request.profile) if request.account else None
    return Answers(
        use_case=request.use_case,
        model=request.model,
        data_class=request.data_class,
        audience=request.audience,
        environment=request.environment,
        route=route,
        guardrail_version=request.guardrail_version,
        role_arns=tuple(request.role_arns),
        create_role=request.create_role,
        calls_per_day=request.calls_per_day,
        input_tokens=request.input_tokens,
        output_tokens=request.output_tokens,
        cached_share=request.cached_share,
        monthly_budget_nano=request.monthly_budget_nano,
        months=request.months,
        why=request.why,
    )


def _written(number: int | None) -> str:
    return "" if number is None else str(number)
