"""The sandbox's memory across restarts: a pickle of moto's backends, written beside the old one and renamed over it.

A change is on disk at most about a second after it was answered, so a kill loses at most that. The first line of the
file names the version of moto and of this format; a file of another version is set aside and the sandbox starts anew.
"""

import json
import pickle  # reads only the file that this program wrote for itself
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import moto
from moto.bedrock.models import bedrock_backends
from moto.budgets.models import budgets_backends
from moto.iam.models import iam_backends
from moto.moto_api._internal import mock_random
from moto.s3.models import s3_backends
from moto.sts.models import sts_backends

FORMAT = 1
QUIET_PERIOD = 0.5  # seconds in which further changes join the same write
KEPT = {
    "iam": iam_backends,
    "sts": sts_backends,
    "s3": s3_backends,
    "bedrock": bedrock_backends,
    "budgets": budgets_backends,
}


class StateFile:
    """Writes the backends to ``path`` after they changed. ``lock`` pauses requests and is held only for pickling."""

    def __init__(self, path: Path, lock: threading.RLock) -> None:
        self.path, self.lock = path, lock
        path.parent.mkdir(parents=True, exist_ok=True)
        self._changed, self._closing = threading.Event(), threading.Event()
        self._writer = threading.Thread(target=self._write_when_changed, name="state", daemon=True)

    def start(self) -> None:
        self._writer.start()

    def changed(self) -> None:
        self._changed.set()

    def close(self) -> None:
        """Writes what is left and ends the writer."""
        self._closing.set()
        self._changed.set()
        self._writer.join()
        self.write()

    def write(self) -> None:
        with self.lock:
            content = pickle.dumps(_snapshot(), protocol=pickle.HIGHEST_PROTOCOL)
        unfinished = self.path.with_suffix(".writing")
        unfinished.write_bytes(_header() + content)
        unfinished.replace(self.path)

    def restore(self) -> bool:
        """Whether the file gave the backends their state; a file of another version is set aside, with a sentence."""
        if not self.path.exists():
            return False
        header, _, content = self.path.read_bytes().partition(b"\n")
        if header + b"\n" != _header():
            self._set_aside(f"was written by another version ({header[:80].decode(errors='replace')})")
            return False
        try:
            _restore(pickle.loads(content))  # noqa: S301  # see the import
        except (pickle.UnpicklingError, EOFError, AttributeError, ImportError, KeyError) as error:
            self._set_aside(f"cannot be read ({error})")
            return False
        return True

    def _write_when_changed(self) -> None:
        while not self._closing.is_set():
            self._changed.wait()
            self._closing.wait(QUIET_PERIOD)
            self._changed.clear()
            if not self._closing.is_set():
                self.write()

    def _set_aside(self, reason: str) -> None:
        aside = self.path.with_name(f"{self.path.name}.{datetime.now(UTC):%Y%m%dT%H%M%S}.aside")
        self.path.rename(aside)
        sys.stderr.write(f"The sandbox starts anew: its state {reason} and now lies in {aside}.\n")


def _header() -> bytes:
    return json.dumps({"moto": moto.__version__, "format": FORMAT}).encode() + b"\n"


def _snapshot() -> dict[str, Any]:
    """Everything that a restart must know. Sessions that are over are dropped first."""
    _forget_ended_sessions()
    kept = {
        service: {account: dict(regions.items()) for account, regions in backends.items()}
        for service, backends in KEPT.items()
    }
    return {"backends": kept, "bucket_accounts": dict(s3_backends.bucket_accounts), "random": mock_random.getstate()}


def _restore(snapshot: dict[str, Any]) -> None:
    for service, accounts in snapshot["backends"].items():
        for account, regions in accounts.items():
            KEPT[service][account].update(regions)
    s3_backends.bucket_accounts.update(snapshot["bucket_accounts"])
    mock_random.setstate(snapshot["random"])


def _forget_ended_sessions() -> None:
    now = datetime.now(UTC)
    for account, partitions in list(sts_backends.items()):
        for backend in list(partitions.values()):
            live = [role for role in backend.assumed_roles if role.expiration.replace(tzinfo=UTC) > now]
            for ended in set(backend.assumed_roles) - set(live):
                iam_backends[account]["aws"].access_keys.pop(ended.access_key_id, None)
            backend.assumed_roles = live
