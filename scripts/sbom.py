"""sbom.py FOLDER   Compares each function's bill of materials with the crates that Cargo links.

FOLDER has <function>.cdx.json for each function of template.yaml. Fails if a bill lacks a crate.
"""

import json
import pathlib
import re
import subprocess
import sys

import functions

TARGET = "aarch64-unknown-linux-gnu"
CRATE = re.compile(r"^(\S+) v(\S+)")


def crates(tree):
    """Returns the names and versions in the output of `cargo tree --prefix none`."""
    return {match.groups() for line in tree.splitlines() if (match := CRATE.match(line))}


def named(bill):
    """Returns the names and versions of a bill of materials: of its subject and its components."""
    subject = bill.get("metadata", {}).get("component", {})
    return {(one["name"], one["version"]) for one in [subject, *bill.get("components", [])] if "name" in one}


def linked(name):
    command = ["cargo", "tree", "--locked", "--package", name, "--edges", "normal,no-proc-macro"]
    command += ["--target", TARGET, "--prefix", "none"]
    return crates(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    folder, every, lacking = pathlib.Path(sys.argv[1]), set(), []
    names = [name for _, name in functions.functions(pathlib.Path("template.yaml").read_text())]
    for name in names:
        shipped = linked(name)
        bill = named(json.loads((folder / f"{name}.cdx.json").read_text()))
        lacking += [f"{name}: {crate} {version} is missing" for crate, version in sorted(shipped - bill)]
        every |= shipped
    for line in lacking:
        print(f"error: {line}", file=sys.stderr)
    if lacking:
        sys.exit(1)
    print(f"   {len(names)} functions, {len(every)} crates: each one is in the bill of its function, in {folder}")


if __name__ == "__main__":
    main()
