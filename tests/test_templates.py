"""What a template prints is escaped: Pysa is told so, and this holds it."""

import re

from tests.test_architecture import ROOT, tracked

UNESCAPED = re.compile(r"\|\s*safe(?:seq)?\b|autoescape\s+off")


def test_no_template_switches_escaping_off() -> None:
    templates = tracked("*.html")
    assert len(templates) > 100
    assert [str(path.relative_to(ROOT)) for path in templates if UNESCAPED.search(path.read_text())] == []


def test_a_planted_one_would_be_found() -> None:
    assert UNESCAPED.search("{{ name|safe }}")
    assert UNESCAPED.search("{% autoescape off %}")
    assert not UNESCAPED.search("{{ name|safer }} and safe words")
