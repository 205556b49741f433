"""A gzip object as lines, in constant memory."""

from collections.abc import Iterator

from isal import isal_zlib

CHUNK_BYTES = 1 << 17  # stays in a processor cache while its lines are parsed; a megabyte takes a tenth longer
MAX_LINE_BYTES = 8 << 20  # bodies over 100 KB are delivered outside the record, so no true record comes near
_GZIP_WINDOW = 31
_Damaged: type[Exception] = isal_zlib.error  # type: ignore[assignment]  # its stub has the class down as an instance


class UnreadableObject(Exception):
    """The object is no gzip file or is damaged: nothing of it may count, and it is worth another try."""


class TruncatedObject(UnreadableObject):
    """The object ends in the middle of its gzip stream."""


def _chunks(data: bytes) -> Iterator[bytes]:
    """The inflated bytes, a chunk at a time, through all members of the file."""
    rest = data
    while rest:
        inflate = isal_zlib.decompressobj(_GZIP_WINDOW)
        piece = rest
        while not inflate.eof:
            try:
                out = inflate.decompress(piece, CHUNK_BYTES)
            except _Damaged as error:
                raise UnreadableObject(f"The object is not a sound gzip file: {error}.") from error
            piece = inflate.unconsumed_tail
            if out:
                yield out
            elif not inflate.eof:
                raise TruncatedObject("The gzip stream ends before its end mark.")
        rest = inflate.unused_data.lstrip(b"\0")  # padding after a member is legal


def lines(data: bytes) -> Iterator[bytes]:
    """The lines of a gzip object without their line feed, empty ones included so that a position is a line number.

    Raises TruncatedObject or UnreadableObject, possibly after some lines: a caller keeps nothing of such an object.
    A line over MAX_LINE_BYTES comes cut to that length, which no JSON parser will accept.
    """
    if not data:
        raise TruncatedObject("The object is empty.")
    tail = b""
    for chunk in _chunks(data):
        head, *whole = chunk.split(b"\n")
        tail += head[: MAX_LINE_BYTES - len(tail)]
        if whole:
            yield tail
            tail = whole.pop()
            yield from whole
    if tail:
        yield tail
