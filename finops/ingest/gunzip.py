"""A gzip object as lines, in constant memory."""

from collections.abc import Iterator

from isal import isal_zlib

# As much as stays in a processor cache, inflated, while its lines are parsed.
PIECE_BYTES = 16 << 10
MAX_CHUNK_BYTES = 1 << 20  # what little data of much repetition may inflate to at once
MAX_LINE_BYTES = 8 << 20  # bodies over 100 KB are delivered outside the record, so no true record comes near
_GZIP_WINDOW = 31
_Damaged: type[Exception] = isal_zlib.error  # type: ignore[assignment]  # its stub has the class down as an instance

Line = bytes | memoryview


class UnreadableObject(Exception):
    """The object is no gzip file or is damaged: nothing of it may count, and it is worth another try."""


class TruncatedObject(UnreadableObject):
    """The object ends in the middle of its gzip stream."""


def _chunks(data: bytes) -> Iterator[bytes]:
    """The inflated bytes, a chunk at a time, through all members of the file."""
    rest = memoryview(data)
    while rest:
        inflate, fed = isal_zlib.decompressobj(_GZIP_WINDOW), 0
        while not inflate.eof:
            piece: Line = inflate.unconsumed_tail
            if not piece:
                piece = rest[fed : fed + PIECE_BYTES]
                fed += len(piece)
            try:
                out = inflate.decompress(piece, MAX_CHUNK_BYTES)
            except _Damaged as error:
                raise UnreadableObject(f"The object is not a sound gzip file: {error}.") from error
            if out:
                yield out
            elif not piece and not inflate.eof:
                raise TruncatedObject("The gzip stream ends before its end mark.")
        rest = rest[fed - len(inflate.unused_data) :]
        while rest and not rest[0]:  # padding after a member is legal
            rest = rest[1:]


def lines(data: bytes) -> Iterator[Line]:
    """The lines of a gzip object without their line feed, empty ones included so that a position is a line number.

    Raises TruncatedObject or UnreadableObject, possibly after some lines: a caller keeps nothing of such an object.
    A line over MAX_LINE_BYTES comes cut to that length, which no JSON parser will accept. Lines are looked at where
    they lie: a copy of each would cost as much as a third of its parsing.
    """
    if not data:
        raise TruncatedObject("The object is empty.")
    tail = b""
    for chunk in _chunks(data):
        find, view = chunk.find, memoryview(chunk)
        end = find(b"\n")
        tail += chunk[: min(end if end >= 0 else len(chunk), MAX_LINE_BYTES - len(tail))]
        if end < 0:
            continue
        yield tail
        start = end + 1
        while (end := find(b"\n", start)) >= 0:
            yield view[start:end]
            start = end + 1
        tail = chunk[start:]
    if tail:
        yield tail
