"""Atrium takes no files. A handler there must be: by its chunk size Django reads the body of a form."""

from typing import Any, NoReturn

from django.core.exceptions import BadRequest
from django.core.files.uploadhandler import FileUploadHandler


class RefusingUploadHandler(FileUploadHandler):
    """Refuses a file before a byte of it is kept, in memory or on disk."""

    def new_file(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise BadRequest("Atrium takes no files.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> NoReturn:
        raise BadRequest("Atrium takes no files.")

    def file_complete(self, file_size: int) -> None:
        return None
