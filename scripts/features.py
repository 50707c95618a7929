#!/usr/bin/env python3
"""features.py   Checks the features with which Cargo compiles dependencies.

Tests must not select a feature that `cargo build --workspace` lacks. For each set of features Cargo
compiles a dependency again, and everything that depends on it, which costs `make test` minutes.
tests/Cargo.toml names the features that tests need.

The functions must not contain the sources of credentials of presso. `cargo lambda build` selects
the workspace's default members, to which no other member can add features.
"""

import re
import subprocess
import sys

LINE = re.compile(r"^(?P<package>\S+ v\S+)(?: \(.*?\))* ?(?P<features>[\w,+./-]*)$")


# Packages and features of aws-config that no function needs.
PACKAGES_OF_TOOLS = {"aws-sdk-signin", "aws-sdk-sso", "aws-sdk-ssooidc"}
FEATURES_OF_TOOLS = {"credentials-login", "credentials-process", "sso"}


def selected(edges, *selection):
    """Returns the sets of features with which each package of this selection is compiled."""
    command = ["cargo", "tree", *selection, "--locked", "--offline", "--prefix", "none"]
    tree = subprocess.run(
        [*command, "--edges", edges, "--format", "{p} {f}"], check=True, capture_output=True, text=True
    )
    found = {}
    for line in tree.stdout.splitlines():
        if match := LINE.match(line.removesuffix(" (*)")):
            found.setdefault(match["package"], set()).add(match["features"])
    return found


def of_tools(shipped):
    """Yields the packages and features of the functions that only presso needs."""
    for package, sets in sorted(shipped.items()):
        name, features = package.split()[0], {one for features in sets for one in features.split(",")}
        if name in PACKAGES_OF_TOOLS:
            yield name
        if name == "aws-config":
            yield from (f"{name}/{feature}" for feature in sorted(features & FEATURES_OF_TOOLS))


def main():
    shipped = selected("normal,build")
    if "aws-config" not in {package.split()[0] for package in shipped}:
        sys.exit("error: the default members are not the functions")
    leaked = list(of_tools(shipped))
    for one in leaked:
        print(f"error: the functions are compiled with {one}, which is for presso", file=sys.stderr)
    built, tested = selected("normal,build", "--workspace"), selected("normal,build,dev", "--workspace")
    missing = [
        f"{package}: {features or 'no features'}"
        for package, sets in sorted(tested.items())
        for features in sorted(sets - built.get(package, sets))
    ]
    for line in missing:
        print(f"error: only tests compile {line}", file=sys.stderr)
    if missing:
        print("add the features that only tests select to the dependencies in tests/Cargo.toml", file=sys.stderr)
    return 1 if missing or leaked else 0


if __name__ == "__main__":
    sys.exit(main())
