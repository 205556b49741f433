"""What stands around the product in the drill: the proxy before its broker, and its mail server, on one loop."""

import asyncio
import threading
from collections.abc import Coroutine
from types import TracebackType
from typing import Any, Self, TypeVar

from tests.faults.drill.mail_sink import MailSink
from tests.faults.drill.tcp_proxy import FaultProxy

Result = TypeVar("Result")
PATIENCE_S = 30.0


class Around:
    """A context manager; proxy_port and mail_port are where the two listen."""

    def __init__(self, broker_port: int) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="around the product", daemon=True)
        self.proxy, self.sink = FaultProxy(broker_port), MailSink()

    def __enter__(self) -> Self:
        self._thread.start()
        self.proxy_port, self.mail_port = self.do(self.proxy.serve()), self.do(self.sink.serve())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.do(self.proxy.close())
        self.do(self.sink.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def do(self, what: Coroutine[Any, Any, Result]) -> Result:
        """Run something on the loop and wait for its result."""
        return asyncio.run_coroutine_threadsafe(what, self._loop).result(PATIENCE_S)
