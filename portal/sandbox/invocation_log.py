"""Model invocation logs: records and keys as Amazon Bedrock writes them to S3.

Source: docs.aws.amazon.com/bedrock/latest/userguide/model-invocation-logging.html. One object per call; that a refused
call is logged with its errorCode and without tokens follows public detection rules over these logs: AWS does not say.
"""

import gzip
import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from moto.s3.models import s3_backends

from portal.sandbox.errors import ValidationError

INLINE_LIMIT = 100_000  # bytes of a body that stays in the record
JSON_TYPE = "application/json"


@dataclass(frozen=True)
class Call:
    """One call of the runtime, answered or refused, as the log tells it. ``usage`` has Converse's names or is empty."""

    account: str
    region: str
    request_id: str
    operation: str
    model_id: str
    caller_arn: str
    at: datetime
    request_body: Any
    response_body: Any = None
    usage: dict[str, int] = field(default_factory=dict)
    error_code: str = ""
    inference_region: str = ""
    request_metadata: dict[str, str] = field(default_factory=dict)
    latency: str = ""
    embedding: bool = False


def record(call: Call, config: dict[str, Any]) -> dict[str, Any]:
    """The log record of ``call`` (schema version 1.0), without bodies where the configuration does not deliver them."""
    flag = "embeddingDataDeliveryEnabled" if call.embedding else "textDataDeliveryEnabled"
    bodies = config.get(flag, True)
    entry: dict[str, Any] = {
        "timestamp": call.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "accountId": call.account,
        "identity": {"arn": call.caller_arn},
        "region": call.region,
        "requestId": call.request_id,
        "operation": call.operation,
        "modelId": call.model_id,
        "input": {"inputContentType": JSON_TYPE} | ({"inputBodyJson": call.request_body} if bodies else {}),
        "output": {"outputContentType": JSON_TYPE} | ({"outputBodyJson": call.response_body} if bodies else {}),
        "schemaType": "ModelInvocationLog",
        "schemaVersion": "1.0",
    }
    entry |= _optional(call)
    if call.error_code:
        del entry["output"]
    else:
        entry["input"] |= {
            "inputTokenCount": call.usage["inputTokens"],
            "cacheReadInputTokenCount": call.usage.get("cacheReadInputTokens", 0),
            "cacheWriteInputTokenCount": call.usage.get("cacheWriteInputTokens", 0),
        }
        entry["output"]["outputTokenCount"] = call.usage["outputTokens"]
    return entry


def _optional(call: Call) -> dict[str, Any]:
    members = {
        "inferenceRegion": call.inference_region,
        "errorCode": call.error_code,
        "requestMetadata": call.request_metadata,
        "performanceConfig": {"latency": call.latency} if call.latency else None,
    }
    return {name: value for name, value in members.items() if value}


def prefix(account: str, region: str, s3_config: dict[str, Any]) -> str:
    """The part of the key before the date, with the configured prefix in front."""
    start = str(s3_config.get("keyPrefix") or "").strip("/")
    return (f"{start}/" if start else "") + f"AWSLogs/{account}/BedrockModelInvocationLogs/{region}"


def deliver(call: Call, config: dict[str, Any]) -> None:
    """Writes the record of ``call`` to the bucket of ``config``; nothing if no bucket is configured."""
    s3_config = config.get("s3Config")
    if not s3_config:
        return
    folder = f"{prefix(call.account, call.region, s3_config)}/{call.at:%Y/%m/%d/%H}"
    entry = record(call, config)
    for side in entry.keys() & {"input", "output"}:
        _move_large_body(entry, side, folder, call, s3_config["bucketName"])
    stamp = f"{call.at:%Y%m%dT%H%M%S}{call.at.microsecond // 1000:03d}Z"
    name = hashlib.sha256(call.request_id.encode()).hexdigest()[:16]
    _put(call.account, s3_config["bucketName"], f"{folder}/{stamp}_{name}.json.gz", _zipped(entry))


def permission_check(account: str, region: str, s3_config: dict[str, Any]) -> None:
    """Writes the zero-byte object of a new configuration. Raises ValidationError if the bucket is not here."""
    bucket = s3_backends[account]["aws"].buckets.get(s3_config["bucketName"])
    if bucket is None or bucket.region_name != region:
        raise ValidationError(f"The bucket {s3_config['bucketName']} is not in this account and Region.")
    key = prefix(account, region, s3_config).rsplit("/", 1)[0] + "/amazon-bedrock-logs-permission-check"
    _put(account, s3_config["bucketName"], key, b"")


def _move_large_body(entry: dict[str, Any], side: str, folder: str, call: Call, bucket: str) -> None:
    """A body over the inline limit goes to its own object under ``data/``; the record keeps its address."""
    body = entry[side].get(f"{side}BodyJson")
    if body is None or len(json.dumps(body)) <= INLINE_LIMIT:
        return
    key = f"{folder}/data/{call.request_id}_{side}.json.gz"
    _put(call.account, bucket, key, _zipped(body))
    del entry[side][f"{side}BodyJson"]
    entry[side][f"{side}BodyS3Path"] = f"s3://{bucket}/{key}"


def _zipped(content: Any) -> bytes:
    return gzip.compress(json.dumps(content, separators=(",", ":")).encode() + b"\n", mtime=0)


def _put(account: str, bucket: str, key: str, value: bytes) -> None:
    s3_backends[account]["aws"].put_object(bucket, key, value)
