"""``python -m portal.sandbox --host 127.0.0.1 --port N --state FILE [--seed] [--stack ACCOUNT=FILE …]``."""

import argparse
import ipaddress
import json
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any

# Read by moto: a bucket belongs to its account alone, and the account of a request follows from its access key alone.
os.environ["MOTO_S3_ALLOW_CROSSACCOUNT_ACCESS"] = "false"
os.environ.pop("MOTO_ACCOUNT_ID", None)

from portal.sandbox.install import install
from portal.sandbox.seed import ACCOUNTS, seed, seed_vault
from portal.sandbox.server import Sandbox, serve
from portal.sandbox.stack import install as install_stack
from portal.sandbox.state import StateFile


def main() -> int:
    options = _options()
    install()
    lock = threading.RLock()
    state = StateFile(options.state, lock)
    try:
        server = serve(options.host, options.port, Sandbox(state, lock))
    except OSError as error:
        where = f"{options.host}:{options.port}"
        sys.stderr.write(f"The sandbox cannot listen on {where}: {error.strerror}. Choose another --port.\n")
        return 1
    if not state.restore() and options.seed:
        seed()
        for account, template in options.stack:
            install_stack(account, template)
        state.write()
    if options.seed:
        seed_vault()  # an account that was kept may be older than this bucket
    state.start()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
    server.serve_forever()
    state.close()
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="portal.sandbox", description="An AWS account on this machine. It is not AWS."
    )
    parser.add_argument("--host", default="127.0.0.1", type=_loopback, help="a loopback address (default %(default)s)")
    parser.add_argument("--port", required=True, type=int)
    parser.add_argument("--state", required=True, type=Path, help="the file that keeps the account across restarts")
    parser.add_argument("--seed", action="store_true", help="fill a new account with roles, buckets and guardrails")
    parser.add_argument(
        "--stack", action="append", default=[], type=_stack, metavar="ACCOUNT=FILE", help="a template for a new account"
    )
    return parser.parse_args()


def _loopback(text: str) -> str:
    if text != "localhost" and not ipaddress.ip_address(text).is_loopback:
        raise argparse.ArgumentTypeError(f"{text} is not a loopback address; the sandbox serves this machine only.")
    return text


def _stack(text: str) -> tuple[str, dict[str, Any]]:
    account, _, file = text.partition("=")
    if account not in ACCOUNTS or not file:
        raise argparse.ArgumentTypeError(f"{text} is not ACCOUNT=FILE with an account of {', '.join(ACCOUNTS)}.")
    return account, json.loads(Path(file).read_text())


if __name__ == "__main__":
    sys.exit(main())
