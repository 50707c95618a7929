"""Writes the questions into docs/first-day-on-aws.md, between its two marks."""

import textwrap

from first_day import answers

BEGIN = "<!-- begin: written by scripts/first_day/document.py from questions.toml -->"
END = "<!-- end -->"
PAGE = "docs/first-day-on-aws.md"
EMULATOR = {
    "answers": "An emulator answers it.",
    "auth": "An emulator that evaluates roles answers it. Otherwise: ",
    "runs": "An emulator runs the commands; the answer needs AWS: ",
    "none": "Needs AWS: ",
}


def wrapped(text, begin=""):
    return textwrap.fill(text, 100, initial_indent=begin, subsequent_indent=" " * len(begin), break_long_words=False, break_on_hyphens=False)


def folded(command):
    """Returns a command on lines of at most 100 columns, which a shell reads as one."""
    return " \\\n".join(textwrap.wrap(command, 98, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False))


def link(place):
    file, _, name = place.partition(": ")
    target = file.removeprefix("docs/") if file.startswith("docs/") else f"../{file}"
    return f"“{name}” in [{file}]({target})"


def section(number, step):
    emulator = EMULATOR[step.emulator] + (f"{step.needs}." if step.needs else "")
    lines = [
        f"### {number}. {step.id}",
        "",
        wrapped(f"{step.question} ({step.source})"),
        "",
        "```",
        *(folded(command) for command in step.commands),
        "```",
        "",
        wrapped(f"Expected: {step.expected}", "- "),
        wrapped(f"Decided: {step.decides}.", "- "),
        wrapped(f"If no: {step.change}. See {', '.join(link(place) for place in step.place)}.", "- "),
        wrapped(emulator, "- "),
    ]
    return "\n".join(lines)


def sections():
    return "\n\n".join(section(number, step) for number, step in enumerate(answers.read(), 1))


def whole(text):
    """Returns the page with the current questions."""
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n\n{sections()}\n\n{END}{after}"


def write(root):
    page = root / PAGE
    page.write_text(whole(page.read_text(encoding="utf-8")), encoding="utf-8")
    return 0
