"""Pysa: whether data of a request flows into SQL, a page, a shell …: `make pysa` (an environment of its own).

It needs its own environment, since it wants another click than Celery. Its models of Django are in its package; the
planted module is scanned in the same run as the product.
"""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

from scans import planted
from scans.findings import ROOT, SCANNED, Finding, without_reason

VERSION = "0.10.0"
PACKAGES = ("django", "rest_framework", "allauth")
MODELS = ROOT / "scans" / "taint"
SOURCE = "source"
TYPES = f"""
project-includes = ["{SOURCE}/**/*.py"]
project-excludes = ["**/__pycache__"]
search-path = ["{SOURCE}"]
site-package-path = ["packages"]
skip-interpreter-query = true
python-version = "3.11"
python-platform = "linux"
"""
WAIT_S = 900


def configuration(environment: Path) -> dict[str, Any]:
    """The settings of one run. environment: where Pysa is installed."""
    shared = environment / "lib" / "pyre_check"
    return {
        "source_directories": [SOURCE],
        "taint_models_path": [str(shared / "taint"), str(MODELS)],
        "typeshed": str(shared / "typeshed"),
        "binary": str(environment / "bin" / "pyre.bin"),
    }


def analyse(environment: Path) -> tuple[list[Finding], list[Finding], int]:
    """(findings in the planted module, findings in Atrium, functions of Atrium that were looked at)."""
    with tempfile.TemporaryDirectory(prefix="pysa-") as temporary:
        folder = Path(temporary)
        (folder / SOURCE).mkdir()
        planted.plant(folder / SOURCE)
        for name in SCANNED:
            (folder / SOURCE / name).symlink_to(ROOT / name)
        (folder / ".pyre_configuration").write_text(json.dumps(configuration(environment)))
        (folder / "pyrefly.toml").write_text(TYPES)
        for name in PACKAGES:
            # A copy: types are not read from below a folder with a dot, such as .venv.
            installed = Path(sysconfig.get_path("purelib")) / name
            shutil.copytree(installed, folder / "packages" / name, ignore=shutil.ignore_patterns("locale", "*.mo"))
        _run(environment, folder)
        errors = json.loads((folder / "out" / "errors.json").read_text())
        graph = (folder / "out" / "call-graph.json").read_text().splitlines()[1:]
    found = [
        Finding(one["path"].removeprefix(f"{SOURCE}/"), one["line"], str(one["code"]), one["description"])
        for one in errors
    ]
    seen = [finding for finding in found if finding.path.endswith(planted.NAME)]
    called = [str(json.loads(line)["data"]["callable"]) for line in graph]
    ours = [name for name in called if name.startswith(("portal.", "governance.", "hub.", "finops."))]
    return seen, [finding for finding in found if finding not in seen], len(ours)


def main() -> int:
    """Scan with the Pysa of the environment that the first argument names. 1 when it is blind or found something."""
    environment = Path(sys.argv[1]).resolve()
    if not (environment / "bin" / "pyre").exists():
        print(f"Pysa is not installed: `make pysa` puts pyre-check {VERSION} into an environment of its own.")
        return 1
    seen, found, looked_at = analyse(environment)
    missed = planted.BY_PYSA - {finding.rule for finding in seen}
    if missed or not looked_at:
        print("\n".join(map(str, seen)))
        print(
            f"Pysa does not see the planted {', '.join(sorted(missed))} in {looked_at} functions: its silence is void."
        )
        return 1
    print(
        f"Pysa: planted flaws seen ({', '.join(sorted(planted.BY_PYSA))}); {looked_at} functions, "
        f"{len(set(found))} findings."
    )
    left = without_reason(found, "56")
    print("\n".join(map(str, left)) if left else "Each finding has a written reason." if found else "Nothing found.")
    return 1 if left else 0


def _run(environment: Path, folder: Path) -> None:
    path = os.pathsep.join([str(environment / "bin"), os.environ.get("PATH", "")])
    command = [str(environment / "bin" / "pyre"), "--noninteractive", "analyze", "--no-verify"]
    done = subprocess.run(
        [*command, "--save-results-to", "out"],
        cwd=folder, env={**os.environ, "PATH": path}, capture_output=True, text=True, check=False, timeout=WAIT_S,
    )  # fmt: skip
    if not (folder / "out" / "errors.json").exists():
        raise SystemExit(f"Pysa failed:\n{done.stderr[-2000:]}")


if __name__ == "__main__":
    sys.exit(main())
