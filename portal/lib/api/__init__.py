"""The frame of the REST API: problems, pages, ETags, idempotency, scopes, limits. Knows Django and DRF, and no app."""
