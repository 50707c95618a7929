"""Tests that time_demo.py measures the longest time without output, and detects failures."""

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
    def test_silence_is_measured_before_between_and_after_lines(self):
        for script in ("sleep 0.4; echo a", "echo a; sleep 0.4; echo b", "echo a; sleep 0.4"):
            code, _, silence = measured(script)
            self.assertEqual(code, 0)
            self.assertTrue(0.4 <= silence < 2, silence)

    def test_an_unfinished_line_does_not_end_the_silence(self):
        _, lines, silence = measured("printf a; sleep 0.4; echo b")
        self.assertEqual(lines, ["ab"])
        self.assertGreaterEqual(silence, 0.4)

    def test_stderr_counts_as_output_and_the_exit_code_is_returned(self):
        self.assertEqual(measured("echo a >&2; exit 3")[:2], (3, ["a"]))


class Environment(unittest.TestCase):
    def test_variables_of_this_folder_are_not_passed_to_the_clone(self):
        foreign = {"CARGO_TARGET_DIR": "/t", "AWS_ENDPOINT_URL": "u", "PRESSO": "p", "STACK": "s", "MAKEFLAGS": "w"}
        with unittest.mock.patch.dict(os.environ, foreign):
            variables = time_demo.environment()
        self.assertFalse(set(foreign) & set(variables))
        self.assertNotEqual(variables["PORT"], os.environ.get("PORT"))


if __name__ == "__main__":
    unittest.main()
