"""The scanners see what was planted, and only a written reason lets a finding stay."""

import json
from pathlib import Path

import pytest

from scans import findings, planted, sbom, static
from scans.findings import Finding, without_reason


@pytest.mark.parametrize("name", static.SCANNERS)
def test_each_scanner_sees_what_was_planted(name: str) -> None:
    assert static.blind(*static.SCANNERS[name]) == set()


def test_a_scanner_that_sees_nothing_is_called_blind() -> None:
    assert static.blind(lambda paths: [], planted.BY_BANDIT) == planted.BY_BANDIT


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout with a reason for the whole of tools/, and none else."""
    reasons = '[tool.atrium.scans."tools/"]\nS603 = "starting programs is what it is for"\n'
    (tmp_path / "pyproject.toml").write_text(reasons)
    (tmp_path / "tools").mkdir()
    monkeypatch.setattr(findings, "ROOT", tmp_path)
    return tmp_path


IN_TOOLS = Finding("tools/run.py", 1, "S603", "subprocess call")


@pytest.mark.parametrize(
    ("line", "stays"),
    [
        ("open_it(url)", False),
        ("open_it(url)  # noqa: S310", False),
        ("open_it(url)  # noqa: S311 - another rule", False),
        ("open_it(url)  # noqa: S310 - our own address", True),
        ("open_it(url)  # noqa: S310, S311  # our own address", True),
    ],
)
def test_a_finding_stays_only_with_a_reason_for_its_rule_beside_it(checkout: Path, line: str, stays: bool) -> None:
    (checkout / "page.py").write_text(f"{line}\n")
    found = Finding("page.py", 1, "S310", "open")
    assert without_reason([found, IN_TOOLS]) == ([] if stays else [found])


def test_a_reason_that_nothing_needs_is_a_finding_itself(checkout: Path) -> None:
    assert [(found.path, found.rule) for found in without_reason([])] == [("pyproject.toml", "S603")]
    assert without_reason([IN_TOOLS]) == []


def test_the_bill_of_materials_names_each_locked_requirement(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["sbom", str(tmp_path / "sbom.json")])
    assert sbom.main() == 0
    bill = json.loads((tmp_path / "sbom.json").read_text())
    assert "django" in {part["name"] for part in bill["components"]}
