"""Debian's Chromium for the browser tests: found, or installed where we may."""

import os
import shutil
import subprocess
from collections.abc import Sequence

NAMES = ("chromium", "chromium-browser", "google-chrome")
PACKAGES = ("chromium", "fonts-inter")


def environ(arguments: Sequence[str]) -> dict[str, str]:
    """ATRIUM_CHROMIUM with the program's path, or ATRIUM_NO_CHROMIUM with the reason why there is none.

    arguments: pytest's; Chromium is installed only when they reach the browser tests.
    """
    if not _wanted(arguments):
        return {"ATRIUM_NO_CHROMIUM": "the browser tests were not asked for"}
    path = _found()
    reason = "" if path else _install()
    path = path or _found()
    return {"ATRIUM_CHROMIUM": path} if path else {"ATRIUM_NO_CHROMIUM": reason or "Chromium is not installed"}


def _wanted(arguments: Sequence[str]) -> bool:
    paths = [word for word in arguments if word.startswith("tests")]
    return not paths or any(word.rstrip("/") == "tests" or "e2e" in word for word in paths)


def _found() -> str | None:
    return next((path for name in NAMES if (path := shutil.which(name))), None)


def _install() -> str:
    """Install by apt. Returns why that was not possible, or ""."""
    if shutil.which("apt-get") is None:
        return "there is no apt-get here: install Chromium and start the tests again"
    if os.geteuid() != 0:
        return "only root may install it: run `apt-get install chromium` as root and start the tests again"
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["update"], ["install", "-y", "--no-install-recommends", *PACKAGES]):
        done = subprocess.run(["apt-get", "-q", *command], env=quiet, capture_output=True, text=True, check=False)
        if done.returncode:
            return f"apt-get {command[0]} failed: {' '.join(done.stderr.split())[-300:]}"
    return ""
