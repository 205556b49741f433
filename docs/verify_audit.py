#!/usr/bin/env python3
"""Prove an export of Atrium's audit trail, offline.

    python3 verify_audit.py EXPORT.jsonl [--anchors FOLDER] [--taken-at TIME] [--key-file FILE]

Needs Python 3.9 or newer and nothing else; imports nothing of Atrium. An export comes from the audit page or from
`manage.py export_audit`. Its first line is the manifest, each further one a link:

    {"sequence": 7, "hash": "…", "event": {…}}    hash = SHA-256(hash of the link before + canonical JSON of the event)

canonical JSON: keys sorted, no spaces, UTF-8. The first link follows 64 zeros.

--anchors FOLDER  what you took from the bucket yourself, as *.json files: anchors, and listings of versions
                  (aws s3api list-object-versions --bucket BUCKET --output json > FOLDER/listing.json). Without it only
                  the manifest's own list is compared, which whoever made the export could have written. Versions, not
                  objects: an object can be hidden behind a delete marker, its versions cannot.
--taken-at TIME   when you asked for the export, by your own clock (2026-11-20T16:05:00Z). An anchor of a link beyond
                  the export's end proves that the end was cut off, unless it was made after that time.
--key-file FILE   the keys that sign anchors (`manage.py audit_keys FILE`), one a line, as they are or as hex:…; the
                  signatures of copied anchors are checked too. A listing shows none: S3 vouches for it.

Exit code 0 if everything holds, 1 if not; what was proven is said line by line.
"""

import argparse
import hashlib
import hmac
import json
import re
import sys
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

FORMAT = "atrium-audit-export/1"
# An anchor's key in the bucket.
NAMED = re.compile(r"(?:.*/)?(\d{20})-([0-9a-f]{64})\.json")


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
        raise Broken(
            f"{source} anchors link {sequence}, the export ends at {len(hashes)}: its end was cut off. An anchor that "
            "is younger than the export is skipped if you say when you asked for that (--taken-at)."
        )
    if hashes.get(sequence) != digest:
        raise Broken(f"{source} anchors another link {sequence}: the chain was written again.")


def signed(stated, keys):
    """Whether an anchor's signature is made by one of the keys."""
    content = {name: value for name, value in stated.items() if name != "hmac"}
    given = str(stated.get("hmac", "")).encode()
    made = [hmac.new(key, canonical(content), "sha256").hexdigest().encode() for key in keys]
    return any(hmac.compare_digest(one, given) for one in made)


def keys_in(path):
    """The keys of a file: one a line or between commas, "hex:" before what is no text. Raises Broken."""
    written = [one for line in path.read_bytes().splitlines() for one in line.strip().split(b",") if one]
    if not written:
        raise Broken(f"{path} holds no key.")
    return [bytes.fromhex(one[4:].decode()) if one.startswith(b"hex:") else one for one in written]


def moment(text):
    """A time that says its zone. Raises ValueError."""
    found = datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", text))
    if found.tzinfo is None:
        raise ValueError("say the zone, as in 2026-11-20T16:05:00Z")
    return found


class Anchor(NamedTuple):
    """One head as the bucket has it. made: when; source: where it stands; is_signed: by one of the given keys."""

    sequence: int
    hash: str
    made: datetime
    source: str
    is_signed: bool


def listed(versions):
    """The anchors that a listing of versions names."""
    for version in versions:
        named = NAMED.fullmatch(version["Key"])
        if named:
            yield Anchor(int(named[1]), named[2], moment(version["LastModified"]), version["Key"], False)


def copied(folder, keys):
    """The anchors in a folder. Raises Broken for one that none of the keys signed, if there are any."""
    if not folder or not Path(folder).is_dir():
        raise Broken(f"{folder!r} is no folder: no anchor was compared.")
    for path in sorted(Path(folder).rglob("*.json")):
        stated = read(path.read_text(encoding="utf-8"), str(path))
        if "Versions" in stated:
            yield from listed(stated["Versions"])
            continue
        if keys and not signed(stated, keys):
            raise Broken(f"{path} is signed by none of these keys: a key is missing, or somebody else put it there.")
        yield Anchor(stated["sequence"], stated["hash"], moment(stated["time"]), str(path), bool(keys))


def sorted_out(anchors, hashes, taken_at):
    """The anchors of this export by sequence, and the sequences of younger ones. Raises Broken for one that differs."""
    found, younger = {}, set()
    for anchor in anchors:
        if anchor.sequence > len(hashes) and taken_at and anchor.made > taken_at:
            younger.add(anchor.sequence)
            continue
        compare(hashes, anchor.sequence, anchor.hash, anchor.source)
        if anchor.is_signed or anchor.sequence not in found:
            found[anchor.sequence] = anchor
    return found, younger


def outside(chosen, manifest, hashes):
    """Compare with what the auditor took from the bucket, and say how far it reaches. Raises Broken."""
    keys = keys_in(chosen.key_file) if chosen.key_file else []
    found, younger = sorted_out(copied(chosen.anchors, keys), hashes, chosen.taken_at)
    if not found:
        raise Broken(f"No anchor of this export is in {chosen.anchors}: nothing there vouches for any of it.")
    highest = max(found)
    lacking = sorted(number for number, _, _ in manifest["anchors"] if number < highest and number not in found)
    if lacking:
        raise Broken(
            f"The manifest names an anchor of link {lacking[0]}, {chosen.anchors} has none: copy all versions."
        )
    how = f", {sum(anchor.is_signed for anchor in found.values())} of them signed by these keys" if keys else ""
    print(f"{len(found)} anchors in {chosen.anchors} agree{how}; they vouch for everything up to link {highest}.")
    if younger:
        print(f"{len(younger)} younger anchors were skipped: made after {chosen.taken_at}, of links beyond the end.")
    print(f"{len(hashes) - highest} later links are vouched for by nothing outside the database.")


def prove(chosen):
    """Say what holds. Raises Broken."""
    manifest, hashes = walk(chosen.export)
    print(f"{len(hashes)} links hold; the head is {manifest['head']['hash']}.")
    for sequence, digest, key in manifest["anchors"]:
        compare(hashes, sequence, digest, f"The manifest's {key}")
    if manifest["anchors"]:
        print(f"The {len(manifest['anchors'])} anchors in {manifest['place']} that the manifest names agree.")
    if chosen.anchors is not None:
        outside(chosen, manifest, hashes)
    else:
        print("No copy of the anchors was given: who owns the database could have written the whole chain again.")
    for warning in manifest["warnings"]:
        print(f"Warning of the export: {warning}")


def main():
    """Exit code 0 if everything holds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("export")
    parser.add_argument("--anchors", metavar="FOLDER")
    parser.add_argument("--taken-at", metavar="TIME", type=moment)
    parser.add_argument("--key-file", type=Path, metavar="FILE")
    chosen = parser.parse_args()
    if chosen.anchors is None and (chosen.key_file or chosen.taken_at):
        parser.error("--key-file and --taken-at are about anchors: give --anchors too.")
    try:
        prove(chosen)
    except Broken as broken:
        print(f"The audit trail is broken. {broken}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"Nothing was proven. {error}.", file=sys.stderr)
        return 1
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        print(f"The audit trail is broken. Something in it has another shape: {error!r}.", file=sys.stderr)
        return 1
    print("The audit trail holds.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
