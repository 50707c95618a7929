#!/usr/bin/env python3
"""links.py   checks the links of the documents: the linked file exists and has the linked heading.
If the text of a link is code, as in [`apply`](../crates/domain/src/projection.rs), the file
contains that code (of a path such as `claim::apply`, its last part), or the link does."""

import re
import sys

from sources import ROOT, Tree

LINK = re.compile(r"(?<!!)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^()\s]+)\)|!\[[^\]]*\]\(([^()\s]+)\)")
NAME = re.compile(r"`([^`]+)`")


def documents():
    return [ROOT / file for file in Tree.of_git().with_suffix(".md")]


def without_code(text):
    return re.sub(r"^ *```.*?^ *```", "", text, flags=re.DOTALL | re.MULTILINE)


def anchors(path):
    """Returns the anchors that GitHub gives the headings of a document."""
    headings = re.findall(r"^#+ +(.*)$", without_code(path.read_text()), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken_links(document):
    for words, link, picture in LINK.findall(without_code(document.read_text())):
        target, _, anchor = (link or picture).partition("#")
        if ":" in target:
            continue
        path = (document.parent / target).resolve() if target else document
        if not path.exists():
            yield f"{link or picture} does not exist"
        elif anchor and path.suffix == ".md" and anchor not in anchors(path):
            yield f"{link} has no such heading"
        elif path.is_file() and path.suffix not in {".md", ".png"}:
            text = path.read_text()
            for name in NAME.findall(words):
                if name.split("::")[-1] not in text and name not in target:
                    yield f"{name} is not in {target}"


def main():
    found = [f"{document.relative_to(ROOT)}: {what}" for document in documents() for what in broken_links(document)]
    for line in found:
        print(line, file=sys.stderr)
    sys.exit(bool(found))


main()
