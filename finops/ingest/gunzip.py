"""A gzip object as lines, in constant memory."""

from collections.abc import Iterable, Iterator
from itertools import chain

from isal.igzip_lib import DECOMP_GZIP, IgzipDecompressor, IsalError

CHUNK_BYTES = 8 << 20  # an object as AWS delivers it comes in one
MAX_LINE_BYTES = 8 << 20  # bodies over 100 KB are delivered outside the record, so no true record comes near

Line = bytes | memoryview
_Damaged: type[Exception] = IsalError  # type: ignore[assignment]  # its stub has the class down as an instance


class UnreadableObject(Exception):
    """The object is no gzip file or is damaged: nothing of it may count, and it is worth another try."""


class TruncatedObject(UnreadableObject):
    """The object ends in the middle of its gzip stream."""


def inflate(data: bytes) -> Iterator[bytes]:
    """The inflated bytes, a chunk at a time through all members of the file. The first chunk is inflated before this
    returns, so a thread that calls it takes that work, which needs no lock of the interpreter, from its reader.

    Raises TruncatedObject or UnreadableObject when iterated, possibly after some chunks.
    """
    chunks = _chunks(data)
    try:
        first = next(chunks, b"")
    except UnreadableObject as error:
        return _failing(error)
    return chain((first,), chunks)


def _failing(error: UnreadableObject) -> Iterator[bytes]:
    yield from ()
    raise error


def _chunks(data: bytes) -> Iterator[bytes]:
    if not data:
        raise TruncatedObject("The object is empty.")
    rest, most = data, min(_size_told(data) + 1, CHUNK_BYTES)
    while rest:
        member = IgzipDecompressor(flag=DECOMP_GZIP)
        piece = rest
        while not member.eof:
            try:
                out = member.decompress(piece, most)
            except _Damaged as error:
                raise UnreadableObject(f"The object is not a sound gzip file: {error}.") from error
            piece, most = b"", CHUNK_BYTES
            if out:
                yield out
            elif not member.eof:
                raise TruncatedObject("The gzip stream ends before its end mark.")
        rest = member.unused_data.lstrip(b"\0")  # padding after a member is legal


def _size_told(data: bytes) -> int:
    """How long a gzip file says at its end that its last member is, modulo 2^32. A buffer that fits from the beginning
    is not grown on the way, for which the lock of the interpreter would be waited for each time.
    """
    return int.from_bytes(data[-4:], "little")


def lines(chunks: Iterable[bytes]) -> Iterator[Line]:
    """The lines without their line feed, empty ones included so that a position is a line number.

    A line over MAX_LINE_BYTES comes cut to that length, which no JSON parser will accept. Lines are looked at where
    they lie: a copy of each would cost as much as a third of its parsing.
    """
    tail = b""
    for chunk in chunks:
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
