#!/usr/bin/env python3
"""tidy.py   checks lengths, widths, dependencies and READMEs, and prints one line per finding.

  functions     at most 60 lines with signature and last brace: .rs .ts .tsx .py and shell
  files         at most 400 lines: .rs .ts .tsx .sh .py and other shell scripts
  widths        lines with a comment and lines of Markdown have at most 100 columns. Tables, fences
                with output (```text) and with excerpts (file=…) may be wider; targets of links do
                not count
  dependencies  each folder depends only on the folders that layers.py allows
  READMEs       each crate, function, tool, proof and extension has a README.md
  allow         at most 45 attributes disable a lint, each with a reason
  proofs        at most 25,000 lines of Rust in proofs, tools/client and tests together
"""

import ast
import io
import re
import sys
import tokenize

import layers
from sources import Tree, closing, line_of, scan_rust, scan_typescript

FUNCTION_LINES = 60
FILE_LINES = 400
COLUMNS = 100
# The number at commit 4be55f2. Lower it when attributes are removed.
ALLOWS = 45
PROOF_LINES = 25_000
PROOFS = ("proofs/", "tools/client/", "tests/")


def too_long(tree, file, name, start, end):
    lines = end - start + 1
    if lines > FUNCTION_LINES:
        yield file, start, f"{name} has {lines} lines, more than {FUNCTION_LINES}: split it"


def rust_functions(text):
    code = scan_rust(text).code
    for match in re.finditer(r"\bfn\s+(\w+)", code):
        body = re.compile(r"[{;]").search(code, signature_end(code, match.end()))
        if body and body[0] == "{":
            yield match[1], line_of(code, match.start()), line_of(code, closing(code, body.start()))


def signature_end(code, after_name):
    """Returns the end of the parameters. A `;` within them, as in `[u8; 4]`, does not end them."""
    opening = code.find("(", after_name)
    return closing(code, opening) if opening >= 0 else after_name


def typescript_functions(text):
    code = scan_typescript(text).code
    for match in re.finditer(r"=>\s*\{", code):
        yield "an arrow function", line_of(code, match.start()), line_of(code, closing(code, match.end() - 1))
    for match in re.finditer(r"\bfunction\b\s*\*?\s*(\w*)[^(]*\(|^[ \t]+(?:\w+[ \t]+)*#?(\w+)\(", code, re.MULTILINE):
        if match[2] in {"if", "for", "while", "switch", "catch", "with"}:
            continue
        end = closing(code, match.end() - 1)
        body = re.compile(r"\)\s*(?::[^;{}=]*)?\{").match(code, end)
        if body:
            name = match[1] or match[2] or "a function"
            yield name, line_of(code, match.start()), line_of(code, closing(code, body.end() - 1))


def python_functions(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node.lineno, node.end_lineno


def shell_functions(text):
    lines = text.splitlines()
    for start, line in enumerate(lines):
        match = re.match(r"(\s*)(?:function\s+)?([\w-]+)\s*\(\)\s*[{(]\s*$", line)
        if match:
            ends = (end for end in range(start, len(lines)) if re.match(match[1] + r"[})]", lines[end]))
            yield match[2], start + 1, next(ends, len(lines) - 1) + 1


def function_lengths(tree):
    """Rule `functions`: yields functions that are too long."""
    kinds = [
        (tree.with_suffix(".rs"), rust_functions),
        (tree.with_suffix(".ts", ".tsx"), typescript_functions),
        (tree.with_suffix(".py"), python_functions),
        (tree.shell_scripts(), shell_functions),
    ]
    for files, functions in kinds:
        for file in files:
            for name, start, end in functions(tree.text(file)):
                yield from too_long(tree, file, name, start, end)


def file_lengths(tree):
    """Rule `files`: yields files that are too long."""
    for file in sorted({*tree.with_suffix(".rs", ".ts", ".tsx", ".py"), *tree.shell_scripts()}):
        lines = len(tree.text(file).splitlines())
        if lines > FILE_LINES:
            yield file, FILE_LINES + 1, f"the file has {lines} lines, more than {FILE_LINES}: split it"


def columns(line):
    """Returns the width of a line without URLs and targets of links, which cannot be wrapped."""
    return len(re.sub(r"https?://[^\s)>\]]+|(?<=\])\([^()\s]+\)|^\s*(//[/!]\s*)?\[[^\]]+\]:\s.*$", "", line.rstrip()))


def commented_lines(tree, file):
    """Yields the numbers, from 1, of the lines that contain a comment."""
    text = tree.text(file)
    if file.suffix in {".rs", ".ts", ".tsx"}:
        scanned = scan_rust(text) if file.suffix == ".rs" else scan_typescript(text)
        for offset, comment in scanned.comments:
            first = line_of(text, offset)
            yield from range(first, first + comment.count("\n") + 1)
        return
    if file.suffix == ".py":
        tokens = tokenize.generate_tokens(io.StringIO(text).readline)
        yield from (token.start[0] for token in tokens if token.type == tokenize.COMMENT)
        yield from docstring_lines(text)
        return
    for number, line in enumerate(text.splitlines(), 1):
        # A `#` between quotes belongs to a string.
        if re.match(r"""(?:[^#'"]|'[^']*'|"(?:\\.|[^"\\])*"|(?<=\S)#)*(?:^|(?<=\s))\#""", line):
            yield number


def docstring_lines(text):
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)) and ast.get_docstring(node):
            yield from range(node.body[0].lineno, node.body[0].end_lineno + 1)


def comment_widths(tree):
    """Rule `widths`: yields comments that are too wide."""
    suffixes = (".rs", ".ts", ".tsx", ".py", ".yaml", ".yml", ".toml")
    for file in sorted({*tree.with_suffix(*suffixes), *tree.shell_scripts()}):
        lines = tree.text(file).splitlines()
        for number in sorted(set(commented_lines(tree, file))):
            width = columns(lines[number - 1])
            if width > COLUMNS:
                yield file, number, f"a comment ends at column {width}, after {COLUMNS}: wrap it"


def prose_lines(text):
    """Yields the lines of a Markdown document, without tables and fences that may be wider."""
    fence, any_width = None, False
    for number, line in enumerate(text.splitlines(), 1):
        mark = re.match(r"\s*(?:>\s*)*(```+|~~~+)(.*)", line)
        if mark and fence is None:
            fence, words = mark[1], mark[2].split()
            any_width = bool(words) and (words[0] == "text" or any(word.startswith("file=") for word in words))
        elif mark and mark[1].startswith(fence) and not mark[2].strip():
            fence, any_width = None, False
        elif not any_width and (fence or not re.match(r"\s*(?:>\s*)*\|", line)):
            yield number, line


def markdown_widths(tree):
    """Rule `widths`: yields lines of Markdown that are too wide."""
    for file in tree.with_suffix(".md"):
        for number, line in prose_lines(tree.text(file)):
            width = columns(line)
            if width > COLUMNS:
                yield file, number, f"the line has {width} columns, more than {COLUMNS}: wrap it, or mark output as ```text"


def allows(tree):
    """Rule `allow`: yields attributes without a reason, and one finding if there are too many."""
    found = []
    for file in tree.with_suffix(".rs"):
        text = tree.text(file)
        code = scan_rust(text).code
        for match in re.finditer(r"#!?\[(?:allow|expect)\(", code):
            found.append((file, line_of(code, match.start())))
            if not re.search(r"\breason\s*=", code[match.start() : closing(code, code.index("[", match.start()))]):
                yield *found[-1], "a lint is switched off without a reason: fix the code, or add reason = \"…\""
    if len(found) > ALLOWS:
        yield *found[-1], f"{len(found)} attributes switch a lint off, more than {ALLOWS}: fix the code instead"


def proof_lines(tree):
    """Rule `proofs`: yields a finding if the proofs have too many lines."""
    files = [file for file in tree.with_suffix(".rs") if str(file).startswith(PROOFS)]
    lines = sum(len(tree.text(file).splitlines()) for file in files)
    if lines > PROOF_LINES:
        yield "proofs", 1, f"{lines:,} lines of Rust in {', '.join(PROOFS)}, more than {PROOF_LINES:,}: remove repetitions"


RULES = [
    function_lengths,
    file_lengths,
    comment_widths,
    markdown_widths,
    layers.dependencies,
    layers.readmes,
    allows,
    proof_lines,
]


def findings(tree):
    return [finding for rule in RULES for finding in rule(tree)]


def main():
    if sys.argv[1:]:
        sys.exit(__doc__)
    tree = Tree.of_git()
    found = findings(tree)
    for file, line, what in found:
        print(f"{file}:{line}: {what}")
    print(f"tidy: {len(tree.files)} files, {len(found)} findings")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
