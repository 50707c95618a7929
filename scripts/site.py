#!/usr/bin/env python3
"""site.py gather SOURCE   what mdBook makes the workshop's site of: its pages and the other documents, without links to the code
site.py check SITE       whether each link of the site leads somewhere"""

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


def inside(page, text):
    """The text with links that lead out of the documents, to code, as words alone."""

    def link(match):
        picture, words, target = match.groups()
        path = target.partition("#")[0]
        if ":" in target or not path or (page.parent / path).resolve().is_relative_to(DOCS):
            return match.group(0)
        return f"{picture}{words}"

    return LINK.sub(link, text)


def gather(source):
    for page in sorted(DOCS.rglob("*")):
        target = source / "src" / page.relative_to(DOCS)
        if page.is_dir():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        if page.suffix == ".md":
            # mdBook makes index.html of a README; a fence's words after its language are not for it.
            text = re.sub(r"^(```\w+) .*$", r"\1", inside(page, page.read_text()), flags=re.MULTILINE)
            target.write_text(text)
        else:
            shutil.copy(page, target)
    pages = sorted((DOCS / "workshop").glob("[0-9]-*.md"))
    others = sorted(DOCS.glob("*.md"))
    evidence = sorted((DOCS / "evidence").glob("*.md"))
    decisions = sorted((DOCS / "adr").glob("*.md"))
    # mdBook's first page is also the site's own, at the top: it must not be one whose links start elsewhere.
    start = "# Serverlesspresso in Rust\n\n- [The workshop](workshop/index.html): build the bar, piece by piece\n"
    start += "- [The tour of the architecture](architecture.md): the bar as it is\n"
    (source / "src" / "README.md").write_text(start)
    lines = ["# Summary", "", "[Serverlesspresso in Rust](README.md)", "", "[The workshop](workshop/README.md)", "", "# Pages", ""]
    lines += [f"- [{title(page)}]({page.relative_to(DOCS)})" for page in pages]
    lines += ["", "# To look up", ""]
    lines += [f"- [{title(page)}]({page.relative_to(DOCS)})" for page in others]
    lines += ["", "# Evidence", ""]
    lines += [f"- [{title(page)}]({page.relative_to(DOCS)})" for page in evidence]
    lines += ["", "# Decisions", ""]
    lines += [f"- [{title(page)}]({page.relative_to(DOCS)})" for page in decisions]
    (source / "src" / "SUMMARY.md").write_text("\n".join(lines) + "\n")
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


def check(site):
    pages = {path.resolve(): Page(path.read_text()) for path in site.rglob("*.html") if path.name != "404.html"}
    broken, count = [], 0
    for path, page in pages.items():
        for link in page.links:
            parts = urllib.parse.urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            count += 1
            target = (path.parent / urllib.parse.unquote(parts.path)).resolve() if parts.path else path
            if target.is_dir():
                target = target / "index.html"
            if not target.exists():
                broken.append(f"{path.relative_to(site.resolve())}: {link} leads nowhere")
            elif parts.fragment and target in pages and urllib.parse.unquote(parts.fragment) not in pages[target].names:
                broken.append(f"{path.relative_to(site.resolve())}: {link} has no such heading")
    print(f"   {len(pages)} pages, {count} links, {len(broken)} broken")
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
