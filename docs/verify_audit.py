#!/usr/bin/env python3
"""Prove an export of Atrium's audit trail, offline.

    python3 verify_audit.py EXPORT.jsonl [--anchors FOLDER] [--key-file FILE]

Needs Python 3.9 or newer and nothing else; imports nothing of Atrium. An export comes from the audit page or from
`manage.py export_audit`. Its first line is the manifest, each further one a link:

    {"sequence": 7, "hash": "…", "event": {…}}    hash = SHA-256(hash of the link before + canonical JSON of the event)

canonical JSON: keys sorted, no spaces, UTF-8. The first link follows 64 zeros.

--anchors FOLDER  anchors that you copied from the bucket yourself (aws s3 cp --recursive s3://BUCKET FOLDER): without
                  them the manifest's own list is compared, which whoever made the export could have written.
--key-file FILE   the key that signs anchors (ATRIUM_AUDIT_KEY): their signatures are checked too.

Exit code 0 if everything holds, 1 if not; what was proven is said line by line.
"""

import argparse
import hashlib
import hmac
import json
import sys
from pathlib import Path

FORMAT = "atrium-audit-export/1"


class Broken(Exception):
    """What is wrong, as a sentence."""


def canonical(content):
    """Canonical JSON as bytes."""
    return json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def walk(export):
    """(manifest, {sequence: hash}) of an export whose every link holds. Raises Broken."""
    with open(export, encoding="utf-8") as lines:
        manifest = read(lines.readline(), "The manifest")
        if manifest.get("format") != FORMAT:
            raise Broken(f"This is no export that I know: its format is {manifest.get('format')!r}.")
        hashes, previous = {}, "0" * 64
        for number, line in enumerate(lines, start=1):
            link = read(line, f"Line {number + 1}")
            previous = check(link, number, previous)
            hashes[number] = previous
    head = manifest["head"]
    if (len(hashes), previous) != (head["sequence"], head["hash"]):
        raise Broken(
            f"The export ends at link {len(hashes)}, its manifest says {head['sequence']}: something was cut off."
        )
    return manifest, hashes


def read(line, what):
    """One line as an object. Raises Broken."""
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise Broken(f"{what} cannot be read: {error}.") from error
    if not isinstance(found, dict):
        raise Broken(f"{what} is no object.")
    return found


def check(link, number, previous):
    """The hash of a link that holds. Raises Broken."""
    if link.get("sequence") != number:
        raise Broken(f"Link {number} is missing; the next one there is {link.get('sequence')}.")
    if link.get("event") is None:
        raise Broken(f"The event of link {number} is not there.")
    made = hashlib.sha256(previous.encode() + canonical(link["event"])).hexdigest()
    if made != link.get("hash"):
        raise Broken(f"The event of link {number} is not what was sealed.")
    return made


def compare(hashes, sequence, digest, source):
    """Raise Broken unless the chain has this head."""
    if sequence > len(hashes):
        raise Broken(f"{source} anchors link {sequence}, the export ends at {len(hashes)}: its end was cut off.")
    if hashes.get(sequence) != digest:
        raise Broken(f"{source} anchors another link {sequence}: the chain was written again.")


def signed(stated, key):
    """Whether an anchor's signature is made by the key."""
    content = {name: value for name, value in stated.items() if name != "hmac"}
    made = hmac.new(key, canonical(content), "sha256").hexdigest()
    return hmac.compare_digest(made, str(stated.get("hmac", "")))


def copied(folder, hashes, key):
    """The highest sequence that the copied anchors vouch for, and how many they are. Raises Broken."""
    highest, number = 0, 0
    for path in sorted(Path(folder).rglob("*.json")):
        stated = read(path.read_text(encoding="utf-8"), str(path))
        if key is not None and not signed(stated, key):
            raise Broken(f"{path} is not signed by this key.")
        if stated["sequence"] <= len(hashes):  # an anchor that is younger than the export says nothing about it
            compare(hashes, stated["sequence"], stated["hash"], str(path))
            highest = max(highest, stated["sequence"])
        number += 1
    return highest, number


def prove(chosen):
    """Say what holds. Raises Broken."""
    manifest, hashes = walk(chosen.export)
    print(f"{len(hashes)} links hold; the head is {manifest['head']['hash']}.")
    for sequence, digest, key in manifest["anchors"]:
        compare(hashes, sequence, digest, f"The manifest's {key}")
    if manifest["anchors"]:
        print(f"The manifest lists {len(manifest['anchors'])} anchors in {manifest['place']}, and they agree.")
    if chosen.anchors:
        key = chosen.key_file.read_bytes().strip() if chosen.key_file else None
        highest, number = copied(chosen.anchors, hashes, key)
        how = "agree and are signed" if key is not None else "agree"
        print(f"{number} anchors in {chosen.anchors} {how}; they vouch for everything up to link {highest}.")
        print(f"{len(hashes) - highest} later links are vouched for by nothing outside the database.")
    else:
        print("No copy of the anchors was given: who owns the database could have written the whole chain again.")
    for warning in manifest["warnings"]:
        print(f"Warning of the export: {warning}")


def main():
    """Exit code 0 if everything holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("export")
    parser.add_argument("--anchors", metavar="FOLDER")
    parser.add_argument("--key-file", type=Path, metavar="FILE")
    chosen = parser.parse_args()
    try:
        prove(chosen)
    except Broken as broken:
        print(f"The audit trail is broken. {broken}", file=sys.stderr)
        return 1
    except (KeyError, TypeError, AttributeError) as error:
        print(f"The audit trail is broken. Something in it has another shape: {error!r}.", file=sys.stderr)
        return 1
    print("The audit trail holds.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
