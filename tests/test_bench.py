"""`make bench` as a whole: it ends well only if every measure did."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bench.__main__ import MEASURES

ROOT = Path(__file__).resolve().parents[1]
FAILING, WELL = MEASURES[0], MEASURES[1]


@pytest.mark.parametrize(
    ("ending", "code"),
    [
        ("pass", 0),
        ("raise SystemExit(3)", 1),
        ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", 1),
    ],
    ids=["well", "failed", "killed"],
)
def test_a_measure_that_failed_or_was_killed_is_no_success(tmp_path: Path, ending: str, code: int) -> None:
    (tmp_path / "bench").mkdir()
    shutil.copy(ROOT / "bench" / "__main__.py", tmp_path / "bench")
    (tmp_path / "bench" / f"{FAILING}.py").write_text(ending)
    (tmp_path / "bench" / f"{WELL}.py").write_text("print('measured')")
    command = [sys.executable, "-m", "bench", FAILING, WELL]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (code, "measured\n")
