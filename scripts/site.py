#!/usr/bin/env python3
"""site.py gather SOURCE   writes the source of the site for mdBook: the pages of the workshop and
                        the other documents. Links to files outside of docs become plain text.
site.py check SITE      checks the links within the built site"""

import html.parser
import pathlib
import re
import shutil
import sys
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^()\s]+)\)")
BOOK = """[book]
title = "Serverlesspresso in Rust: the workshop"
language = "en"
src = "src"

[output.html]
smart-punctuation = false
"""


def title(page):
    return re.search(r"^# (.*)$", page.read_text(), flags=re.MULTILINE).group(1)


def without_code_links(page, text):
    """Returns the text of a page. A link to a file outside of docs becomes plain text."""

    def link(match):
        picture, words, target = match.groups()
        path = target.partition("#")[0]
        if ":" in target or not path or (page.parent / path).resolve().is_relative_to(DOCS):
            return match.group(0)
        return f"{picture}{words}"

    return LINK.sub(link, text)


def summary():
    """Returns the table of contents for mdBook."""
    chapters = {
        "Pages": (DOCS / "workshop").glob("[0-9]-*.md"),
        "Reference": DOCS.glob("*.md"),
        "Evidence": (DOCS / "evidence").glob("*.md"),
        "Decisions": (DOCS / "adr").glob("*.md"),
    }
    lines = ["# Summary", "", "[Serverlesspresso in Rust](README.md)", "", "[The workshop](workshop/README.md)"]
    for name, pages in chapters.items():
        lines += ["", f"# {name}", ""]
        lines += [f"- [{title(page)}]({page.relative_to(DOCS)})" for page in sorted(pages)]
    return "\n".join(lines) + "\n"


def gather(source):
    for page in sorted(DOCS.rglob("*")):
        target = source / "src" / page.relative_to(DOCS)
        if page.is_dir():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        if page.suffix == ".md":
            # mdBook would show the attributes after the language of a fence.
            text = without_code_links(page, page.read_text())
            target.write_text(re.sub(r"^(```\w+) .*$", r"\1", text, flags=re.MULTILINE))
        else:
            shutil.copy(page, target)
    # mdBook copies the first page to the root of the site, where relative links of docs are wrong.
    start = "# Serverlesspresso in Rust\n\n- [The workshop](workshop/index.html): build the bar, page by page\n"
    start += "- [The tour of the architecture](architecture.md): the finished bar\n"
    (source / "src" / "README.md").write_text(start)
    (source / "src" / "SUMMARY.md").write_text(summary())
    (source / "book.toml").write_text(BOOK)


class Page(html.parser.HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.links, self.names = [], set()
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.links += [attributes[name] for name in ("href", "src") if attributes.get(name)]
        self.names.update(attributes[name] for name in ("id", "name") if attributes.get(name))


def broken_links(site, pages):
    """Yields a line for each link whose target or heading does not exist."""
    for path, page in pages.items():
        for link in page.links:
            parts = urllib.parse.urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / urllib.parse.unquote(parts.path)).resolve() if parts.path else path
            if target.is_dir():
                target = target / "index.html"
            if not target.exists():
                yield f"{path.relative_to(site)}: {link} does not exist"
            elif parts.fragment and target in pages and urllib.parse.unquote(parts.fragment) not in pages[target].names:
                yield f"{path.relative_to(site)}: {link} has no such heading"


def check(site):
    site = site.resolve()
    pages = {path: Page(path.read_text()) for path in site.rglob("*.html") if path.name != "404.html"}
    broken = list(broken_links(site, pages))
    print(f"   {len(pages)} pages, {sum(len(page.links) for page in pages.values())} links, {len(broken)} broken")
    for one in broken:
        print(f"error: {one}", file=sys.stderr)
    return 1 if broken else 0


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["gather", source]:
            gather(pathlib.Path(source))
        case ["check", site]:
            sys.exit(check(pathlib.Path(site)))
        case _:
            sys.exit(__doc__)
