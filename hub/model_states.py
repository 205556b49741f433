"""The states of models and of their reviews: two tables, one mover."""

from typing import Any

from django.db import models

from hub.models import FoundationModel, ModelReview
from portal.lib.errors import Refused

S = FoundationModel.Status
R = ModelReview.State

MODEL: dict[str, frozenset[str]] = {
    S.UNREVIEWED: frozenset({S.IN_REVIEW, S.BLOCKED}),
    S.IN_REVIEW: frozenset({S.UNREVIEWED, S.APPROVED, S.BLOCKED}),
    S.APPROVED: frozenset({S.RESTRICTED, S.DEPRECATED, S.RETIRED, S.BLOCKED}),
    S.RESTRICTED: frozenset({S.APPROVED, S.DEPRECATED, S.RETIRED, S.BLOCKED}),
    S.DEPRECATED: frozenset({S.APPROVED, S.RETIRED, S.BLOCKED}),
    S.RETIRED: frozenset(),
    S.BLOCKED: frozenset({S.UNREVIEWED}),
}
REVIEW: dict[str, frozenset[str]] = {
    R.DRAFT: frozenset({R.IN_REVIEW, R.WITHDRAWN}),
    R.IN_REVIEW: frozenset({R.CHANGES_REQUESTED, R.APPROVED, R.REJECTED, R.WITHDRAWN}),
    R.CHANGES_REQUESTED: frozenset({R.IN_REVIEW, R.WITHDRAWN}),
    R.APPROVED: frozenset(),
    R.REJECTED: frozenset(),
    R.WITHDRAWN: frozenset(),
}
# What each status means to somebody who wants to use the model.
MEANING: dict[str, str] = {
    S.UNREVIEWED: "Nobody has reviewed it yet; it cannot be asked for.",
    S.IN_REVIEW: "Security, legal and responsible AI are looking at it; it cannot be asked for yet.",
    S.APPROVED: "It may be asked for, for the data and the regions that it is cleared for.",
    S.RESTRICTED: "Grants go on as they are; no new ones.",
    S.DEPRECATED: "It is being phased out: no new grants, those that exist should move.",
    S.RETIRED: "It is not used any more.",
    S.BLOCKED: "It must not be used.",
}


def move_model(model: FoundationModel, to: str) -> None:
    """Bring `model` into the status `to`. Raises Refused for a move that is not in the table or came too late."""
    _move(model, "status", to, MODEL)


def move_review(review: ModelReview, to: str, **changes: Any) -> None:
    """Bring `review` into the state `to` and store `changes` with it. Raises Refused as `move_model` does."""
    _move(review, "state", to, REVIEW, **changes)


def _move(row: models.Model, field: str, to: str, table: dict[str, frozenset[str]], **changes: Any) -> None:
    now = getattr(row, field)
    if to not in table[now]:
        raise Refused(f"{row} is {now.replace('_', ' ')}; it cannot become {to.replace('_', ' ')}.")
    changes[field] = to
    rows: Any = type(row)._default_manager
    if rows.filter(pk=row.pk, **{field: now}).update(**changes) != 1:
        raise Refused("Somebody else changed it at the same moment. Look again.")
    for name, value in changes.items():
        setattr(row, name, value)
