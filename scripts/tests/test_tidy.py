"""Tests that each rule of tidy.py reports a violation, and nothing in a correct file."""

import unittest

from folder import tree

import layers
import tidy


def lines(count, line="    let x = 1;"):
    return "\n".join([line] * count)


class Tidy(unittest.TestCase):
    def found(self, rule, files):
        return [(str(file), line, what) for file, line, what in rule(tree(self, files))]

    def assert_found(self, rule, files, place, words):
        found = self.found(rule, files)
        self.assertEqual([one[:2] for one in found], [place], found)
        self.assertIn(words, found[0][2])

    def test_a_function_of_61_lines_is_reported(self):
        for name, head, line, end in [
            ("a.rs", "fn f(bytes: [u8; 4]) -> u8 {", "    let x = '{';", "}"),
            ("a.ts", "export function f(a: { b: string }) {", "  const x = `{${'}'}`;", "}"),
            ("a.tsx", "const f = () => {", "  const x = /[{]/;", "}"),
            ("a.py", "def f():", "    x = 1", "    return x"),
            ("a.sh", "f() {", "  echo", "}"),
        ]:
            with self.subTest(name):
                text = "\n".join([head, lines(59, line), end, ""])
                self.assert_found(tidy.function_lengths, {name: text}, (name, 1), "61 lines")
                text = "\n".join([head, lines(58, line), end, ""])
                self.assertEqual(self.found(tidy.function_lengths, {name: text}), [])

    def test_braces_in_rust_strings_comments_and_characters_do_not_end_a_function(self):
        text = 'fn f<\'a>(x: &\'a str) {\n    // {\n    let s = r#"{"#; let t = "\\"{"; /* { /* { */ */\n}\n' + lines(70, "// x") + "\n"
        self.assertEqual(self.found(tidy.function_lengths, {"a.rs": text}), [])

    def test_a_long_method_in_typescript_is_reported(self):
        text = "class A {\n  async run(a: number): Promise<void> {\n" + lines(60, "    x();") + "\n  }\n}\n"
        self.assert_found(tidy.function_lengths, {"a.ts": text}, ("a.ts", 2), "run has 62 lines")

    def test_a_long_function_in_a_shell_script_without_suffix_is_reported(self):
        text = "#!/usr/bin/env bash\nf() {\n" + lines(60, "  echo") + "\n}\n"
        self.assert_found(tidy.function_lengths, {".ci/run": text}, (".ci/run", 2), "f has 62 lines")

    def test_a_file_of_401_lines_is_reported(self):
        for name in ["a.rs", "a.ts", "a.tsx", "a.sh", "a.py"]:
            self.assert_found(tidy.file_lengths, {name: "x\n" * 401}, (name, 401), "401 lines")
            self.assertEqual(self.found(tidy.file_lengths, {name: "x\n" * 400}), [])

    def test_a_comment_after_column_100_is_reported(self):
        wide = "x" * 100
        for name, text in [
            ("a.rs", f"/// {wide}\nfn f() {{}}\n"),
            ("a.rs", f"fn f() {{}} // {wide}\n"),
            ("a.sh", f"# {wide}\n"),
            ("a.sh", f"echo \"it's\" # {wide}\n"),
            ("a.py", f'"""{wide}"""\n'),
            ("a.yaml", f"a: 1 # {wide}\n"),
            ("a.toml", f"# {wide}\n"),
        ]:
            with self.subTest(text):
                self.assert_found(tidy.comment_widths, {name: text}, (name, 1), "after 100")

    def test_wide_strings_and_links_are_not_reported(self):
        wide = "x" * 100
        for name, text in [
            ("a.rs", f'const A: &str = "// {wide}";\n'),
            ("a.rs", f"/// [`a`]({wide})\n/// https://example.com/{wide}\nfn f() {{}}\n"),
            ("a.yaml", f'a: "# {wide}"\n'),
            ("a.sh", f"echo ${{x#{wide}}}\n"),
            ("a.py", f'a = """\n # {wide}\n"""\n'),
        ]:
            with self.subTest(text):
                self.assertEqual(self.found(tidy.comment_widths, {name: text}), [])

    def test_a_line_of_markdown_with_101_columns_is_reported(self):
        wide = "x" * 101
        for text in [wide, f"```\n{wide}\n```", f"```bash\n{wide}\n```", f"```text\n{wide}\n```\n{wide}"]:
            found = self.found(tidy.markdown_widths, {"a.md": text})
            self.assertEqual(len(found), 1, text)
            self.assertIn("101 columns", found[0][2])

    def test_tables_links_and_output_of_any_width_are_not_reported(self):
        wide = "x" * 101
        for text in [f"| {wide} |", f"[a]({wide})", f"```text\n{wide}\n```", f"```rust file=a.rs\n{wide}\n```"]:
            self.assertEqual(self.found(tidy.markdown_widths, {"a.md": text}), [])

    def test_disabling_a_lint_without_a_reason_or_too_often_is_reported(self):
        self.assert_found(tidy.allows, {"a.rs": "#[allow(clippy::all)]\nfn f() {}\n"}, ("a.rs", 1), "without a reason")
        allow = '#![allow(clippy::all, reason = "it is a test")]\n'
        self.assertEqual(self.found(tidy.allows, {"a.rs": allow * tidy.ALLOWS}), [])
        more = {"a.rs": allow * (tidy.ALLOWS + 1)}
        self.assert_found(tidy.allows, more, ("a.rs", tidy.ALLOWS + 1), "switch a lint off")

    def test_more_than_25_000_lines_of_proofs_are_reported(self):
        files = {"proofs/a.rs": "\n" * 9000, "tools/client/a.rs": "\n" * 5500, "tests/a.rs": "\n" * 10501, "crates/a.rs": "\n"}
        self.assert_found(tidy.proof_lines, files, ("proofs", 1), "25,001 lines")

    def dependency(self, user, used, section="dependencies"):
        files = {
            "Cargo.toml": f'[workspace]\n[workspace.dependencies]\nother = {{ path = "{used}" }}\n',
            f"{user}/Cargo.toml": f'[package]\nname = "a"\n[{section}]\nother.workspace = true\n',
        }
        return self.found(layers.dependencies, files)

    def test_a_dependency_in_the_wrong_direction_is_reported(self):
        for user, used in [
            ("crates/domain", "crates/adapters"),
            ("crates/bootstrap", "crates/adapters"),
            ("crates/adapters", "tools/client"),
            ("functions/sweeper", "functions/config"),
            ("functions/sweeper", "tools/client"),
            ("tools/client", "functions/sweeper"),
            ("tools/client", "tools/workshop"),
            ("tools/workshop", "tools/presso"),
            ("proofs/chaos", "proofs/model"),
            ("proofs/harness", "proofs/chaos"),
            ("proofs/chaos", "tools/presso"),
            ("proofs/chaos", "tools/workshop"),
            ("tests", "tools/presso"),
            ("extensions/metrics", "tools/client"),
        ]:
            for section in [*layers.SECTIONS, "target.'cfg(unix)'.dependencies"]:
                with self.subTest(user=user, used=used, section=section):
                    found = self.dependency(user, used, section)
                    self.assertEqual([one[:2] for one in found], [(f"{user}/Cargo.toml", 4)])
                    self.assertIn(f"{user} may not depend on {used}", found[0][2])

    def test_a_dependency_in_the_right_direction_is_not_reported(self):
        for user, used in [
            ("crates/http-api", "crates/adapters"),
            ("functions/sweeper", "crates/adapters"),
            ("tools/presso", "tools/workshop"),
            ("proofs/chaos", "proofs/harness"),
            ("proofs/model", "functions/sweeper"),
            ("proofs/bench", "proofs/bench/noop"),
            ("tests", "proofs/chaos"),
            ("extensions/metrics", "crates/domain"),
        ]:
            self.assertEqual(self.dependency(user, used), [], (user, used))

    def test_a_wrong_dependency_by_path_is_reported(self):
        files = {"functions/a/Cargo.toml": '[package]\nname = "a"\n[dev-dependencies]\nb = { path = "../b" }\n'}
        self.assert_found(layers.dependencies, files, ("functions/a/Cargo.toml", 4), "may not depend on functions/b")

    def test_a_package_in_an_unknown_folder_is_reported(self):
        for folder in ["crates/client", "utils", "tools/other"]:
            files = {f"{folder}/Cargo.toml": '[package]\nname = "a"\n'}
            self.assert_found(layers.dependencies, files, (f"{folder}/Cargo.toml", 1), "no package belongs")

    def test_a_missing_readme_is_reported(self):
        manifest = '[package]\nname = "a"\n'
        for folder in ["crates/domain", "functions/a", "tools/client", "proofs/a", "extensions/a"]:
            self.assert_found(layers.readmes, {f"{folder}/Cargo.toml": manifest}, (f"{folder}/README.md", 1), "missing")
            self.assertEqual(self.found(layers.readmes, {f"{folder}/Cargo.toml": manifest, f"{folder}/README.md": ""}), [])


if __name__ == "__main__":
    unittest.main()
