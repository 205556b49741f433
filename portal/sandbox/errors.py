"""Errors of the added operations, and refusals given before an operation is reached.

A ServiceException is serialised by moto from the service's own error model: its HTTP status comes from botocore.
"""

import json
from xml.sax.saxutils import escape

from moto.core.exceptions import ServiceException

XML_SERVICES = {"iam", "sts", "s3", "cloudformation", "sns", "sqs", "monitoring"}


class ValidationError(ServiceException):
    code = "ValidationException"


class NotFoundError(ServiceException):
    code = "ResourceNotFoundException"


class ConflictError(ServiceException):
    code = "ConflictException"


class TooManyTagsError(ServiceException):
    code = "TooManyTagsException"


class AccessDenied(ServiceException):
    """Bedrock's name of a refusal."""

    code = "AccessDeniedException"


class Refusal(Exception):
    """A request that ends before any operation: ``code``, a sentence and an HTTP status that boto3 does not retry."""

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status

    def body(self, service: str) -> tuple[str, bytes]:
        """(content type, body) in the wire format of ``service``, as its signing name gives it."""
        if service == "s3":
            return (
                "application/xml",
                f"<Error><Code>{self.code}</Code><Message>{escape(self.message)}</Message></Error>".encode(),
            )
        if service in XML_SERVICES:
            inner = (
                f"<Error><Type>Sender</Type><Code>{self.code}</Code><Message>{escape(self.message)}</Message></Error>"
            )
            return "text/xml", f"<ErrorResponse>{inner}<RequestId>sandbox</RequestId></ErrorResponse>".encode()
        return "application/json", json.dumps({"__type": self.code, "message": self.message}).encode()
