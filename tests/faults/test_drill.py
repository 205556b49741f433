"""The short form of `make chaos`: every fault once. Its times are not judged, since other tests run beside it."""

import json
import subprocess
from pathlib import Path

import pytest

from portal.local import rabbitmq
from portal.local.ground import ROOT
from portal.local.part import outer_environ, python
from tests.faults.drill.faults import FAULTS

WITH_RABBITMQ = pytest.param("rabbitmq", marks=pytest.mark.skipif(bool(rabbitmq.missing()), reason=rabbitmq.missing()))


@pytest.mark.xdist_group("drill")
@pytest.mark.parametrize("broker", ["redis", WITH_RABBITMQ])
def test_a_machine_of_which_one_part_after_another_fails_keeps_every_promise(broker: str, tmp_path: Path) -> None:
    result = tmp_path / "outcome.json"
    flags = ["--short", "--seeds", "1", "--broker", broker, "--result", str(result)]
    command = python("-m", "tests.faults.drill", *flags)
    done = subprocess.run(command, cwd=ROOT, env=outer_environ(), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    outcome = json.loads(result.read_text())
    assert {name for name, proofs in outcome["proofs"].items() if proofs} == set(FAULTS)
    assert outcome["canary_lost"] > 0, "nothing is lost without a sweeper either: the drill sees no loss"
    assert outcome["broken"] == [], done.stdout
