"""`make bench`: measures what the README states, all of it or what ARGS names: `make bench ARGS=ingest`."""

import sys

from bench import ingest

MEASURES = {"ingest": ingest.main}


def main() -> int:
    """Measure in turn, each in this process."""
    names = sys.argv[1:] or list(MEASURES)
    sys.argv[1:] = []
    unknown = [name for name in names if name not in MEASURES]
    if unknown:
        print(f"There is no measure called {unknown[0]}; there are: {', '.join(MEASURES)}.", file=sys.stderr)
        return 2
    for name in names:
        MEASURES[name]()
    return 0


if __name__ == "__main__":
    sys.exit(main())
