#!/usr/bin/env python3
"""contract.py [REVISION]   compares the contract of the working tree with that of a revision.

The default revision is 4be55f2: docs/contract-changes.md records the changes since then. The
contract is everything on which callers, consumers of events and stored items depend:
schemas/*.json and events/*.json; the operations of openapi.yaml; the tables, parameters and outputs
of template.yaml; the names of fields and attributes in crates/adapters, crates/domain and
statemachines. facts.py finds them. Texts for people are ignored.

Prints one line per change, then the number of changes. Additions are allowed: a new operation; a
new parameter or field of a request that is optional, or that becomes optional; a new field of an
answer or an event, or one that is now always present; a new value of an enum; another alternative
of the security of an operation; a pattern, length or format of an answer where there was none. Any
other change fails unless docs/contract-changes.md contains its line between backticks.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

from facts import facts_of
from sources import ROOT, Tree

BASE = "4be55f2"
PARTS = ["openapi.yaml", "template.yaml", "schemas", "events", "statemachines", "crates"]
# Keywords that restrict a value. Restricting an answer does not break its readers.
NARROWING = {"format", "pattern", "minLength", "maxLength"}
RECORD = pathlib.PurePosixPath("docs/contract-changes.md")


def show(value):
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def keyword_changes(name, before, after, sent_by_caller):
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
        yield ("required" if after else "no longer required"), bool(after) != sent_by_caller
    elif before != after:
        narrows = before is None and name in NARROWING
        yield f"{name}: {show(before)} is now {show(after)}", narrows and not sent_by_caller


def outermost(locations):
    """Returns the locations without those that lie inside another one of them."""
    return [location for location in locations if not any(location[:length] in locations for length in range(1, len(location)))]


def changes(before, after):
    """Yields the line of each change, and True if the change is an addition."""
    words = " ".join
    for location in outermost(set(before) - set(after)):
        yield f"removed: {words(location)}", False
    for location in outermost(set(after) - set(before)):
        fact = after[location]
        yield f"added: {words(location)}", not (fact.sent_by_caller and fact.keywords.get("required"))
    for location in set(before) & set(after):
        old, new, sent_by_caller = before[location].keywords, after[location].keywords, after[location].sent_by_caller
        for name in sorted({*old, *new}):
            if old.get(name) != new.get(name):
                for what, adds in keyword_changes(name, old.get(name), new.get(name), sent_by_caller):
                    yield f"changed: {words(location)}: {what}", adds


def tree_of(revision, folder):
    """Unpacks into `folder` the files of the revision that define the contract."""
    there = subprocess.run(["git", "ls-tree", "--name-only", revision, *PARTS], cwd=ROOT, check=True, capture_output=True, text=True)
    archive = subprocess.run(["git", "archive", revision, *there.stdout.split()], cwd=ROOT, check=True, capture_output=True)
    subprocess.run(["tar", "-x", "-C", folder], input=archive.stdout, check=True)
    root = pathlib.Path(folder)
    return Tree(root, [path.relative_to(root) for path in root.rglob("*")])


def recorded_lines(text):
    """Returns the lines between backticks. A line may be broken where it has a space."""
    return {" ".join(line.split()) for line in re.findall(r"`([^`]+)`", text)}


def main():
    if sys.argv[1:2] in (["-h"], ["--help"]):
        print(__doc__)
        return 0
    if len(sys.argv) > 2:
        sys.exit(__doc__)
    revision = sys.argv[1] if sys.argv[1:] else BASE
    known = subprocess.run(["git", "cat-file", "-e", f"{revision}^{{commit}}"], cwd=ROOT, capture_output=True)
    if known.returncode:
        print(f"error: this clone has no commit {revision}: git fetch --unshallow", file=sys.stderr)
        return 2
    tree = Tree.of_git()
    with tempfile.TemporaryDirectory() as folder:
        found = sorted(changes(facts_of(tree_of(revision, folder)), facts_of(tree)))
    recorded = recorded_lines(tree.text(RECORD)) if RECORD in tree.files else set()
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
