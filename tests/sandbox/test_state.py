"""What the sandbox remembers when its process ends."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox.process import ACCOUNT, EXTERNAL_ID, REGION, Server, Session, control_role

BUCKET = f"atrium-bedrock-logs-{ACCOUNT}-{REGION}"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path)
    server.start()
    yield server
    if server.process.poll() is None:
        server.stop()


def _change_something(server: Server) -> tuple[Session, str]:
    """A session of Atrium and the ARN of a profile that it made, beside a policy and an object."""
    control = server.session("AKIASANDBOXHOME00001").assume(control_role(), ExternalId=EXTERNAL_ID)
    source = f"arn:aws:bedrock:{REGION}:{ACCOUNT}:inference-profile/eu.anthropic.claude-haiku-4-5-20251001-v1:0"
    made = control.client("bedrock").create_inference_profile(
        inferenceProfileName="kept", modelSource={"copyFrom": source}, tags=[{"key": "tenant", "value": "retail"}]
    )
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "bedrock:*", "Resource": "*"}]}
    control.client("iam").put_role_policy(
        RoleName="retail-assistant", PolicyName="p", PolicyDocument=json.dumps(policy)
    )
    control.client("s3").put_object(Bucket=BUCKET, Key="kept.txt", Body=b"kept")
    return control, made["inferenceProfileArn"]


def _assert_kept(control: Session, profile: str) -> None:
    """The same session still works, and everything that it made is there."""
    bedrock = control.client("bedrock")
    assert bedrock.get_inference_profile(inferenceProfileIdentifier=profile)["inferenceProfileName"] == "kept"
    assert bedrock.list_tags_for_resource(resourceARN=profile)["tags"] == [{"key": "tenant", "value": "retail"}]
    assert control.client("iam").list_role_policies(RoleName="retail-assistant")["PolicyNames"] == ["p"]
    assert control.client("s3").get_object(Bucket=BUCKET, Key="kept.txt")["Body"].read() == b"kept"


def test_a_clean_stop_keeps_everything(server: Server) -> None:
    made = _change_something(server)
    server.stop()
    server.start()
    _assert_kept(*made)


def test_a_kill_keeps_what_was_written_in_the_moments_before(server: Server) -> None:
    made = _change_something(server)
    deadline = time.monotonic() + 30
    while b"kept.txt" not in server.state.read_bytes():  # the last thing that was changed
        assert time.monotonic() < deadline, "the state was not written"
        time.sleep(0.1)
    server.kill()
    server.start()
    _assert_kept(*made)


def test_a_kill_while_the_state_is_written_leaves_the_whole_older_one(server: Server) -> None:
    server.stop()
    whole = server.state.read_bytes()
    server.state.with_suffix(".writing").write_bytes(whole[: len(whole) // 2])
    server.start()
    control = server.session("AKIASANDBOXHOME00001").assume(control_role(), ExternalId=EXTERNAL_ID)
    assert control.client("sts").get_caller_identity()["Account"] == ACCOUNT


def test_a_state_of_another_version_is_set_aside_with_a_sentence(server: Server) -> None:
    server.stop()
    _, _, content = server.state.read_bytes().partition(b"\n")
    server.state.write_bytes(b'{"moto": "4.0.0", "format": 1}\n' + content)
    server.start()
    said = server.stop()
    assert said.count("The sandbox starts anew: its state was written by another version") == 1
    assert [path.name for path in server.state.parent.glob("state.*.aside")]


def test_a_port_in_use_is_said_in_a_sentence(server: Server, tmp_path: Path) -> None:
    second = Server(tmp_path / "second")
    second.port = server.port
    second.url = "http://127.0.0.1:1"
    with pytest.raises(AssertionError, match=f"cannot listen on 127.0.0.1:{server.port}"):
        second.start()
