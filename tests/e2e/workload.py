"""What runs in the company's own account: it assumes its role there and calls the model. It knows nothing of Atrium."""

import gzip
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import boto3
from botocore.exceptions import ClientError

from portal.sandbox.seed import CONTROL_ROLE, HOME_KEY, SECRET, logging_bucket, workload_key

USD_PER_MILLION = {"inputTokenCount": Decimal("3.30"), "outputTokenCount": Decimal("16.50")}
"""Claude Sonnet 4.6 through a geographic profile: aws.amazon.com/bedrock/pricing, read on 20 November 2026."""


@dataclass(frozen=True)
class Workload:
    """A program under `role` of `account`. endpoint: where AWS is; external_id: lets one look into the account."""

    endpoint: str
    account: str
    region: str
    role: str
    external_id: str

    @property
    def role_arn(self) -> str:
        return f"arn:aws:iam::{self.account}:role/{self.role}"

    def run(self, code: str) -> str:
        """What a Python program of the workload prints."""
        keys = self._credentials()
        environ = {**os.environ, **keys, "AWS_ENDPOINT_URL": self.endpoint}
        done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def converse(self, model: str, text: str, **more: Any) -> dict[str, Any]:
        """Converse's answer. Raises botocore's ClientError as any program would meet it."""
        answer: dict[str, Any] = self._client("bedrock-runtime", self._credentials()).converse(
            modelId=model, messages=[{"role": "user", "content": [{"text": text}]}], **more
        )
        return answer

    def refusal(self, model: str, **more: Any) -> str:
        """The error code of a call, "" if it was answered."""
        try:
            self.converse(model, "May I?", **more)
        except ClientError as error:
            return str(error.response["Error"]["Code"])
        return ""

    def logged(self, profile_arn: str) -> list[dict[str, Any]]:
        """The answered calls through a profile as Bedrock wrote them to S3."""
        s3, bucket = self._client("s3", self._reader()), logging_bucket(self.account, self.region)
        found = []
        for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket):
            for entry in page.get("Contents", []):
                body = s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read()
                found += [json.loads(line) for line in gzip.decompress(body).splitlines() if line]
        return [one for one in found if one.get("modelId") == profile_arn and "errorCode" not in one]

    def profiles(self) -> list[str]:
        """The ARNs of the application inference profiles that exist."""
        answer = self._client("bedrock", self._reader()).list_inference_profiles(typeEquals="APPLICATION")
        return [profile["inferenceProfileArn"] for profile in answer["inferenceProfileSummaries"]]

    def _credentials(self) -> dict[str, str]:
        return self._assumed(workload_key(self.account), RoleArn=self.role_arn, RoleSessionName="callsummary")

    def _reader(self) -> dict[str, str]:
        role = f"arn:aws:iam::{self.account}:role/{CONTROL_ROLE}"
        return self._assumed(HOME_KEY, RoleArn=role, RoleSessionName="reader", ExternalId=self.external_id)

    def _assumed(self, key: str, **role: str) -> dict[str, str]:
        own = {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": SECRET}
        got = self._client("sts", own).assume_role(**role)["Credentials"]
        return {
            "AWS_ACCESS_KEY_ID": got["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": got["SecretAccessKey"],
            "AWS_SESSION_TOKEN": got["SessionToken"],
        }

    def _client(self, service: str, keys: dict[str, str]) -> Any:
        names = {name.lower(): value for name, value in keys.items()}
        return boto3.client(service, region_name=self.region, endpoint_url=self.endpoint, **names)


def cost(records: list[dict[str, Any]]) -> Decimal:
    """What calls cost in USD by the price list above: tokens times the rate."""
    total = Decimal(0)
    for one in records:
        usage = {**one["input"], **one["output"]}
        total += sum((usage[name] * rate / 1_000_000 for name, rate in USD_PER_MILLION.items()), Decimal(0))
    return total
