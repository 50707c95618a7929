#!/usr/bin/env python3
"""field.py   Runs the tests of each row of tests/field.toml, and prints a line for each row and a
summary.

  field.py               runs every row, against the running local stack (make field)
  field.py --only WORD   runs the rows whose name contains WORD
  field.py --check       only checks that the package of each test has a function of its name

A row fails if it names no test, or a test that does not exist, does not run, or fails. A failed row
prints further lines. --check prints the failed rows and the summary. Exit code 1 if a row fails.
"""

import argparse
import dataclasses
import json
import os
import pathlib
import re
import subprocess
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent
SCRIPTS = "scripts"
RESULT = re.compile(r"^test (?P<name>\S+)(?: - should panic)? \.\.\. (?P<result>ok|FAILED|ignored)", re.MULTILINE)


@dataclasses.dataclass(frozen=True)
class Test:
    """A test: `PACKAGE: NAME` in a package's sources, `PACKAGE/TARGET: NAME` in one of its
    integration tests, or `scripts: MODULE.CLASS.NAME`."""

    package: str
    target: str
    name: str

    @classmethod
    def read(cls, text):
        place, _, name = text.partition(": ")
        package, _, target = place.partition("/")
        if not package or not name or " " in name:
            raise ValueError(f"{text!r} is not PACKAGE[/TARGET]: NAME")
        return cls(package, target, name)

    def __str__(self):
        return f"{self.package}{'/' if self.target else ''}{self.target}: {self.name}"


@dataclasses.dataclass
class Row:
    name: str
    tried: str
    tests: list

    def line(self, results):
        """Returns the printed row, and True if it names tests and all of them passed."""
        wrong = [f"{test}: {results[test]}" for test in self.tests if results[test] != "ok"]
        if not self.tests:
            wrong = ["names no test"]
        verdict = "ok    " if not wrong else "FAILED"
        lines = [f"field {self.name:<18} {verdict} {len(self.tests):>3} tests  {self.tried}"]
        return "\n".join(lines + [f"      {line}" for line in wrong]), not wrong


def read(path, only=""):
    rows = tomllib.loads(path.read_text())["row"]
    rows = [Row(one["name"], one["tried"], [Test.read(text) for text in one["tests"]]) for one in rows]
    return [row for row in rows if only in row.name]


def packages():
    """Returns the folders of the workspace's packages, by name."""
    asked = ["cargo", "metadata", "--format-version", "1", "--no-deps", "--offline"]
    done = subprocess.run(asked, cwd=ROOT, check=True, capture_output=True, text=True)
    return {one["name"]: pathlib.Path(one["manifest_path"]).parent for one in json.loads(done.stdout)["packages"]}


def is_in_sources(test, folders):
    """Returns true if the test's package has a function of this name. Searches the whole package,
    because the name of a test does not say in which file the function is."""
    if test.package == SCRIPTS:
        module, _, rest = test.name.partition(".")
        path = ROOT / "scripts" / "tests" / f"{module}.py"
        return path.is_file() and re.search(rf"def {re.escape(rest.split('.')[-1])}\(", path.read_text())
    folder = folders.get(test.package)
    if folder is None:
        return False
    declared = re.compile(rf"\bfn {re.escape(test.name.split('::')[-1])}\b")
    return any(declared.search(path.read_text()) for path in folder.rglob("*.rs"))


def binaries(folders):
    """Returns the test programs, by package and target. For unit tests of a library or a program
    the target is empty."""
    command = ["cargo", "test", "--workspace", "--no-run", "--message-format", "json-render-diagnostics"]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit("error: the tests do not compile")
    names, found = {folder: name for name, folder in folders.items()}, {}
    for line in done.stdout.splitlines():
        message = json.loads(line)
        if message["reason"] != "compiler-artifact" or not message["profile"]["test"] or not message["executable"]:
            continue
        folder, target = pathlib.Path(message["manifest_path"]).parent, message["target"]
        key = names[folder], target["name"] if "test" in target["kind"] else ""
        found.setdefault(key, []).append((message["executable"], folder))
    return found


def execute(program, folder, arguments):
    environment = {**os.environ, "CARGO_MANIFEST_DIR": str(folder)}
    done = subprocess.run([program, *arguments], cwd=folder, env=environment, capture_output=True, text=True)
    return done.stdout + done.stderr


def run_rust(tests, programs):
    """Runs tests of one target, and returns their results and what the programs printed."""
    results, output = {}, ""
    for program, folder in programs:
        listed = execute(program, folder, ["--list", "--format", "terse"])
        names = {line.removesuffix(": test") for line in listed.splitlines() if line.endswith(": test")}
        own = sorted(test.name for test in tests if test.name in names)
        # libtest-mimic, which runs the suite, takes one filter.
        for selected in [[name] for name in own] if tests[0].target == "suite" else [own] if own else []:
            printed = execute(program, folder, ["--exact", *selected])
            output += printed
            results.update((match["name"], match["result"]) for match in RESULT.finditer(printed))
    return results, output


def run_scripts(tests):
    results, output = {}, ""
    for test in tests:
        command = [sys.executable, "-B", "-m", "unittest", "-v", test.name]
        done = subprocess.run(command, cwd=ROOT / "scripts" / "tests", capture_output=True, text=True)
        skipped = "OK (skipped=" in done.stderr
        results[test.name] = "FAILED" if done.returncode else "skipped" if skipped else "ok"
        output += done.stderr
    return results, output


def run(rows):
    """Returns the result of each test of the rows."""
    tests = {test for row in rows for test in row.tests}
    groups = {}
    for test in sorted(tests, key=str):
        groups.setdefault((test.package, test.target), []).append(test)
    built = binaries(packages()) if any(package != SCRIPTS for package, _ in groups) else {}
    results = {}
    for key, group in groups.items():
        print(f"   {key[0]}{'/' if key[1] else ''}{key[1]}: {len(group)} tests", file=sys.stderr, flush=True)
        found, output = run_scripts(group) if key[0] == SCRIPTS else run_rust(group, built.get(key, []))
        for test in group:
            results[test] = found.get(test.name, "does not exist, or did not run")
        if any(results[test] != "ok" for test in group):
            print(output, file=sys.stderr)
    return results


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", metavar="WORD")
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    rows = read(ROOT / "tests" / "field.toml", arguments.only)
    if not rows:
        parser.error("no row has this word in its name")
    if arguments.check:
        folders = packages()
        tests = {test for row in rows for test in row.tests}
        results = {test: "ok" if is_in_sources(test, folders) else "is not in the sources" for test in tests}
    else:
        results = run(rows)
    failed = 0
    for row in rows:
        line, holds = row.line(results)
        failed += not holds
        if not arguments.check or not holds:
            print(line)
    print(f"field: {len(rows)} rows, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
