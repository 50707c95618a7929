"""Tests that a row of tests/field.toml passes only if each of its tests exists, runs and passes."""

import pathlib
import sys
import tempfile
import textwrap
import unittest
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import field  # noqa: E402

LIBTEST = """
running 3 tests
test pasted::tests::an_address ... ok
test pasted::tests::a_token ... FAILED
test pasted::tests::a_name ... ignored, not here
"""


def row(*tests):
    return field.Row("pasted values", "an address with blanks", [field.Test.read(test) for test in tests])


class Rows(unittest.TestCase):
    def test_a_row_holds_if_all_its_tests_passed(self):
        one = row("client: pasted::tests::an_address", "presso/credentials: a_credential_process")
        line, holds = one.line(dict.fromkeys(one.tests, "ok"))
        self.assertTrue(holds)
        self.assertRegex(line, r"^field pasted values +ok +2 tests  an address with blanks$")

    def test_a_row_with_a_failed_or_missing_test_or_without_tests_fails(self):
        one = row("client: a", "client: b")
        line, holds = one.line({one.tests[0]: "ok", one.tests[1]: "does not exist, or did not run"})
        self.assertFalse(holds)
        self.assertIn("client: b: does not exist", line)
        self.assertFalse(row().line({})[1])

    def test_a_test_is_named_with_its_package_and_target(self):
        self.assertEqual(str(field.Test.read("end-to-end/suite: claims::a")), "end-to-end/suite: claims::a")
        self.assertEqual(field.Test.read("client: a::b").target, "")
        for text in ["client", "client: ", ": a", "client: a b"]:
            with self.assertRaises(ValueError, msg=text):
                field.Test.read(text)

    def test_the_table_is_read_from_toml(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "field.toml"
            path.write_text('[[row]]\nname = "a"\ntried = "b"\ntests = ["client: c"]\n')
            self.assertEqual([one.name for one in field.read(path)], ["a"])
            self.assertEqual(field.read(path, "z"), [])


class Runs(unittest.TestCase):
    def test_a_result_is_what_the_test_program_printed(self):
        listing = "pasted::tests::an_address: test\npasted::tests::a_token: test\npasted::tests::a_name: test\n"
        with mock.patch.object(field, "execute", side_effect=[listing, LIBTEST]) as execute:
            tests = [field.Test.read(f"client: pasted::tests::{name}") for name in ["an_address", "a_token", "a_name", "gone"]]
            results, _ = field.run_rust(tests, [("program", "folder")])
        self.assertEqual(results["pasted::tests::an_address"], "ok")
        self.assertEqual(results["pasted::tests::a_token"], "FAILED")
        self.assertEqual(results["pasted::tests::a_name"], "ignored")
        self.assertNotIn("gone", results)
        self.assertNotIn("gone", execute.call_args.args[2])

    def test_the_suite_gets_one_filter_at_a_time(self):
        listing = "a::b: test\na::c: test\n"
        with mock.patch.object(field, "execute", side_effect=[listing, "test a::b ... ok\n", "test a::c ... ok\n"]) as execute:
            tests = [field.Test.read(f"end-to-end/suite: a::{name}") for name in "bc"]
            self.assertEqual(len(field.run_rust(tests, [("program", "folder")])[0]), 2)
        self.assertEqual([call.args[2] for call in execute.call_args_list[1:]], [["--exact", "a::b"], ["--exact", "a::c"]])

    def test_a_test_that_is_not_in_the_sources_is_found_without_running_it(self):
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "lib.rs").write_text(textwrap.dedent("""
                #[test]
                fn an_address() {}
            """))
            folders = {"client": pathlib.Path(folder)}
            self.assertTrue(field.is_in_sources(field.Test.read("client: tests::an_address"), folders))
            self.assertFalse(field.is_in_sources(field.Test.read("client: tests::an_addr"), folders))
            self.assertFalse(field.is_in_sources(field.Test.read("nobody: tests::an_address"), folders))
        own = "test_field.Runs.test_the_suite_gets_one_filter_at_a_time"
        self.assertTrue(field.is_in_sources(field.Test.read(f"scripts: {own}"), {}))
        self.assertFalse(field.is_in_sources(field.Test.read("scripts: test_field.Runs.test_gone"), {}))


if __name__ == "__main__":
    unittest.main()
