"""One sandbox for all tests of this folder, and the principals that use it."""

from collections.abc import Iterator

import pytest

from tests.sandbox.process import EXTERNAL_ID, Server, Session, control_role


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("sandbox"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def home(sandbox: Server) -> Session:
    """The control plane's own user in its home account."""
    return sandbox.session("AKIASANDBOXHOME00001")


@pytest.fixture(scope="session")
def control(home: Session) -> Session:
    """Atrium in the workload account, through the role that trusts it."""
    return home.assume(control_role(), ExternalId=EXTERNAL_ID)


@pytest.fixture(scope="session")
def admin(sandbox: Server) -> Session:
    """The workload account's own administrator."""
    return sandbox.session("AKIASANDBOXWORK00212")


@pytest.fixture(scope="session")
def other_admin(sandbox: Server) -> Session:
    return sandbox.session("AKIASANDBOXWORK00339")
