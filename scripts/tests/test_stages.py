"""Tests the stages of stages.sh: their verdicts, the table, and stages with unchanged inputs."""

import os
import pathlib
import subprocess
import tempfile
import unittest

SCRIPTS = pathlib.Path(__file__).resolve().parents[1]
RUN = f"set -uo pipefail; . {SCRIPTS}/stages.sh; for name in $STAGES; do stage $name; done; report 42 $TESTS"


class Stages(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.tree = self.folder / "tree"
        for name in ["docs", "scripts", "cache", "bin"]:
            (self.tree / name if name in ("docs", "scripts") else self.folder / name).mkdir(parents=True)
        (self.tree / "docs" / "a.md").write_text("a\n")
        (self.tree / "other").write_text("a\n")
        self.made("echo 'test result: ok. 3 passed; 0 failed; 0 ignored'")
        self.git("init", "--quiet")
        self.commit()

    def git(self, *arguments):
        identity = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
        done = subprocess.run(["git", *identity, *arguments], cwd=self.tree, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def commit(self):
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "a")
        return self.git("rev-parse", "--short", "HEAD")

    def made(self, script):
        """Replaces the program make by this script."""
        make = self.folder / "bin" / "make"
        make.write_text(f"#!/usr/bin/env bash\n{script}\n")
        make.chmod(0o755)

    def run_stages(self, stages, tests="1"):
        log = tempfile.mkdtemp(dir=self.folder)
        (pathlib.Path(log) / "all").touch()
        path = f"{self.folder}/bin:{os.environ['PATH']}"
        environment = {**os.environ, "PATH": path, "CACHE": f"{self.folder}/cache", "LOG": log, "STAGES": stages, "TESTS": tests}
        done = subprocess.run(["bash", "-c", RUN], cwd=self.tree, env=environment, capture_output=True, text=True)
        return done.returncode, done.stdout

    def test_the_report_has_a_table_and_the_number_of_tests(self):
        code, out = self.run_stages("check test")
        self.assertEqual(code, 0, out)
        self.assertRegex(out, r"(?m)^stage +minutes +at most +verdict\nmake check +0\.0 +9  ok\nmake test +0\.0 +16  ok\nall stages +0\.0 +42  ok$")
        self.assertTrue(out.endswith("\n6 passed, 0 failed\n"), out)

    def test_a_stage_that_fails_is_reported(self):
        self.made("exit 1")
        code, out = self.run_stages("check", "0")
        self.assertEqual(code, 1)
        self.assertRegex(out, r"(?m)^make check .* FAILED$")
        self.assertRegex(out, r"(?m)^all stages .* 1 FAILED$")
        self.assertTrue(out.endswith("\n0 passed, 1 failed\n"), out)

    def test_the_report_fails_if_a_test_failed_or_too_few_passed(self):
        self.made("echo 'test result: FAILED. 3 passed; 2 failed; 0 ignored'")
        self.assertEqual(self.run_stages("check")[0], 1)
        self.made("true")
        self.assertEqual(self.run_stages("check", "1")[0], 1)
        self.assertEqual(self.run_stages("check", "0")[0], 0)

    def test_a_test_that_passed_the_second_time_has_not_failed(self):
        first = "echo 'test result: FAILED. 3 passed; 1 failed; 0 ignored'"
        second = "echo 'test result: ok. 1 passed; 0 failed; 0 ignored'"
        self.made(f"{first}; {second}; echo 'UNSTEADY: a::b failed once, then passed'")
        code, out = self.run_stages("check")
        self.assertEqual(code, 0, out)
        self.assertTrue(out.endswith("\n4 passed, 0 failed\n"), out)

    def test_a_stage_with_the_same_inputs_is_not_run_again(self):
        passed = self.git("rev-parse", "--short", "HEAD")
        self.assertNotIn("passed at", self.run_stages("site")[1])
        (self.tree / "other").write_text("b\n")
        self.commit()
        self.made("exit 1")
        code, out = self.run_stages("site check", "0")
        self.assertIn(f"#### site of the workshop: passed at {passed}", out)
        self.assertRegex(out, rf"(?m)^site of the workshop .* passed at {passed}$")
        self.assertRegex(out, r"(?m)^make check .* FAILED$")

    def test_a_stage_with_changed_inputs_is_run_again(self):
        self.run_stages("site")
        (self.tree / "docs" / "a.md").write_text("b\n")
        self.assertNotIn("passed at", self.run_stages("site")[1])
        self.commit()
        self.assertNotIn("passed at", self.run_stages("site")[1])
        self.assertIn("passed at", self.run_stages("site")[1])

    def test_a_stage_that_failed_is_run_again(self):
        self.made("exit 1")
        self.run_stages("site")
        self.assertNotIn("passed at", self.run_stages("site")[1])

    def test_an_unknown_stage_is_a_usage_error(self):
        self.assertEqual(self.run_stages("nonsense")[0], 2)


if __name__ == "__main__":
    unittest.main()
