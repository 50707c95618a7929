#!/usr/bin/env python3
"""words.py [--list]   counts words of words.txt, and doc comments that begin with a question word.

Reads the texts for people: .rs .md .sh .py .yaml .yml .toml .json, .ci/run and the Makefile, with
the names in the code. --list prints each place, and the word to write instead. Fails if there are
more than 60 places.
"""

import ast
import pathlib
import re
import sys

from sources import Tree, line_of, scan_rust

AT_MOST = 60
LIST = pathlib.Path(__file__).with_name("words.txt")
SUFFIXES = (".rs", ".md", ".sh", ".py", ".yaml", ".yml", ".toml", ".json")
NAMES = ("Makefile", ".ci/run")
# A break between words may be the end of a line, with the mark of a comment on the next one.
BREAK = r"(?:[-_ ]|\s+(?:(?://[/!]?|\#|>)\s*)?)"
# "dead letter" is the term of the field, and a letter can be a character.
FINE_BEFORE = re.compile(rf"(?:dead|case|capital|first|base32|\d){BREAK}*\Z", re.IGNORECASE)
FINE_AFTER = re.compile(r",?\s(?:and|or)?\s?(?:digits|numbers|hyphens)|\slarge\b|\sin\sthe\swrong\scase")
QUESTION = re.compile(r"(?:What|Whether|Who|Where|How)\b")


def read_list(text):
    """Yields each expression with its advice. A word may be a later part of a camel-case name."""
    for line in text.splitlines():
        if line and not line.startswith("#"):
            word, advice = line.split("\t")
            word = word.replace(" ", BREAK)
            yield re.compile(rf"(?:(?<![A-Za-z])(?i:{word})|(?<=[a-z0-9])(?=[A-Z])(?i:{word}))(?![a-z])"), advice


def of_characters(text, match):
    """Returns True if "letter" means a character, or is part of "dead letter"."""
    if match[0][:2].lower() != "le":
        return False
    before = text[max(0, match.start() - 12) : match.start()]
    return bool(FINE_BEFORE.search(before) or FINE_AFTER.match(text, match.end()))


def words_in(text, words):
    for expression, advice in words:
        for match in expression.finditer(text):
            if not of_characters(text, match):
                yield line_of(text, match.start()), f"“{' '.join(match[0].split())}”: {advice}"


def rust_docs(text):
    """Yields the offset and the text of the first line of each doc comment."""
    end = None
    for offset, comment in scan_rust(text).comments:
        mark = re.match(r"//[/!](?!/)\s?|/\*[*!](?!\*)\s*", comment)
        if mark:
            if end is None or text[end:offset].strip() or "\n\n" in text[end:offset].replace(" ", ""):
                yield offset, comment[mark.end() :].lstrip()
            end = offset + len(comment)


def python_docs(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            words = ast.get_docstring(node)
            if words:
                yield node.body[0].lineno, words


def questions_in(file, text):
    """Yields the doc comments that begin with a question word."""
    docs = []
    if file.suffix == ".rs":
        docs = [(line_of(text, offset), words) for offset, words in rust_docs(text)]
    elif file.suffix == ".py":
        docs = python_docs(text)
    for line, words in docs:
        match = QUESTION.match(words)
        if match:
            yield line, f"a doc comment begins with “{match[0]}”: begin with the noun or the verb"


def places(tree, words):
    for file in tree.files:
        if file.suffix in SUFFIXES or str(file) in NAMES:
            text = tree.text(file)
            found = [*words_in(text, words), *questions_in(file, text)]
            yield from ((file, line, what) for line, what in sorted(found))


def main():
    if sys.argv[1:] not in ([], ["--list"]):
        sys.exit(__doc__)
    found = list(places(Tree.of_git(), list(read_list(LIST.read_text()))))
    if "--list" in sys.argv:
        for file, line, what in found:
            print(f"{file}:{line}: {what}")
    print(f"words: {len(found)} (at most {AT_MOST})")
    if len(found) > AT_MOST:
        print("scripts/words.py --list prints the places", file=sys.stderr)
    return 1 if len(found) > AT_MOST else 0


if __name__ == "__main__":
    sys.exit(main())
