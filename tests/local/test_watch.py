"""A part that ends is started again, each time a little later."""

from pathlib import Path

from portal.local.running import BACK_OFF_S, STEADY_S, Watch
from portal.local.stack import Stack


def test_a_part_that_ended_is_started_again_after_its_wait(folder: Path) -> None:
    said: list[str] = []
    with Stack(folder, ("broker",), durable=False) as stack:
        watch = Watch(stack, said.append)
        before = stack.processes("broker")[0].pid
        stack.kill("broker")
        watch.look(now=100.0)
        assert said == ["The broker ended; it starts again in 0.5 s."]
        assert not stack.is_running("broker")

        watch.look(now=100.0 + BACK_OFF_S[0])
        stack.wait_ready("broker")
        assert stack.processes("broker")[0].pid != before


def test_the_wait_grows_while_it_keeps_ending_and_is_forgotten_after_a_steady_time(folder: Path) -> None:
    said: list[str] = []
    with Stack(folder, ("broker",), durable=False) as stack:
        watch = Watch(stack, said.append)
        for now in (0.0, 10.0, 20.0, 20.0 + STEADY_S + 1):
            stack.kill("broker")
            watch.look(now=now)
            watch.look(now=now + BACK_OFF_S[-1])
            stack.wait_ready("broker")
    assert [words.split()[-2] for words in said] == ["0.5", "1.0", "2.0", "0.5"]
