#!/usr/bin/env python3
"""Applies the mutations of tests/mutations.toml one by one. A proof must find each of them.

  mutations.py                 every mutation, against the running local stack (make up)
  mutations.py --only WORD     mutations whose name or proof contains WORD
  mutations.py --check         checks only that each mutation occurs exactly once in its file

A mutation is applied to a copy of the code in .local/mutations/tree. It is missed if its proof
still passes. Exit code 1: a mutation was missed and has no `survives` (the reason why no proof can
find it), does not compile, or made its proof fail for another reason; or a proof fails without a
mutation.
Exit code 2: wrong usage, or a mutation whose text does not occur exactly once.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
WORK = ROOT / ".local" / "mutations"
TREE, TARGET, LOGS = WORK / "tree", WORK / "target", WORK / "logs"

# The commands that must fail with a mutation. They select the whole workspace (docs/adr/0008). In
# `units` the tests of the mutated crate come first: they find most mutations, in seconds.
PROOFS = {
    "model": "cargo build --quiet --workspace --bin model && $CARGO_TARGET_DIR/debug/model",
    # These shapes of shops find each mutation that all shapes of the model together find.
    "expressions": "MODEL_ONLY='a lost event,baristas,an admin,a small shop,scans again' "
    "cargo test --quiet --workspace --test model_expressions",
    "paths": "$ROOT/scripts/mutated-workflow.sh",
    "chaos": "$ROOT/scripts/mutated-chaos.sh",
    "rules": "cargo test --quiet --workspace --test rules --test roles",
    "units": '{ [ -z "$CRATE" ] || cargo test --quiet --package "$CRATE" --tests; } && '
    "cargo test --quiet --workspace --lib --test shops --test shops_edit --test orders_list",
    "presso": "cargo test --quiet --workspace --bin presso",
}

# Texts that a proof prints when it finds a mutation. A failure without them has another cause.
SAYS = {
    "model": ["violated in", "no state met this coverage goal"],
    "expressions": ["differ from the model", "assertion", "violated in"],
    "paths": ["paths differ from the model"],
    "chaos": ["VIOLATED"],
    "rules": ["panicked"],
    "units": ["panicked"],
    "presso": ["panicked"],
}


def read(only):
    with open(ROOT / "tests" / "mutations.toml", "rb") as file:
        mutations = tomllib.load(file)["mutation"]
    return [one for one in mutations if only in one["name"] or only in one["proof"]]


def place(one, tree):
    path = tree / one["file"]
    text = path.read_text()
    return path, text, text.count(one["find"])


def copy_tree():
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    files = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True, text=True)
    wanted = {line for line in files.stdout.splitlines() if (ROOT / line).is_file()}
    for line in wanted:
        source, target = ROOT / line, TREE / line
        if not target.exists() or target.read_bytes() != source.read_bytes():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
            os.utime(target)
    copied = WORK / "files"
    for line in set(copied.read_text().splitlines() if copied.exists() else []) - wanted:
        (TREE / line).unlink(missing_ok=True)
    copied.write_text("\n".join(sorted(wanted)))
    LOGS.mkdir(parents=True, exist_ok=True)
    asked = ["cargo", "metadata", "--format-version", "1", "--no-deps"]
    metadata = subprocess.run(asked, cwd=ROOT, check=True, capture_output=True, text=True)
    compiled = pathlib.Path(json.loads(metadata.stdout)["target_directory"]) / "debug"
    if not TARGET.exists() and compiled.exists():
        print("   copying the compiled dependencies (once)", file=sys.stderr)
        (TARGET / "debug").mkdir(parents=True)
        for folder in ["deps", "build", ".fingerprint"]:
            copy = ["cp", "-a", "--reflink=auto", str(compiled / folder), str(TARGET / "debug")]
            # If another build removes a file meanwhile, Cargo compiles it again.
            subprocess.run(copy, check=False)


def crate_of(one):
    """Returns the name of the crate with the mutated file, or an empty text."""
    for folder in pathlib.Path(one.get("file", "")).parents:
        manifest = TREE / folder / "Cargo.toml"
        if manifest.exists():
            return tomllib.loads(manifest.read_text()).get("package", {}).get("name", "")
    return ""


def run(one, number):
    log = LOGS / f"{number:02}.log"
    own = {"CARGO_TARGET_DIR": str(TARGET), "ROOT": str(ROOT), "TREE": str(TREE), "RUST_BACKTRACE": "0"}
    own["CRATE"] = crate_of(one)
    with open(log, "w") as output:
        command = ["bash", "-c", PROOFS[one["proof"]]]
        streams = {"stdout": output, "stderr": subprocess.STDOUT, "stdin": subprocess.DEVNULL}
        done = subprocess.run(command, cwd=TREE, env={**os.environ, **own}, **streams)
    text = log.read_text()
    if "could not compile" in text:
        sys.exit(f"error: {one['name']} does not compile, so the proof did not run: see {log}")
    if done.returncode and not any(word in text for word in one.get("says", SAYS[one["proof"]])):
        sys.exit(f"error: {one['name']}: the proof failed for another reason: see {log}")
    return done.returncode != 0


def try_one(one, number):
    path, text, _ = place(one, TREE)
    started = time.monotonic()
    path.write_text(text.replace(one["find"], one["replace"]))
    try:
        caught = run(one, number)
    finally:
        path.write_text(text)
    return caught, time.monotonic() - started


def check(mutations):
    gone = [one for one in mutations if place(one, ROOT)[2] != 1]
    for one in gone:
        where = f"its text does not occur exactly once in {one['file']}"
        print(f"error: {one['name']}: {where}: update tests/mutations.toml", file=sys.stderr)
    print(f"{len(mutations) - len(gone)} mutations occur once")
    return 2 if gone else 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", metavar="WORD")
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    mutations = read(arguments.only)
    if not mutations:
        parser.error("no name or proof of a mutation contains this word")
    if arguments.check:
        return check(mutations)
    if not os.environ.get("AWS_ENDPOINT_URL"):
        parser.error("AWS_ENDPOINT_URL names no emulator: make up, then . .local/env")
    if check(mutations):
        return 2
    copy_tree()
    for proof in dict.fromkeys(one["proof"] for one in mutations):
        if run({"name": "nothing", "proof": proof}, 0):
            sys.exit(f"error: {proof} fails without a mutation, so it can find none: see {LOGS}/00.log")
    missed = 0
    for number, one in enumerate(mutations, 1):
        caught, seconds = try_one(one, number)
        word = "caught" if caught else ("survives" if "survives" in one else "MISSED")
        missed += word == "MISSED"
        why = f": {one['survives']}" if word == "survives" else ""
        what = f"{word:<9} {one['proof']:<12} {one['name']} ({seconds:.0f} s)"
        print(f"{number:>2}/{len(mutations)} {what}{why}", flush=True)
    print(f"{len(mutations) - missed} of {len(mutations)} caught, or with a reason why they survive")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
