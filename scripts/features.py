#!/usr/bin/env python3
"""features.py   Checks that tests select no feature that `cargo build --workspace` lacks.

Cargo compiles a dependency again for each set of features, and everything that depends on it: a
missing feature costs `make test` minutes. tests/Cargo.toml names the features of all tests.
"""

import re
import subprocess
import sys

LINE = re.compile(r"^(?P<package>\S+ v\S+)(?: \(.*?\))* ?(?P<features>[\w,+./-]*)$")


def selected(edges):
    """The sets of features with which each package is compiled."""
    command = ["cargo", "tree", "--workspace", "--locked", "--offline", "--prefix", "none"]
    tree = subprocess.run(
        [*command, "--edges", edges, "--format", "{p} {f}"], check=True, capture_output=True, text=True
    )
    found = {}
    for line in tree.stdout.splitlines():
        if match := LINE.match(line.removesuffix(" (*)")):
            found.setdefault(match["package"], set()).add(match["features"])
    return found


def main():
    built, tested = selected("normal,build"), selected("normal,build,dev")
    missing = [
        f"{package}: {features or 'no features'}"
        for package, sets in sorted(tested.items())
        for features in sorted(sets - built.get(package, sets))
    ]
    for line in missing:
        print(f"error: only tests compile {line}", file=sys.stderr)
    if missing:
        print("name the features that are new in them in tests/Cargo.toml", file=sys.stderr)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
