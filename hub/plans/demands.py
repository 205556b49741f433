"""What the risk of a request demands, and why."""

from collections.abc import Collection

_RISKS = {"medium": "the risk tier is medium", "high": "the risk tier is high"}
_CLASSES = {"confidential": "Confidential", "restricted": "Restricted"}
TEXT = "text"
EMBEDDING = "embedding"


def modality(output_modalities: Collection[str]) -> str:
    """What a probe can ask the model for: "text", "embedding", or "" where no small call proves it (images, video)."""
    given = {word.upper() for word in output_modalities}
    if "TEXT" in given:
        return TEXT
    return EMBEDDING if "EMBEDDING" in given else ""


def guardrail_because(*, risk: str, data_class: str, modality: str, whose: str = "") -> str:
    """Why a pinned guardrail version is demanded, "" if none is. Guardrails judge text: embeddings are exempt.

    whose: follows "the data", where it is not that of the request.
    """
    if modality == EMBEDDING:
        return ""
    label = _CLASSES.get(data_class)
    return f"the data{whose} is {label}" if label else _RISKS.get(risk, "")
