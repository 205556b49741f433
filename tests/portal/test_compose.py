"""docker-compose.yml: its commands exist, its variables are read, no part knows more than it needs, and it starts."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from celery.app.utils import find_app
from celery.bin.worker import worker
from django.conf import settings
from django.core.management import get_commands

from portal.local.programs import WEB_FLAGS
from tests.portal.test_production import NOWHERE, run

pytestmark = pytest.mark.xdist_group("production")
ROOT = Path(__file__).resolve().parents[2]
COMPOSED = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSED["services"]
OURS = {name: service for name, service in SERVICES.items() if service["image"].startswith("atrium")}
KEPT_BACK = {"DATABASE_OWNER_URL", "POSTGRES_PASSWORD", "ATRIUM_DB_PASSWORD", "BROKER_PASSWORD"}
# Read by Celery when it is imported, and by the C library.
OF_WORKERS = {"REMAP_SIGTERM", "MALLOC_ARENA_MAX"}


def example() -> dict[str, str]:
    """.env.example, as somebody copies it to .env."""
    return dict(re.findall(r"^([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE))


def optional() -> set[str]:
    """What is commented out there."""
    return set(re.findall(r"^#([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))


def required() -> list[str]:
    """What its first part says that nothing starts without, commented out where a file has it instead."""
    first = (ROOT / ".env.example").read_text().partition("# --- Required ---")[2].partition("# ---")[0]
    return re.findall(r"^#?([A-Z_]+)=", first, re.MULTILINE)


def environment(name: str, secrets: Path) -> dict[str, str]:
    """What a container of ours has: .env, over it the service's own, with the secrets in a folder of this test."""
    own = {key: str(value) for key, value in SERVICES[name]["environment"].items()}
    given = {key: re.sub(r"\$\{(\w+)[^}]*\}", lambda found: example()[found[1]], value) for key, value in own.items()}
    return example() | {key: value.replace("/run/secrets", str(secrets)) for key, value in given.items()}


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    for name in COMPOSED["secrets"]:
        (tmp_path / name).write_text(f"only used by this test: {name} {'x' * 40}\n")
    return tmp_path


@pytest.mark.parametrize("name", OURS)
def test_each_of_our_containers_starts_with_these_settings(name: str, secrets: Path) -> None:
    ask = "from portal import settings as s; print(s.DATABASES['default']['USER'], s.SECRET_KEY, s.METRICS_TOKEN)"
    done = run(ask, **(dict.fromkeys(NOWHERE, "") | environment(name, secrets)))
    assert done.returncode == 0, done.stderr
    role = "atrium_owner" if name == "migrate" else "atrium"
    assert done.stdout.startswith(f"{role} only used by this test: secret_key")
    assert "metrics_token" in done.stdout


@pytest.mark.parametrize("name", OURS)
def test_nothing_that_runs_the_portal_knows_the_passwords_of_others(name: str, secrets: Path) -> None:
    given = environment(name, secrets)
    assert {key for key in KEPT_BACK if given[key]} == set()
    assert all(example()[key] for key in KEPT_BACK), "the example has none to keep back, so this proves nothing"


def test_what_is_not_commented_out_in_the_example_has_a_value_to_start_from() -> None:
    assert [key for key, value in example().items() if not value] == []
    assert not optional() & example().keys()


@pytest.mark.parametrize("name", required())
def test_what_the_example_marks_as_required_is_and_without_containers_it_is_all_that_is(name: str) -> None:
    """The passwords of the containers are asked for by compose, all else by the settings."""
    if name in KEPT_BACK:
        assert f"${{{name}:?" in (ROOT / "docker-compose.yml").read_text()
        return
    filled = {"ATRIUM_SECRET_KEY": "x" * 50} | {key: example()[key] for key in required() if key in example()}
    unset = dict.fromkeys(NOWHERE, "")
    assert run("import portal.settings", **unset | filled).returncode == 0
    done = run("import portal.settings", **unset | filled | {name: ""})
    assert done.returncode != 0
    assert re.search(rf": ({name} is not set|Neither {name} nor {name}_FILE is set)\. [A-Z]", done.stderr)


def test_every_variable_is_one_that_something_reads() -> None:
    files = {f"{name}_FILE" for name in re.findall(r"[A-Z_]+", _named_secrets())}
    for name, service in OURS.items():
        assert set(service["environment"]) <= example().keys() | optional() | files | OF_WORKERS, name


def test_a_secret_that_stands_in_a_file_stands_nowhere_else() -> None:
    """The settings refuse one that is set twice."""
    for service in OURS.values():
        paths = {key: value for key, value in service["environment"].items() if key.endswith("_FILE")}
        assert {str(Path(path).relative_to("/run/secrets")) for path in paths.values()} == set(service["secrets"])
        assert [key for key in paths if key.removesuffix("_FILE") in example()] == []
        assert set(service["secrets"]) == set(COMPOSED["secrets"])
    assert "/secrets/" in (ROOT / ".gitignore").read_text().splitlines()


def _named_secrets() -> str:
    found = re.search(r"secrets among them\n# \(([^)]*)\)", (ROOT / ".env.example").read_text())
    assert found
    return found[1]


@pytest.mark.parametrize("name", [name for name, service in OURS.items() if "command" in service])
def test_each_command_exists_with_its_flags(name: str) -> None:
    program, *rest = SERVICES[name]["command"]
    if program == "python":
        assert rest[0] == "manage.py"
        assert rest[1] in get_commands()
    else:
        assert (program, rest[:1], rest[2]) == ("celery", ["-A"], "worker")
        assert find_app(rest[1]).main == "atrium"
        flags = {flag for flag in rest[3:] if flag.startswith("--")}
        assert flags <= {option for parameter in worker.params for option in parameter.opts}


def test_every_part_runs_always_and_as_little_as_it_can() -> None:
    assert {name: service["restart"] for name, service in SERVICES.items() if service["restart"] != "always"} == {
        "migrate": "no"
    }
    for service in OURS.values():
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
    assert [name for name in OURS if name.startswith("sweeper")] == ["sweeper-1", "sweeper-2"]
    published = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert published == ["127.0.0.1:8000:8000"]


def test_nothing_is_killed_before_it_had_the_time_that_it_takes_to_stop() -> None:
    def patience(name: str) -> float:
        return float(SERVICES[name]["stop_grace_period"].removesuffix("s"))

    assert SERVICES["worker"]["environment"]["REMAP_SIGTERM"] == "SIGQUIT"
    assert patience("worker") > 2 * settings.CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT
    assert patience("web") > float(WEB_FLAGS[WEB_FLAGS.index("--workers-kill-timeout") + 1])
    assert patience("sweeper-1") > settings.JOB_SWEEP_SECONDS


def test_everything_that_is_waited_for_mounted_or_pinned_is_there() -> None:
    for name, service in SERVICES.items():
        assert set(service.get("depends_on", {})) <= SERVICES.keys(), name
        assert re.search(r":\d+\.\d+(\.\d+)?$", service["image"]) or service["image"] == "atrium:latest", name
        for mounted in service.get("volumes", []):
            source = mounted.partition(":")[0]
            assert (ROOT / source).exists() if source.startswith(".") else source in COMPOSED["volumes"], name
    order = [SERVICES[name]["depends_on"] for name in ("web", "worker", "migrate")]
    assert [sorted(waited) for waited in order] == [["migrate", "worker"], ["migrate"], ["database"]]
