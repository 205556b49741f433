"""The MDN HTTP Observatory, run on this machine against the product under its production settings: `make observatory`.

It fetches the scanner with npm into .scans, starts database, broker and web server in a folder of their own with a TLS
front before them, and scans a page of each kind that somebody meets without an account. A scan of the same site
without our headers must score lower first, else the score means nothing.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from portal.local.part import python
from portal.local.stack import Stack
from scans import bare_site, tls_front
from scans.findings import ROOT

PACKAGE, VERSION = "@mdn/mdn-http-observatory", "1.4.8"
HOST = "portal.test"
PAGES = ("/", "/account/login/", "/account/password/reset/", "/admin/")
WANTED = 115
# The scanner takes other ports, which its command does not offer; the host leads to this machine without /etc/hosts.
SCAN = """
import dns from "node:dns";
const real = dns.lookup;
dns.lookup = (host, options, done) => {
  if (typeof options === "function") [options, done] = [{}, options];
  if (host !== process.argv[2]) return real(host, options, done);
  return options.all ? done(null, [{ address: "127.0.0.1", family: 4 }]) : done(null, "127.0.0.1", 4);
};
const at = process.argv[1] + "/node_modules/@mdn/mdn-http-observatory/src/";
const { retrieve } = await import(at + "retriever/retriever.js");
const { ALL_TESTS } = await import(at + "constants.js");
const grader = await import(at + "grader/grader.js");
const { MINIMUM_SCORE_FOR_EXTRA_CREDIT } = await import(at + "grader/charts.js");
const [, , host, httpPort, httpsPort, path] = process.argv;
const found = await retrieve(host, { httpPort, httpsPort, path });
const results = ALL_TESTS.map((test) => test(found));
const modifiers = results.map((one) => grader.getScoreModifier(one.result));
const sum = (some) => some.reduce((a, b) => a + b, 100);
const strict = sum(modifiers.filter((one) => one < 0));
const score = strict >= MINIMUM_SCORE_FOR_EXTRA_CREDIT ? sum(modifiers) : strict;
console.log(JSON.stringify({ ...grader.getGradeForScore(score), status: found.responses.auto?.status,
  passed: results.filter((one) => one.pass).length, of: results.length,
  failed: results.filter((one) => !one.pass).map((one) => one.result) }));
"""


def missing() -> list[str]:
    """The programs that this needs and that are not here."""
    return [name for name in ("node", "npm", "openssl") if not shutil.which(name)]


def install(folder: Path) -> None:
    """The scanner, without running any script of its packages. Its lists of domains stay empty: none is asked about."""
    folder.mkdir(parents=True, exist_ok=True)
    home = folder / "node_modules" / PACKAGE
    if not home.exists():
        command = ["npm", "install", "--prefix", str(folder), "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run([*command, f"{PACKAGE}@{VERSION}"], check=True, stdout=subprocess.DEVNULL)
    (home / "conf" / "hsts-preload.json").write_text("{}")
    (home / "conf" / "tld-list.json").write_text("[]")


def scan(scanner: Path, front: tls_front.Front, path: str) -> dict[str, Any]:
    """{score, grade, status, passed, of, failed} of one page."""
    command = ["node", "--input-type=module", "--eval", SCAN, str(scanner), HOST]
    done = subprocess.run(
        [*command, str(front.http_port), str(front.https_port), path],
        env={**os.environ, "NODE_EXTRA_CA_CERTS": str(front.authority)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"The scan of {path} failed:\n{done.stderr}")
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main() -> int:
    """Scan and print a table. 1 when a page scores less than WANTED, or a bare site does not score less."""
    if missing():
        print(f"The Observatory needs {', '.join(missing())}, which this machine has not.")
        return 1
    scanner = ROOT / ".scans" / "observatory"
    install(scanner)
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        folder.chmod(0o711)
        bare = scanned_bare(scanner, folder)
        print(f"A bare site, to see that the scanner sees: {bare['score']} {bare['grade']}, fails {bare['failed']}")
        with product(folder / "product") as stack:
            behind = int(stack.part("web").provides()["ATRIUM_URL"].rpartition(":")[2])
            with tls_front.running(folder, HOST, behind) as front:
                scores = [told(path, scan(scanner, front, path)) for path in PAGES]
    return 0 if min(scores) >= WANTED > bare["score"] else 1


def scanned_bare(scanner: Path, folder: Path) -> dict[str, Any]:
    """The scan of a site that sets no header at all."""
    with bare_site.running() as port, tls_front.running(folder, HOST, port) as front:
        return scan(scanner, front, "/")


def told(path: str, found: Mapping[str, Any]) -> int:
    """Print the line of one page. Returns its score."""
    print(f"{path:28} {found['score']:4} {found['grade']:3} {found['passed']}/{found['of']} {found['failed'] or ''}")
    return int(found["score"])


def product(folder: Path) -> Stack:
    """Database, broker and web server under production settings, with collected static files."""
    files = folder / "static"
    environ = {
        "ATRIUM_ENV": "production",
        "ATRIUM_HOSTS": f"{HOST},127.0.0.1",
        "ATRIUM_URL": f"https://{HOST}",
        "ATRIUM_EMAIL_BACKEND": "django.core.mail.backends.console.EmailBackend",
        "ATRIUM_PROXIES": "1",
        "ATRIUM_STATIC_ROOT": str(files),
    }
    nowhere = {"ATRIUM_SECRET_KEY": "unused", "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none",
               "BROKER_URL": "redis://127.0.0.1:1/0"}  # fmt: skip
    command = python("manage.py", "collectstatic", "--no-input", "--verbosity", "0")
    subprocess.run(command, cwd=ROOT, env={**os.environ, **environ, **nowhere}, check=True)
    return Stack(folder, ("database", "broker", "migrate", "web"), durable=False, environ=environ)


if __name__ == "__main__":
    sys.exit(main())
