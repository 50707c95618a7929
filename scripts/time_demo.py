#!/usr/bin/env python3
"""time_demo.py [COMMAND…]   Measures the time of `make demo`, or of COMMAND, in a clone of HEAD.

The clone has neither a target folder nor tools. It uses the crates and Python packages that are
already downloaded. The output goes through a pipe. Silence is the time without a new line. Prints
the seconds of each step (a line that begins with ==) and at the end
  demo: M min S s; longest silence S s
in whole seconds, rounded up. Exit code 1: silent for more than 5 s, or the command failed.
"""

import math
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
SILENCE = 5
# Prefixes of variables that would let the clone use this folder or another stack.
FOREIGN = ("AWS_", "CARGO_TARGET", "CARGO_BUILD", "PRESSO", "MAKE", "MFLAGS", "VIRTUAL_ENV")
SETTINGS = {"API_URL", "STACK", "EMULATOR", "PORT", "TARGET_DIR", "TARGET_DIR_FOR"}


def environment():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in SETTINGS and not name.startswith(FOREIGN)
    }
    return {**kept, "PORT": str(port)}


def measure(command, folder, variables):
    """Returns the exit code, each line with its time, and the time of the end, in seconds."""
    started, lines, rest = time.monotonic(), [], b""
    streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    with subprocess.Popen(command, cwd=folder, env=variables, **streams) as running:
        while chunk := os.read(running.stdout.fileno(), 65536):
            now = time.monotonic() - started
            *complete, rest = (rest + chunk).split(b"\n")
            for line in complete:
                lines.append((now, line.decode(errors="replace")))
                print(f"{now:6.1f}  {lines[-1][1]}", flush=True)
    if rest:
        print(f"        {rest.decode(errors='replace')}", flush=True)
    return running.returncode, lines, time.monotonic() - started


def longest_silence(lines, end):
    """Returns the longest time without a line, and the time at which it began."""
    times = [0, *(at for at, _ in lines), end]
    gaps = [(later - earlier, earlier) for earlier, later in zip(times, times[1:])]
    return max(gaps)


def print_steps(lines, end):
    steps = [(at, line.removeprefix("== ")) for at, line in lines if line.startswith("== ")]
    print()
    for (at, step), (following, _) in zip(steps, [*steps[1:], (end, "")]):
        print(f"{following - at:6.1f} s  {step}")


def main():
    command = sys.argv[1:] or ["make", "demo"]
    work = pathlib.Path(tempfile.mkdtemp(prefix="demo-"))
    clone, variables = work / "serverlesspresso", environment()
    try:
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(clone)], check=True)
        try:
            code, lines, end = measure(command, clone, variables)
        finally:
            subprocess.run(["make", "down"], cwd=clone, env=variables, check=False)
    finally:
        shutil.rmtree(work)
    silence, since = longest_silence(lines, end)
    print_steps(lines, end)
    if code:
        print(f"error: {' '.join(command)} ended with {code}", file=sys.stderr)
    if silence > SILENCE:
        print(f"error: nothing was printed for {silence:.1f} s after {since:.1f} s", file=sys.stderr)
    minutes, seconds = divmod(math.ceil(end), 60)
    print(f"demo: {minutes} min {seconds} s; longest silence {math.ceil(silence)} s")
    return 1 if code or silence > SILENCE else 0


if __name__ == "__main__":
    sys.exit(main())
