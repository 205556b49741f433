"""How fast log objects become committed hourly facts: `python -m bench.ingest [--records N]`.

Files are made first, then read beside two yardsticks (Python's gzip and json; isal's decompression and nothing else),
then counted as a sync counts them, in a PostgreSQL of its own that ends with the run: by one process, once more by the
same (which must change no row), and by two processes from the beginning. Fetching from S3 is not part of it.
"""

import argparse
import gzip
import json
import tempfile
from collections.abc import Callable
from pathlib import Path

from isal import isal_zlib

from bench import loading, log_files
from bench.measuring import Measured, Timer
from bench.results import Row, keep, show
from finops.ingest.gunzip import inflate
from finops.ingest.keys import LogKey
from finops.ingest.objects import parse
from finops.ingest.rollup import Rollup
from portal.local.stack import Stack

YARDSTICK_RECORDS = 100_000  # a share of the files is enough for the slowest yardstick
NO_BROKER = {"BROKER_URL": "redis://127.0.0.1:1/0"}


def with_json(key: LogKey, data: bytes) -> None:
    """What a script would do: every record built whole."""
    for line in gzip.decompress(data).split(b"\n"):
        json.loads(line)


def inflated(key: LogKey, data: bytes) -> None:
    """No reader of gzip can be quicker than this."""
    isal_zlib.decompress(data, 31)


def summed(key: LogKey, data: bytes) -> None:
    """Read and summed as the loader does it, without a database."""
    Rollup().add(parse(inflate(data), bucket="bench", key=key, etag="").usage)


def rate(files: log_files.Files, do: Callable[[LogKey, bytes], None]) -> Measured:
    """Records a second of doing something with each file."""
    timer = Timer()
    for key, path in files.objects:
        do(key, path.read_bytes())
    return timer.measured(files.records)


def counted(files: log_files.Files, folder: Path) -> list[Row]:
    """Count the files in databases of their own: by one process, again, and by two."""
    rows = []
    for processes in (1, 2):
        with Stack(folder / f"database-{processes}", ("database", "migrate"), environ=NO_BROKER) as stack:
            first = loading.run(stack.environ, files, processes)
            name = "one process" if processes == 1 else "two processes together"
            rows.append(
                Row(f"files to committed rows, {name}", first.rate, "records/s", "at least " + GOALS[processes])
            )
            rows.append(
                Row(f"the same, a second of processor of the loaders, {name}", first.per_cpu_s, "records/cpu s", "")
            )
            rows.append(Row(f"memory of a process, {name}", first.memory_mb, "MB", "at most 150 MB"))
            if processes == 1:
                again = loading.run(stack.environ, files, 1)
                assert (first.records, first.requests) == (files.records, files.records)
                assert first.written >= first.facts, "the rows that a run writes are not seen"
                assert first.digest == again.digest, "a second run changed what the first one counted"
                rows.append(Row("hourly facts of these files", first.facts, "rows", ""))
                rows.append(Row("rows changed by a second run over the same files", again.written, "rows", "0"))
    return rows


GOALS = {1: "150,000 records/s", 2: "300,000 records/s"}


def main() -> None:
    """Make the files, measure, print, keep."""
    options = argparse.ArgumentParser()
    options.add_argument("--records", type=int, default=1_000_000)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="atrium-bench-") as folder:
        files = log_files.make(Path(folder) / "files", chosen.records)
        share = files.first(YARDSTICK_RECORDS)
        naive, bare, own = rate(share, with_json), rate(files, inflated), rate(files, summed)
        rows = [
            Row("size of a record before compression", files.raw_bytes / files.records, "bytes", ""),
            Row("size of a record in its file", files.bytes / files.records, "bytes", ""),
            Row("Python's gzip and json", naive.wall, "records/s", "a yardstick: nothing is summed"),
            Row("isal's decompression alone", bare.wall, "records/s", "a yardstick: nothing is read"),
            Row("read and summed", own.wall, "records/s", f"{own.cpu / naive.cpu:.1f} times gzip and json"),
            Row(
                "read and summed, a second of processor", own.cpu, "records/cpu s", f"{own.cpu / bare.cpu:.0%} of isal"
            ),
            *counted(files, Path(folder)),
        ]
    show("Ingest", rows)
    keep("ingest", rows)


if __name__ == "__main__":
    main()
