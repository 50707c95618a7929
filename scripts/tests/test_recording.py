"""Tests the animated picture of a command: text, colours, times, theme and reduced motion."""

import sys
import unittest
import xml.etree.ElementTree as xml

import folder  # noqa: F401

import recording

SVG = "{http://www.w3.org/2000/svg}"
PRINTED = [(0.5, "a <b> & c"), (0.7, "   42 ms  \x1b[36mNewOrder\x1b[39m  \x1b[32mCREATED\x1b[0m")]


class Recording(unittest.TestCase):
    def setUp(self):
        self.svg = recording.picture(["presso", "order"], PRINTED)
        self.root = xml.fromstring(self.svg)

    def test_the_picture_contains_the_printed_text(self):
        lines = ["".join(line.itertext()) for line in self.root.iter(f"{SVG}text")]
        self.assertEqual(lines, ["$ presso order", "a <b> & c", "   42 ms  NewOrder  CREATED"])
        self.assertEqual(self.root.find(f"{SVG}desc").text, "\n".join(lines))

    def test_ansi_colours_become_classes(self):
        colours = {span.text: span.get("class") for span in self.root.iter(f"{SVG}tspan")}
        self.assertEqual((colours["NewOrder"], colours["CREATED"]), ("cyan", "green"))

    def test_each_line_appears_at_its_scaled_time(self):
        delays = [line.get("style") for line in self.root.iter(f"{SVG}g")]
        self.assertEqual(delays, [f"animation-delay:{second:.2f}s" for second in (0.3, 1.2, 1.2 + recording.SHOWN)])

    def test_the_picture_respects_reduced_motion_and_the_dark_theme(self):
        self.assertIn("@media (prefers-reduced-motion: reduce) { g { animation: none } }", self.svg)
        self.assertIn("@media (prefers-color-scheme: dark)", self.svg)

    def test_a_command_runs_in_a_terminal(self):
        status, printed = recording.record([sys.executable, "-c", "import sys; print(sys.stdout.isatty()); print('b')"])
        self.assertEqual((status, [line for _, line in printed]), (0, ["True", "b"]))

    def test_a_terminal_has_the_size_of_the_picture(self):
        _, printed = recording.record([sys.executable, "-c", "import os; print(*os.get_terminal_size(1))"])
        self.assertEqual([line for _, line in printed], [f"{recording.COLUMNS} {recording.ROWS}"])

    def test_a_last_line_without_a_line_feed_and_bytes_that_are_no_text_are_recorded(self):
        _, printed = recording.record([sys.executable, "-c", "import os; os.write(1, b'a\\xffb\\nlast')"])
        self.assertEqual([line for _, line in printed], ["a\ufffdb", "last"])


if __name__ == "__main__":
    unittest.main()
