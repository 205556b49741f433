"""A process that counts the same objects from the beginning, a few a transaction, and says how far it is."""

import django

LINES, OBJECTS, BATCH = 6, 400, 2


def main() -> None:
    """Load all objects; after each batch print how many objects were gone through."""
    django.setup()
    from finops.actions.ingest import load
    from tests.finops.log_objects import made, record

    for start in range(0, OBJECTS, BATCH):
        numbers = range(start, start + BATCH)
        load([made(f"{number:04}", *(record(LINES * number + line) for line in range(LINES))) for number in numbers])
        print(start + BATCH, flush=True)  # noqa: T201  # its only way to speak


if __name__ == "__main__":
    main()
