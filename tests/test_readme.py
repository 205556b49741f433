"""The README and docs/measured.md say what was measured, and nothing else."""

import json

from bench import results


def test_the_pages_hold_the_figures_that_were_measured_last() -> None:
    for page in results.SHOWN:
        assert results.with_figures(page) == page.read_text(), page.name
    assert len(json.loads(results.FILE.read_text())) >= 20


def test_a_goal_that_was_missed_is_told() -> None:
    told = {results._reached(value, goal) for value, goal in ((90, "at least 100 events/s"), (4.1, "at most 4 s"))}
    assert told == {"**no**"}
    assert results._reached(3.9, "at most 4 s") == results._reached(150_000, "at least 150,000 records/s") == "yes"
    assert results._reached(1, "0") == "**no**"
    assert results._reached(1, "a yardstick: nothing is summed") == ""
