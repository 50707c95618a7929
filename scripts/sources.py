"""Lists the files of the project, and separates comments and strings from Rust and TypeScript
code."""

import pathlib
import re
import subprocess
from dataclasses import dataclass, field

ROOT = pathlib.Path(__file__).resolve().parent.parent


class Tree:
    """A folder and the files in it that are checked, as paths relative to the folder."""

    def __init__(self, root, files):
        self.root = pathlib.Path(root)
        self.files = sorted({pathlib.PurePosixPath(file) for file in files if (self.root / file).is_file()})
        self._texts = {}

    @classmethod
    def of_git(cls, root=ROOT):
        """Returns the tracked files, and new files that git does not ignore, without *.gen.ts."""
        listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        out = subprocess.run(listing, cwd=root, check=True, capture_output=True, text=True).stdout
        return cls(root, (file for file in out.split("\0") if file and not file.endswith(".gen.ts")))

    def text(self, file):
        if file not in self._texts:
            self._texts[file] = (self.root / file).read_text(encoding="utf-8", errors="replace")
        return self._texts[file]

    def with_suffix(self, *suffixes):
        return [file for file in self.files if file.suffix in suffixes]

    def shell_scripts(self):
        """Returns files named .sh, and files without a suffix whose first line names a shell."""
        plain = [file for file in self.files if not file.suffix]
        interpreted = [file for file in plain if re.match(r"#!.*\b(?:bash|sh)\b", self.text(file))]
        return sorted([*self.with_suffix(".sh"), *interpreted])


@dataclass
class Scanned:
    """Source text in which blanks replace comments and strings, without changing any offset."""

    code: str
    comments: list = field(default_factory=list)  # (offset, text)
    strings: list = field(default_factory=list)  # (offset, text without quotes)


RUST_TOKEN = re.compile(
    r"""(?P<line>//[^\n]*)
      | (?P<block>/\*)
      | (?<!\w)[bc]?r(?P<hashes>\#*)"(?P<raw>.*?)"(?P=hashes)
      | "(?P<string>(?:\\.|[^"\\])*)"
      | '(?P<char>\\u\{[^}]*\}|\\x[0-9a-fA-F]{2}|\\.|[^'\\\n])'""",
    re.DOTALL | re.VERBOSE,
)

TYPESCRIPT_TOKEN = re.compile(
    r"""(?P<line>//[^\n]*)
      | (?P<block>/\*)
      | (?P<template>`)
      | (?:(?<=[(,=:\[!&|?{};])|(?<=return))\s*/(?P<regex>(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])*)/
      | "(?P<string>(?:\\.|[^"\\\n])*)"
      | '(?P<single>(?:\\.|[^'\\\n])*)'""",
    re.DOTALL | re.VERBOSE,
)


def blank(text):
    return re.sub(r"[^\n]", " ", text)


def block_end(text, start):
    """Returns the end of the block comment at `start`. Block comments of Rust can be nested."""
    depth = 0
    for mark in re.compile(r"/\*|\*/").finditer(text, start):
        depth += 1 if mark[0] == "/*" else -1
        if depth == 0:
            return mark.end()
    return len(text)


def template_end(text, start):
    """Returns the end of the template literal at `start`, which may contain others in `${…}`."""
    position, depth = start + 1, 0
    while position < len(text):
        if text[position] == "\\":
            position += 1
        elif text.startswith("${", position):
            depth += 1
            position += 1
        elif text[position] == "}" and depth:
            depth -= 1
        elif text[position] == "`" and not depth:
            return position + 1
        elif text[position] == "`":
            position = template_end(text, position) - 1
        position += 1
    return len(text)


def scan(text, token):
    pieces, scanned, position = [], Scanned(""), 0
    while match := token.search(text, position):
        start, end = match.span()
        groups = match.groupdict()
        if groups["block"]:
            end = block_end(text, start)
        elif groups.get("template"):
            end = template_end(text, start)
        if groups["line"] or groups["block"]:
            scanned.comments.append((start, text[start:end]))
        else:
            content = next((groups[name] for name in ("raw", "string", "single") if groups.get(name) is not None), None)
            if content is not None:
                scanned.strings.append((start, content))
        pieces += [text[position:start], blank(text[start:end])]
        position = end
    scanned.code = "".join([*pieces, text[position:]])
    return scanned


def scan_rust(text):
    return scan(text, RUST_TOKEN)


def scan_typescript(text):
    return scan(text, TYPESCRIPT_TOKEN)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def closing(code, opening):
    """Returns the offset of the bracket that closes the bracket at `opening`, in scanned code."""
    pairs = {"{": "}", "(": ")", "[": "]"}
    opens, closes, depth = code[opening], pairs[code[opening]], 0
    for offset in range(opening, len(code)):
        if code[offset] == opens:
            depth += 1
        elif code[offset] == closes:
            depth -= 1
            if depth == 0:
                return offset
    return len(code) - 1
