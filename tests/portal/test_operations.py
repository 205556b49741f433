"""The documents for operators name only what is there; every alarm can go off and is explained."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands
from django.test import Client

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = [page for name in ("operations.md", "threat-model.md") if (page := DOCS / name).exists()]
# What an expression of Prometheus consists of besides the names of metrics and labels.
FUNCTIONS = {"max", "min", "sum", "rate", "increase", "delta", "absent", "histogram_quantile", "by", "or", "and", "le"}
METRIC = re.compile(r"\batrium_[a-z0-9_]+")
SELECTED = re.compile(r"\b(atrium_[a-z0-9_]+)\{([^}]*)\}")
SUFFIXES = {"counter": ["_total"], "histogram": ["_bucket", "_count", "_sum"], "gauge": [""]}


def rules() -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load((DOCS / "alarms.yml").read_text())["groups"] for rule in group["rules"]]


@pytest.fixture
def exposed(db: None) -> str:
    """What /metrics answers."""
    Client().get("/healthz")
    return Client().get("/metrics").content.decode()


def series(exposed: str) -> set[str]:
    """Every name under which /metrics may have samples, with or without any at the moment."""
    kinds = re.findall(r"^# TYPE (\S+) (\S+)$", exposed, re.MULTILINE)
    return {name.removesuffix("_total") + suffix for name, kind in kinds for suffix in SUFFIXES[kind]}


def unknown(expression: str, exposed: str) -> set[str]:
    """The metrics of an expression that nobody exposes."""
    return set(METRIC.findall(expression)) - series(exposed)


def test_every_alarm_asks_for_what_is_exposed(exposed: str) -> None:
    assert unknown('max(atrium_jbos{state="dead"}) > 0', exposed) == {"atrium_jbos"}
    assert [rule["alert"] for rule in rules() if unknown(rule["expr"], exposed)] == []
    assert {name for rule in rules() for name in METRIC.findall(rule["expr"])}


def test_every_label_that_an_alarm_selects_is_one_of_that_metric(exposed: str) -> None:
    known: dict[str, set[str]] = {}
    for name, labels in SELECTED.findall(exposed):
        known.setdefault(name, set()).update(re.findall(r'(\w+)="', labels))
    known["atrium_sync_age_seconds"] = {"kind"}  # no account is synced here
    for rule in rules():
        for name, labels in SELECTED.findall(rule["expr"]):
            assert set(re.findall(r'(\w+)(?:!=|=~|!~|=)"', labels)) <= known[name], rule["alert"]


def test_every_alarm_is_one_that_somebody_can_read(exposed: str) -> None:
    for rule in rules():
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}
        assert rule["labels"]["severity"] in {"page", "ticket"}
        assert rule["annotations"]["summary"].endswith(".")
        assert set(re.findall(r"\b([a-z_]+)(?= ?\()", rule["expr"])) <= FUNCTIONS
        assert rule["expr"].count("(") == rule["expr"].count(")")


def test_every_metric_of_the_whole_has_an_alarm_or_explains_one(exposed: str) -> None:
    """A gauge that nobody is woken by and no page names is only paid for."""
    named = (DOCS / "operations.md").read_text() + (DOCS / "alarms.yml").read_text()
    families = {name.removesuffix("_total") for name in re.findall(r"^# TYPE (\S+) ", exposed, re.MULTILINE)}
    assert {name for name in families if name not in named} == {"atrium_audit_anchor_age_seconds"}


def sections() -> Iterator[tuple[str, str]]:
    text = (DOCS / "operations.md").read_text()
    yield from re.findall(r"^### (Atrium\w+)\n(.*?)(?=^### |\Z)", text, re.MULTILINE | re.DOTALL)


def test_every_alarm_has_a_meaning_and_three_first_things_to_look_at() -> None:
    explained = dict(sections())
    assert list(explained) == [rule["alert"] for rule in rules()]
    for name, text in explained.items():
        assert re.findall(r"^(\d)\. ", text, re.MULTILINE) == ["1", "2", "3"], name
        assert not text.lstrip().startswith("1."), name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_the_page_names_is_there(page: Path) -> None:
    text = page.read_text()
    commands = set(re.findall(r"manage\.py (\w+)", text))
    assert commands - set(get_commands()) == set()
    variables = set(re.findall(r"\b(ATRIUM_[A-Z_]+|DATABASE_[A-Z_]+|BROKER_[A-Z]+)\b", text))
    offered = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE))
    assert variables - offered == set()
    links = re.findall(r"\]\(([^)#]+)\)", text)
    assert [link for link in links if not (DOCS / link).exists()] == []
    paths = re.findall(r"`((?:tests|portal|governance|hub|finops|docs|scans)/[\w/.-]+)(?:::\w+)?`", text)
    assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_test_that_the_page_names_is_there(page: Path) -> None:
    for path, name in re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", page.read_text()):
        assert re.search(rf"def {name}\(", (ROOT / path).read_text()), f"{path} has no {name}"
