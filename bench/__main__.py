"""`make bench`: measures what the README states, all of it or what ARGS names: `make bench ARGS=ingest`."""

import subprocess
import sys

MEASURES = ("audit", "ingest", "pages", "web", "start")


def main() -> int:
    """Measure in turn, each in a process of its own; what was measured is kept in bench/results.json."""
    names = sys.argv[1:] or MEASURES
    unknown = [name for name in names if name not in MEASURES]
    if unknown:
        print(f"There is no measure called {unknown[0]}; there are: {', '.join(MEASURES)}.", file=sys.stderr)
        return 2
    # One that a signal ended has a negative code.
    codes = [subprocess.call([sys.executable, "-m", f"bench.{name}"]) for name in names]
    return int(any(codes))


if __name__ == "__main__":
    sys.exit(main())
