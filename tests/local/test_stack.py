"""Starting, killing and stopping real processes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import psycopg
import pytest
import redis

from portal.local import processes, running, testing
from portal.local.errors import StartFailed
from portal.local.stack import PARTS, Stack

from .conftest import Supervisor, members

DATA = ("database", "broker")


@pytest.fixture
def stranger() -> Iterator[psutil.Popen]:
    """A process that is none of ours, with the same program as the supervisor's."""
    process = psutil.Popen([sys.executable, "-c", "import time; time.sleep(60)"], env={"PATH": os.environ["PATH"]})
    yield process
    process.kill()
    process.wait()


def test_everything_runs_and_answers_inside_and_nothing_is_left_outside(folder: Path) -> None:
    with Stack(folder, DATA, durable=False) as stack:
        with psycopg.connect(stack.environ["DATABASE_URL"]) as connection:
            assert connection.execute("SELECT current_user").fetchone() == ("atrium",)
        with redis.Redis.from_url(stack.environ["BROKER_URL"]) as client:
            assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        started = [process for name in DATA for process in stack.processes(name)]
        assert len(started) > len(DATA)
    assert not [process for process in started if processes.is_alive(process)]
    assert members(folder) == []


def test_what_was_written_is_there_at_the_next_start(folder: Path) -> None:
    with (
        Stack(folder, DATA) as stack,
        psycopg.connect(stack.environ["DATABASE_OWNER_URL"]) as connection,
        redis.Redis.from_url(stack.environ["BROKER_URL"]) as client,
    ):
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        client.set("kept", "42")
    with (
        Stack(folder, DATA) as stack,
        psycopg.connect(stack.environ["DATABASE_URL"]) as connection,
        redis.Redis.from_url(stack.environ["BROKER_URL"]) as client,
    ):
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
        assert client.get("kept") == b"42"


def test_a_killed_supervisor_leaves_processes_which_the_next_start_stops(folder: Path) -> None:
    supervisor = Supervisor(folder, "up")
    supervisor.exports()
    assert supervisor.end(signal.SIGKILL) == -signal.SIGKILL
    left = members(folder)
    assert {"postgres", "redis-server"} <= {process.name() for process in left}

    with Stack(folder, DATA, durable=False) as stack:
        assert not [process for process in left if processes.is_alive(process)]
        assert stack.is_running("database")


def test_a_process_of_somebody_else_is_not_stopped(folder: Path, stranger: psutil.Popen) -> None:
    with Stack(folder, ("broker",), durable=False):
        assert stranger.pid not in {process.pid for process in members(folder)}
    assert stranger.is_running()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_ctrl_c_and_a_closed_terminal_leave_nothing_behind(folder: Path, number: signal.Signals) -> None:
    supervisor = Supervisor(folder, "up")
    supervisor.exports()
    assert members(folder) != []
    assert supervisor.end(number) == 0
    assert members(folder) == []


def test_the_end_says_what_it_waits_for_and_comes_where_nobody_listens(folder: Path) -> None:
    said: list[str] = []

    def tell(name: str) -> None:
        said.append(name)
        raise OSError("the terminal was closed")

    with Stack(folder, ("broker",), tell_end=tell):
        assert said == []
    assert said == ["broker"]
    assert members(folder) == []
    assert set(running.ENDS) == set(PARTS), "or the end of a part could not be told"


def test_ctrl_c_while_starting_leaves_nothing_behind(folder: Path) -> None:
    supervisor = Supervisor(folder, "up")
    while not (folder / "run" / "log" / "database.log").exists():
        assert supervisor.popen.poll() is None
    supervisor.end(signal.SIGINT)
    assert members(folder) == []


def test_ctrl_c_works_where_a_shell_that_put_us_in_the_background_has_it_ignored(folder: Path) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    supervisor = Supervisor(folder, "up", "--parts", "broker")
    signal.signal(signal.SIGINT, before)
    while not (folder / "run" / "log" / "broker.log").exists():
        assert supervisor.popen.poll() is None
    supervisor.end(signal.SIGINT)
    assert members(folder) == []


def test_a_second_supervisor_on_the_same_folder_is_refused_with_the_first_one_named(folder: Path) -> None:
    with Stack(folder, ("broker",), durable=False):
        second = Supervisor(folder, "up", "--parts", "broker")
        assert f"already runs from this folder (process {os.getpid()}" in second.words()
        assert second.popen.returncode == 1


def test_a_killed_part_is_gone_and_starts_again_with_its_data(folder: Path) -> None:
    with Stack(folder, ("database",)) as stack:
        with psycopg.connect(stack.environ["DATABASE_OWNER_URL"]) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        before = stack.processes("database")
        stack.kill("database")
        assert not [process for process in before if processes.is_alive(process)]
        assert stack.fallen() == ["database"]
        with pytest.raises(psycopg.OperationalError):
            psycopg.connect(stack.environ["DATABASE_URL"])

        stack.start("database")
        stack.wait_ready("database")
        with psycopg.connect(stack.environ["DATABASE_URL"]) as connection:
            assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)


def test_killing_what_does_not_run_is_an_error_and_not_a_silent_success(folder: Path) -> None:
    with Stack(folder, ("broker",), durable=False) as stack:
        stack.kill("broker")
        with pytest.raises(StartFailed, match="broker cannot be killed: it did not run"):
            stack.kill("broker")


def test_stopping_an_outer_stack_reaches_what_an_inner_one_started(folder: Path) -> None:
    outer = processes.token_of(folder)
    environ = processes.marked(processes.marked(os.environ, outer), f"{outer}-inside")
    command = [sys.executable, "-c", "import time; time.sleep(600)"]
    with subprocess.Popen(command, env=environ, start_new_session=True) as inner:
        limit = time.monotonic() + 10  # the child carries its own environment only once it has begun its program
        while not processes.of_stack(outer) and time.monotonic() < limit:
            time.sleep(0.05)
        assert [process.pid for process in processes.of_stack(outer)] == [inner.pid]
        assert [process.pid for process in processes.of_stack(f"{outer}-inside")] == [inner.pid]
        processes.stop(processes.of_stack(outer), patience_s=5.0)
    assert inner.returncode == -signal.SIGTERM


def test_what_a_killed_test_run_left_is_removed_and_a_living_one_is_left_alone(folder: Path) -> None:
    abandoned, living = (folder / f"{testing.PREFIX}{name}" for name in ("abandoned", "living"))
    supervisor = Supervisor(abandoned, "up", "--parts", "broker")
    supervisor.exports()
    supervisor.end(signal.SIGKILL)
    assert members(abandoned) != []

    with Stack(living, ("broker",), durable=False) as stack:
        testing.clear_abandoned(folder)
        assert members(abandoned) == []
        assert not abandoned.exists()
        assert stack.is_running("broker")


def test_passwords_are_readable_by_their_owner_alone(folder: Path) -> None:
    with Stack(folder, DATA, durable=False):
        for path in (folder / "secrets.json", folder / "run" / "state.json", folder / "redis" / "redis.conf"):
            assert path.stat().st_mode & 0o077 == 0, path.name


def test_a_server_asks_for_the_password_even_on_loopback(folder: Path) -> None:
    with Stack(folder, ("database",), durable=False) as stack:
        secret = stack.ground.secret("postgres")
        url = stack.environ["DATABASE_ADMIN_URL"].replace(secret, "guessed")
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            psycopg.connect(url)
