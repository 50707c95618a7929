"""make time-demo finds silence wherever it is, and a demo that fails."""

import contextlib
import io
import os
import unittest
import unittest.mock

import folder  # noqa: F401

import time_demo


def measured(script):
    with contextlib.redirect_stdout(io.StringIO()):
        code, lines, end = time_demo.measure(["bash", "-c", script], "/", dict(os.environ))
    return code, [text for _, text in lines], time_demo.longest_silence(lines, end)[0]


class Silence(unittest.TestCase):
    def test_it_is_found_before_between_and_after_lines(self):
        for script in ("sleep 0.4; echo a", "echo a; sleep 0.4; echo b", "echo a; sleep 0.4"):
            code, _, silence = measured(script)
            self.assertEqual(code, 0)
            self.assertTrue(0.4 <= silence < 2, silence)

    def test_an_unfinished_line_is_silence(self):
        _, lines, silence = measured("printf a; sleep 0.4; echo b")
        self.assertEqual(lines, ["ab"])
        self.assertGreaterEqual(silence, 0.4)

    def test_errors_are_lines_and_failures_are_reported(self):
        self.assertEqual(measured("echo a >&2; exit 3")[:2], (3, ["a"]))


class Environment(unittest.TestCase):
    def test_the_clone_gets_nothing_of_this_folder(self):
        foreign = {"CARGO_TARGET_DIR": "/t", "AWS_ENDPOINT_URL": "u", "PRESSO": "p", "STACK": "s", "MAKEFLAGS": "w"}
        with unittest.mock.patch.dict(os.environ, foreign):
            variables = time_demo.environment()
        self.assertFalse(set(foreign) & set(variables))
        self.assertNotEqual(variables["PORT"], os.environ.get("PORT"))


if __name__ == "__main__":
    unittest.main()
