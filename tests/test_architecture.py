"""The rules of the house that a machine can measure."""

import ast
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ("governance", "hub", "finops")
PORTAL_LAYERS = {
    "composition": {
        "access",
        "urls", "urls_platform", "api", "celery", "wsgi", "demo", "views", "health", "gallery", "csrf", "settings",
        "environment", "apps", "management", "migrations", "templatetags", "home", "sign_in", "metrics", "gauges",
    },
    "foundation": {"jobs", "aws", "lib", "sandbox", "local"},
}  # fmt: skip
FORBIDDEN_NAMES = {"utils", "helpers", "services", "common", "base", "manager"}
FUNCTION_LIMIT, FILE_LIMIT, TEST_FILE_LIMIT, TEMPLATE_LIMIT = 40, 300, 600, 120
# urls → views | api | tasks → exports → actions | forms → reports, policy, audit … → models → roles
INNER_RANK = {
    "urls": 5, "views": 4, "api": 4, "tasks": 4, "management": 4, "apps": 4, "admin": 4,
    "exports": 3, "actions": 2, "forms": 2, "models": 0, "roles": -1, "vocabulary": -1, "scopes": -1,
}  # fmt: skip
BETWEEN = 1  # reports, policy, audit and whatever else an app calculates with


def tracked(pattern: str) -> list[Path]:
    """Files that git tracks or would track."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", pattern],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [ROOT / line for line in listing.stdout.splitlines() if (ROOT / line).is_file()]


def python_files() -> list[Path]:
    return [path for path in tracked("*.py") if "migrations" not in path.parts]


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def test_functions_stop_at_forty_lines() -> None:
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in python_files()
        for node in functions(path)
        if (node.end_lineno or node.lineno) - node.lineno + 1 > FUNCTION_LIMIT
    ]
    assert long == []


def test_files_stay_small() -> None:
    def limit(path: Path) -> int:
        return TEST_FILE_LIMIT if "tests" in path.relative_to(ROOT).parts else FILE_LIMIT

    long = [
        f"{path.relative_to(ROOT)}: {lines}"
        for path in python_files()
        if (lines := len(path.read_text().splitlines())) > limit(path)
    ]
    assert long == []


def test_templates_stay_small() -> None:
    long = [
        f"{path.relative_to(ROOT)}: {lines}"
        for path in tracked("templates/*.html")
        if (lines := len(path.read_text().splitlines())) > TEMPLATE_LIMIT
    ]
    assert long == []


def test_a_file_is_named_for_what_it_does() -> None:
    assert [str(path.relative_to(ROOT)) for path in python_files() if path.stem in FORBIDDEN_NAMES] == []


def test_every_submodule_of_portal_stands_in_a_layer() -> None:
    known = set().union(*PORTAL_LAYERS.values())
    found = {path.relative_to(ROOT / "portal").parts[0].removesuffix(".py") for path in tracked("portal/*.py")}
    assert found - known - {"__init__"} == set()


def rank(module: str) -> int:
    """The rank of "hub.actions.models" inside its app."""
    part = module.split(".")[1] if "." in module else ""
    return next((value for name, value in INNER_RANK.items() if part == name or part.startswith(name + "_")), BETWEEN)


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Modules that a file imports, and whether inside a function (where a cycle of models is broken on purpose)."""
    tree = ast.parse(path.read_text())
    top = {id(node) for node in tree.body}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, id(node) not in top


@pytest.mark.parametrize("app", APPS)
def test_imports_inside_an_app_run_one_way(app: str) -> None:
    wrong = []
    for path in python_files():
        relative = path.relative_to(ROOT)
        if relative.parts[0] != app or path.name == "__init__.py":
            continue
        own = ".".join(relative.with_suffix("").parts)
        for module, nested in imports(path):
            if module.split(".")[0] == app and not nested and rank(module) > rank(own):
                wrong.append(f"{own} imports {module}")
    assert wrong == []
