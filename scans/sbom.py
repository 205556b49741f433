"""The bill of materials of the production image, CycloneDX, validated: `make sbom` writes sbom.json.

Made from the locked requirements, so that it names what is installed, with the digests that were checked. It says
nothing of vulnerabilities: those are known elsewhere, and later; give the file to a scanner that is up to date.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

from scans.findings import ROOT

LOCKED = "requirements.txt"
PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==", re.MULTILINE)


def main() -> int:
    """Write the bill. 1 when it is not valid CycloneDX, or does not name each locked requirement with a digest."""
    target = Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "sbom.json")
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "cyclonedx_py",
        "requirements",
        LOCKED,
        "--pyproject",
        "pyproject.toml",
    ]
    command += ["--mc-type", "application", "--of", "JSON", "--sv", "1.6", "--output-reproducible", "--validate"]
    subprocess.run([*command, "-o", str(target)], cwd=ROOT, check=True)
    bill = json.loads(target.read_text())
    named = {_one_spelling(part["name"]) for part in bill["components"] if _digests(part)}
    missing = {_one_spelling(name) for name in PINNED.findall((ROOT / LOCKED).read_text())} - named
    if missing:
        print(f"Without a digest in the bill: {', '.join(sorted(missing))}.")
        return 1
    print(f"{target.name}: CycloneDX {bill['specVersion']}, valid, {len(bill['components'])} components with digests.")
    return 0


def _digests(part: dict[str, object]) -> bool:
    references = part.get("externalReferences")
    return isinstance(references, list) and any(reference.get("hashes") for reference in references)


def _one_spelling(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


if __name__ == "__main__":
    sys.exit(main())
