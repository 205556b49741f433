"""Where a thing stands, in one value that carries its word and its tone together."""

from dataclasses import dataclass
from enum import StrEnum


class Tone(StrEnum):
    """How a status feels to its reader; the page always shows the word beside it."""

    OK = "ok"
    ATTENTION = "attention"
    DANGER = "danger"
    IDLE = "idle"


@dataclass(frozen=True, slots=True)
class Status:
    """value: the machine's word (`in_review`); label: the reader's (`in review`); tone: how it feels."""

    value: str
    label: str
    tone: Tone = Tone.IDLE

    def __str__(self) -> str:
        return self.label
