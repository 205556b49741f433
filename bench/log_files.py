"""Log objects as files, made by two processes."""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from pathlib import Path

from bench.log_objects import make as make_object
from finops.ingest.keys import LogKey

PER_OBJECT, SEED, MAKERS = 2_000, 7, 2


@dataclass(frozen=True)
class Files:
    """Gzip files with the key that each would have in S3; sizes before and after compression are of all together."""

    objects: tuple[tuple[LogKey, Path], ...]
    records: int
    raw_bytes: int
    bytes: int

    def first(self, records: int) -> "Files":
        """The first files, of at least so many records if there are as many."""
        few = self.objects[: -(-records // PER_OBJECT)]
        return replace(self, objects=few, records=len(few) * PER_OBJECT)

    def parts(self, number: int) -> list[tuple[tuple[LogKey, Path], ...]]:
        """The files in so many parts, one after the other in time."""
        edges = [len(self.objects) * part // number for part in range(number + 1)]
        return [self.objects[start:end] for start, end in pairwise(edges)]


def make(folder: Path, records: int) -> Files:
    """Write files of so many records, rounded up to whole files."""
    folder.mkdir()
    numbers = range(-(-records // PER_OBJECT))
    with ProcessPoolExecutor(MAKERS) as makers:
        made = list(makers.map(partial(_write, folder), numbers, chunksize=5))
    objects = tuple((key, path) for key, path, _ in made)
    size = sum(path.stat().st_size for _, path in objects)
    return Files(objects, len(objects) * PER_OBJECT, sum(raw for _, _, raw in made), size)


def _write(folder: Path, number: int) -> tuple[LogKey, Path, int]:
    key, data, raw = make_object(number, PER_OBJECT, SEED)
    path = folder / f"{number:06}.json.gz"
    path.write_bytes(data)
    return key, path, raw
