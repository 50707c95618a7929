#!/usr/bin/env python3
"""contract.py [REVISION]   compares the contract of the working tree with that of a revision.

The default revision is 4be55f2. The contract is everything on which callers, consumers of events
and stored items depend: schemas/*.json and events/*.json; the operations of openapi.yaml; the
tables, parameters and outputs of template.yaml; the names of fields and attributes in
crates/adapters, crates/domain and statemachines. facts.py finds them. Texts for people are ignored.

Prints one line per change, then the number of changes. Additions are allowed: a new operation, an
optional parameter, a new field of an answer or an event, a new value of an enum, a first pattern,
length or format of a field of an answer. Any other change fails unless docs/contract-changes.md
contains its line.
"""

import pathlib
import subprocess
import sys
import tempfile

from facts import facts_of
from sources import ROOT, Tree

BASE = "4be55f2"
PARTS = ["openapi.yaml", "template.yaml", "schemas", "events", "statemachines", "crates"]
# Keywords that allow fewer values. A client of an answer that allows fewer values need not change.
NARROWING = {"format", "pattern", "minLength", "maxLength"}
RECORD = pathlib.PurePosixPath("docs/contract-changes.md")


def show(value):
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def keyword_changes(name, before, after, inward):
    """Yields a description of each change of one keyword, and True if the change is an addition."""
    # The values of `security` are alternatives, as those of an enum are; an empty list is public.
    if name in {"enum", "security"} and before and after:
        what = "" if name == "enum" else "security: "
        for one in before:
            if one not in after:
                yield f"{what}no longer {one}", False
        for one in after:
            if one not in before:
                yield f"{what}also {one}", True
    elif name == "required":
        yield ("required" if after else "no longer required"), bool(after) != inward
    elif before != after:
        narrows = before is None and name in NARROWING
        yield f"{name}: {show(before)} is now {show(after)}", narrows and not inward


def outermost(places):
    """Returns the places that no other place contains."""
    return [place for place in places if not any(place[:length] in places for length in range(1, len(place)))]


def changes(before, after):
    """Yields the line of each change, and True if the change is an addition."""
    words = " ".join
    for place in outermost(set(before) - set(after)):
        yield f"removed: {words(place)}", False
    for place in outermost(set(after) - set(before)):
        fact = after[place]
        yield f"added: {words(place)}", not (fact.inward and fact.keywords.get("required"))
    for place in set(before) & set(after):
        old, new, inward = before[place].keywords, after[place].keywords, after[place].inward
        for name in sorted({*old, *new}):
            if old.get(name) != new.get(name):
                for what, adds in keyword_changes(name, old.get(name), new.get(name), inward):
                    yield f"changed: {words(place)}: {what}", adds


def tree_of(revision, folder):
    """Unpacks the files of the revision from which the contract is read into `folder`."""
    there = subprocess.run(["git", "ls-tree", "--name-only", revision, *PARTS], cwd=ROOT, check=True, capture_output=True, text=True)
    archive = subprocess.run(["git", "archive", revision, *there.stdout.split()], cwd=ROOT, check=True, capture_output=True)
    subprocess.run(["tar", "-x", "-C", folder], input=archive.stdout, check=True)
    root = pathlib.Path(folder)
    return Tree(root, [path.relative_to(root) for path in root.rglob("*")])


def main():
    if len(sys.argv) > 2 or sys.argv[1:2] in (["-h"], ["--help"]):
        sys.exit(__doc__)
    revision = sys.argv[1] if sys.argv[1:] else BASE
    known = subprocess.run(["git", "cat-file", "-e", f"{revision}^{{commit}}"], cwd=ROOT, capture_output=True)
    if known.returncode:
        print(f"error: this clone has no commit {revision}: git fetch --unshallow", file=sys.stderr)
        return 2
    tree = Tree.of_git()
    with tempfile.TemporaryDirectory() as folder:
        found = sorted(changes(facts_of(tree_of(revision, folder)), facts_of(tree)))
    recorded = " ".join(tree.text(RECORD).split()) if RECORD in tree.files else ""
    failed = 0
    for line, adds in found:
        print(line)
        if not adds and line not in recorded:
            failed += 1
            print(f"error: not an addition, and not in {RECORD}: {line}", file=sys.stderr)
    print(f"contract: {len(found)} changes")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
