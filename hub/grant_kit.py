"""The developer kit of a grant: hub.kits with the grant's own names."""

from hub.call_metadata import call_metadata
from hub.kits import Access, Snippet, kit
from hub.models import Grant
from hub.plans.demands import modality


def snippets(grant: Grant) -> list[Snippet]:
    """Code that calls the model of this grant, as it stands."""
    probe = next(artefact for artefact in grant.plan.artefacts if artefact["kind"] == "probe")
    pin = probe["guardrail"]
    return kit(
        Access(
            region=grant.region,
            profile_arn=grant.profile_arn,
            model_id=grant.model.model_id,
            provider=grant.model.model_id.partition(".")[0],
            modality=modality(grant.model.output_modalities),
            guardrail=(pin["id"], pin["version"]) if pin else None,
            metadata=call_metadata(grant),
        )
    )
