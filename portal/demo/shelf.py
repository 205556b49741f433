"""Which models Meridian reviewed, and how that ended. Data only."""

from dataclasses import dataclass

from portal.demo.company import EU

OPEN = ("public", "internal")
MOST = (*OPEN, "confidential")
ALL = (*MOST, "restricted")
WORLD = (*EU, "us-east-1", "us-east-2", "us-west-2")


@dataclass(frozen=True)
class Proposal:
    """A model that somebody proposed: for which data and regions, why, on what condition; how it ended."""

    model_id: str
    data_classes: tuple[str, ...]
    rationale: str
    conditions: str = ""
    regions: tuple[str, ...] = EU
    ending: str = "approve"  # approve, reject, or "" while it is still being reviewed


SHELF = (
    Proposal("anthropic.claude-sonnet-4-6", ALL, "The model that most teams ask for: long texts, tools, German and French.", "Guardrail for everything above Internal."),
    Proposal("anthropic.claude-haiku-4-5-20251001-v1:0", MOST, "Fast and cheap enough for sorting and short summaries."),
    Proposal("anthropic.claude-sonnet-4-5-20250929-v1:0", ALL, "The model of the first production use cases."),
    Proposal("anthropic.claude-opus-4-6-v1", MOST, "For contracts and code where errors are dear.", "Only where the smaller model was tried."),
    Proposal("amazon.nova-2-lite-v1:0", MOST, "Cheapest for bulk sorting; reads documents and pictures."),
    Proposal("amazon.nova-pro-v1:0", MOST, "Pictures of damages and documents.", regions=EU),
    Proposal("amazon.titan-embed-text-v2:0", MOST, "Embeddings for search in policies and procedures."),
    Proposal("cohere.embed-multilingual-v3", OPEN, "Embeddings for texts in several languages."),
    Proposal("openai.gpt-oss-120b-1:0", OPEN, "Open weights, for engineers who compare.", "Not for customers."),
    Proposal("mistral.mistral-large-3-675b-instruct", MOST, "European provider; strong in French and Italian."),
    Proposal("deepseek.v3.2", OPEN, "Asked for by two engineering teams.", ending="reject"),
    Proposal("anthropic.claude-haiku-5-5", MOST, "Successor of Haiku 4.5; half of its users would move.", ending=""),
    Proposal("xai.grok-4.7", OPEN, "Asked for by Research for its recency.", regions=WORLD, ending=""),
)  # fmt: skip
