"""What is read from the environment: secrets from files too, and .env.example says all of it and no more."""

import ast
import os
import re
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from portal.environment import optional, required_secret, secret

ROOT = Path(__file__).resolve().parents[2]
SECRET_READERS = {"secret", "required_secret"}
READERS = {"optional", "required"} | SECRET_READERS
# What runs in production; the supervisor and the sandbox of one machine have words of their own.
SOURCES = [
    path
    for folder in ("portal", "governance", "hub", "finops")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if not {"local", "sandbox"} & set(path.relative_to(ROOT).parts)
]
NAMED_BY_DJANGO = {"DJANGO_SETTINGS_MODULE"}
# boto3 reads it too: unset in production, where settings refuse it.
OF_THE_SANDBOX = {"AWS_ENDPOINT_URL"}


def read_names(readers: set[str]) -> set[str]:
    """The names with which the functions of portal.environment are called."""
    return {
        node.args[0].value
        for path in SOURCES
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in readers
        if node.args and isinstance(node.args[0], ast.Constant)
    }


def defaults() -> dict[str, str]:
    """The names that `optional` reads with what holds without them, where that is a constant."""
    found = re.findall(r"""optional\("([A-Z_]+)", "([^"]*)"\)""", "".join(path.read_text() for path in SOURCES))
    return dict(found)


def example() -> str:
    return (ROOT / ".env.example").read_text()


def offered() -> set[str]:
    """What may be set: what must be, and what is commented out."""
    return set(re.findall(r"^#?([A-Z_]+)=", example(), re.MULTILINE))


def composed() -> set[str]:
    """What docker-compose.yml takes from .env itself: ${NAME…} before the containers, $$NAME in their commands."""
    text = (ROOT / "docker-compose.yml").read_text()
    return set(re.findall(r"\$\{([A-Z_]+)", text)) | set(re.findall(r"\$\$([A-Z_]+)", text))


def test_everything_that_is_read_is_offered_and_everything_offered_is_read() -> None:
    assert offered() == (read_names(READERS) - OF_THE_SANDBOX) | composed()


def test_what_is_commented_out_shows_what_holds_without_it() -> None:
    shown = dict(re.findall(r"^#([A-Z_]+)=(.*)$", example(), re.MULTILINE))
    assert {name: shown[name] for name in shown.keys() & defaults().keys()} == {
        name: default for name, default in defaults().items() if name in shown
    }
    assert shown.keys() - defaults().keys() == {"ATRIUM_STATIC_ROOT"} | (shown.keys() & read_names(SECRET_READERS))


def test_every_secret_may_stand_in_a_file_and_the_example_says_so() -> None:
    named = re.findall(r"[A-Z_]+", re.findall(r"secrets among them\n# \(([^)]*)\)", example())[0])
    assert set(named) == read_names(SECRET_READERS)


def test_nothing_but_the_one_place_reads_the_environment() -> None:
    """Setting Django's own variable aside."""
    readers = [
        str(path.relative_to(ROOT))
        for path in SOURCES
        if re.search(r"\benviron\b|\bgetenv\b", path.read_text().replace("environ.setdefault", ""))
    ]
    assert readers == ["portal/environment.py"]
    assert all(os.environ.get(name) for name in NAMED_BY_DJANGO)


def test_a_secret_is_taken_from_the_file_that_its_variable_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "key").write_text("from a file\n")
    monkeypatch.setenv("PLANTED_FILE", str(tmp_path / "key"))
    assert secret("PLANTED") == required_secret("PLANTED", "Set it.") == "from a file"


def test_a_secret_set_twice_is_refused_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANTED", "from the environment")
    assert secret("PLANTED") == "from the environment"
    monkeypatch.setenv("PLANTED_FILE", str(tmp_path / "key"))
    with pytest.raises(ImproperlyConfigured) as refusal:
        secret("PLANTED")
    assert str(refusal.value) == "PLANTED and PLANTED_FILE are both set: unset one of them."


def test_a_file_that_cannot_be_read_is_named_without_the_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANTED_FILE", str(tmp_path / "nothing"))
    with pytest.raises(ImproperlyConfigured, match=r"PLANTED_FILE names .*nothing, which cannot be read"):
        secret("PLANTED")


def test_a_missing_secret_comes_with_its_cure_and_an_empty_variable_counts_as_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PLANTED", "")
    assert optional("PLANTED", "what else") == "what else"
    with pytest.raises(ImproperlyConfigured, match=r"Neither PLANTED nor PLANTED_FILE is set\. Choose one\."):
        required_secret("PLANTED", "Choose one.")
