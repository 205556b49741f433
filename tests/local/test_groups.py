"""Spreading the tests over processes: those of one `xdist_group` share a fixture, a port or a machine's patience."""

import pytest


@pytest.mark.xdist_group("together")
def test_the_scheduler_is_told_of_a_group(request: pytest.FixtureRequest) -> None:
    if not hasattr(request.config, "workerinput"):
        pytest.skip("all tests run in this one process")
    assert request.node.nodeid.endswith("@together")
