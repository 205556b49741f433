"""The product at work in the drill: everything that `make run` starts, a second sweeper, and the proxy in between."""

import contextlib
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from portal.local.ports import LOOPBACK
from portal.local.stack import Stack
from tests.faults.drill.around import Around
from tests.faults.drill.brokers import Address
from tests.faults.drill.size import Size

BACKED = ("database", "sandbox", "migrate")
BROKERS = {"redis": "broker", "rabbitmq": "rabbitmq"}  # the parts of their names
PRODUCT = ("worker", "sweeper", "web")
POLL_S = 0.05


class Site:
    """A context manager.

    backing: the stack of database, broker and sandbox; broker: the name of its part; product: the stack of worker,
    sweeper and web server; spare: that of the second sweeper. restarts: how many processes ended by themselves and were
    started again, as a supervisor does.
    """

    def __init__(self, folder: Path, size: Size, broker: str) -> None:
        self.folder, self.size, self.broker, self.restarts = folder, size, BROKERS[broker], 0
        self._held = contextlib.ExitStack()

    def __enter__(self) -> Self:
        with contextlib.ExitStack() as held:
            self.backing = held.enter_context(Stack(self.folder / "backing", (*BACKED, self.broker)))
            self.around = held.enter_context(Around(self.broker_address.port))
            environ = {**self.backing.addresses(), **self._own(), **self.size.environ}
            self.product = held.enter_context(Stack(self.folder / "product", PRODUCT, environ=environ))
            self.spare = held.enter_context(Stack(self.folder / "spare", ("sweeper",), environ=environ))
            self._held = held.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._held.close()

    @property
    def broker_address(self) -> Address:
        """The broker's own address, past the proxy."""
        return Address(self.backing.part(self.broker).provides()["BROKER_URL"])

    @property
    def sandbox_url(self) -> str:
        """The accounts of AWS."""
        return str(self.backing.part("sandbox").provides()["AWS_ENDPOINT_URL"])

    @property
    def web_url(self) -> str:
        """The product's pages."""
        return str(self.product.part("web").provides()["ATRIUM_URL"])

    def until(self, condition: Callable[[], bool], what: str, limit_s: float) -> None:
        """Wait for a condition while the supervisor does its work; a wait in vain is a failure that says for what."""
        limit = time.monotonic() + limit_s
        while not condition():
            assert time.monotonic() < limit, f"waited {limit_s:.0f} s in vain: {what}"
            self.supervise()
            time.sleep(POLL_S)

    def supervise(self) -> None:
        """Start what ended by itself."""
        for stack in (self.product, self.spare):
            for name in stack.fallen():
                self.restarts += 1
                stack.start(name)

    def working(self) -> dict[int, psutil.Process]:
        """The living processes of the worker by their number, without its first one."""
        return {process.pid: process for process in self.product.processes("worker")[1:]}

    def _own(self) -> dict[str, str]:
        own = self.broker_address
        broker = own.url.replace(f":{own.port}/", f":{self.around.proxy_port}/")
        return {
            "BROKER_URL": broker,
            "DJANGO_SETTINGS_MODULE": "tests.faults.effects.settings",
            "ATRIUM_EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "ATRIUM_EMAIL_HOST": LOOPBACK,
            "ATRIUM_EMAIL_PORT": str(self.around.mail_port),
        }
