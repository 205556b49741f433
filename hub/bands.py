"""Context bands: some models charge the whole request at another rate when its prompt is above an edge.

Source of the edges: the thresholds of the models' price lists (100k, 200k and 272k prompt tokens).
"""

# Lower edge in prompt tokens (exclusive) → the band above it.
BANDS = {0: "<=100k", 100_000: "<=200k", 200_000: "<=272k", 272_000: ">272k"}


def band_of(prompt_tokens: int) -> str:
    """The band of a request by its prompt tokens, cached ones included."""
    return next(band for edge, band in reversed(BANDS.items()) if prompt_tokens > edge or edge == 0)


def bands_above(edge: int) -> list[str]:
    """The bands that lie wholly above `edge`. Raises LookupError for an edge that would cut a band in two."""
    if edge not in BANDS:
        raise LookupError(f"{edge} tokens is not an edge of a context band.")
    return [band for lower, band in BANDS.items() if lower >= edge]
