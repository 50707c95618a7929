#!/usr/bin/env python3
"""recording.py SVG COMMAND…   runs a command in a terminal and writes a picture of its output.

The picture is animated: each line appears after the time at which it was printed; a command quicker
than 6 s is slowed down. The text can be selected. The picture follows the reader's light or dark
theme, and shows all lines at once if the reader prefers reduced motion.
"""

import fcntl
import os
import pathlib
import pty
import struct
import subprocess
import sys
import termios
import time
from xml.sax.saxutils import escape

from rich.ansi import AnsiDecoder
from rich.console import Console

COLUMNS, ROWS = 80, 24
# Minimum seconds of the animation: a quicker command is slowed down.
SHOWN = 6
# Seconds before the first line, to read the prompt.
START = 1.2
SIZE, ADVANCE, LINE, MARGIN = 14, 8.45, 21, 18
MOST_BYTES = 60_000
COLORS = ["dim", "red", "green", "yellow", "blue", "magenta", "cyan", "text"]
STYLE = """
svg { color-scheme: light dark; --back: #f6f8fa; --text: #1f2328; --dim: #59636e; --green: #116329; --cyan: #0a5a7a; --red: #a40e26;
  --yellow: #7d4e00; --blue: #0550ae; --magenta: #6639ba }
@media (prefers-color-scheme: dark) { svg { --back: #161b22; --text: #e6edf3; --dim: #9198a1; --green: #56d364; --cyan: #56d4dd;
  --red: #ff7b72; --yellow: #e3b341; --blue: #79c0ff; --magenta: #d2a8ff } }
rect { fill: var(--back) }
text { fill: var(--text); font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre }
g { animation: appear .15s both }
.dim { fill: var(--dim) } .bold { font-weight: 600 }
.green { fill: var(--green) } .cyan { fill: var(--cyan) } .red { fill: var(--red) } .yellow { fill: var(--yellow) }
.blue { fill: var(--blue) } .magenta { fill: var(--magenta) }
@keyframes appear { from { opacity: 0 } }
@media (prefers-reduced-motion: reduce) { g { animation: none } }
"""


def record(command):
    """Runs the command in a terminal. Returns its status and each line with its time in seconds."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
    size = {"COLUMNS": str(COLUMNS), "LINES": str(ROWS), "TERM": "xterm-256color"}
    started, printed, pending = time.monotonic(), [], b""

    def add(line):
        printed.append((time.monotonic() - started, line.rstrip(b"\r").decode(errors="replace")))

    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env={**os.environ, **size})
    os.close(theirs)
    while True:
        try:
            chunk = os.read(ours, 4096)
        except OSError:
            # On Linux a read fails once the command has closed its end of the terminal.
            break
        if not chunk:
            break
        *lines, pending = (pending + chunk).split(b"\n")
        for line in lines:
            add(line)
    if pending:
        add(pending)
    os.close(ours)
    return process.wait(), printed


def spans(line):
    """Yields the parts of a line with ANSI colours, each with the CSS classes of its style."""
    console = Console(color_system="standard", force_terminal=True)
    for text in AnsiDecoder().decode(line):
        for part, style, _ in text.render(console):
            classes = [name for name in ("bold", "dim") if style and getattr(style, name)]
            if style and style.color and style.color.number is not None:
                classes.append(COLORS[style.color.number % len(COLORS)])
            if part.rstrip("\n"):
                yield part.rstrip("\n"), classes


def drawn(number, second, parts):
    """Returns a line of the picture that appears after `second` seconds."""
    text = "".join(f'<tspan class="{" ".join(classes)}">{escape(part)}</tspan>' if classes else escape(part) for part, classes in parts)
    below = MARGIN + SIZE + number * LINE
    return f'<g style="animation-delay:{second:.2f}s"><text x="{MARGIN}" y="{below}" xml:space="preserve">{text}</text></g>'


def picture(command, printed):
    first, last = (printed[0][0], printed[-1][0]) if printed else (0, 0)
    slowed = max(1, SHOWN / (last - first)) if last > first else 1
    lines = [(0.3, [("$ ", ["dim"]), (" ".join(command), ["bold"])])]
    lines += [(START + (second - first) * slowed, list(spans(line))) for second, line in printed]
    texts = ["".join(part for part, _ in parts) for _, parts in lines]
    width = round(2 * MARGIN + ADVANCE * max(map(len, texts)))
    height = 2 * MARGIN + LINE * len(lines)
    described = escape("\n".join(texts))
    body = "\n".join(drawn(number, second, parts) for number, (second, parts) in enumerate(lines))
    return f"""<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img">
<title>{escape(" ".join(command))}</title>
<desc>{described}</desc>
<style>{STYLE}</style>
<rect width="{width}" height="{height}" rx="8"/>
{body}
</svg>
"""


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    target, command = pathlib.Path(sys.argv[1]), sys.argv[2:]
    status, printed = record(command)
    if status:
        print("\n".join(line for _, line in printed), file=sys.stderr)
        sys.exit(f"error: {' '.join(command)} failed with status {status}: nothing is recorded")
    svg = picture(command, printed)
    if len(svg.encode()) > MOST_BYTES:
        sys.exit(f"error: the picture has {len(svg.encode())} bytes, more than {MOST_BYTES}")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(svg)
    print(f"   {len(printed)} lines, {len(svg.encode())} bytes: {target}")


if __name__ == "__main__":
    main()
