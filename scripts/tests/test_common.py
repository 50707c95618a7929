"""Tests common.sh: target folder of Cargo, region, and addresses that are not sent to a proxy."""

import http.server
import os
import pathlib
import shutil
import subprocess
import tempfile
import threading
import unittest
import urllib.request
from unittest import mock

ROOT = pathlib.Path(__file__).resolve().parents[2]
CARGO = ("CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR", "CARGO_BUILD_TARGET", "TARGET_DIR", "TARGET_DIR_FOR")
PROXIES = ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY")


def sourced(script, shell="bash", **variables):
    """Returns the output of `script`, with these variables and no others of Cargo or proxies."""
    kept = {name: value for name, value in os.environ.items() if name not in CARGO + PROXIES}
    command = [shell, "-c", f"set -eu; {script}"]
    done = subprocess.run(command, cwd=ROOT, env={**kept, **variables}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def common(script, **variables):
    return sourced(f". scripts/common.sh; {script}", **variables)


@unittest.skipIf(shutil.which("cargo") is None, "Cargo is not installed")
class TargetDirectory(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name).resolve()

    def asked(self, **variables):
        return common('echo "$TARGET_DIR"', **variables)

    def test_cargos_variables_name_the_target_folder(self):
        for name in ["CARGO_TARGET_DIR", "CARGO_BUILD_TARGET_DIR"]:
            self.assertEqual(self.asked(**{name: f"{self.folder}/elsewhere"}), f"{self.folder}/elsewhere", name)

    def test_a_relative_target_folder_is_in_the_repository(self):
        self.assertEqual(self.asked(CARGO_TARGET_DIR="elsewhere"), str(ROOT / "elsewhere"))

    def test_cargos_configuration_names_the_target_folder(self):
        (self.folder / "config.toml").write_text(f'[build]\ntarget-dir = "{self.folder}/configured"\n')
        # CARGO_HOME does not change where rustup has its toolchains.
        self.assertEqual(self.asked(CARGO_HOME=str(self.folder)), f"{self.folder}/configured")

    def test_the_default_target_folder_is_that_of_cargo(self):
        asked = ["cargo", "metadata", "--format-version", "1", "--no-deps"]
        kept = {name: value for name, value in os.environ.items() if name not in CARGO}
        metadata = subprocess.run(asked, cwd=ROOT, env=kept, check=True, capture_output=True, text=True).stdout
        self.assertIn(f'"target_directory":"{self.asked()}"', metadata)

    def test_cargo_is_asked_once_and_again_if_the_environment_changes(self):
        cargo = self.folder / "cargo"
        cargo.write_text(f'#!/bin/sh\necho asked >>{self.folder}/log\necho \'{{"target_directory":"/t"}}\'\n')
        cargo.chmod(0o755)
        # common.sh puts the tools before the rest of the path.
        tools = ROOT / ".local" / "venv" / "bin" / "cargo"
        self.assertFalse(tools.exists(), "the Python tools contain a cargo, which hides that of the test")
        script = 'PATH="$FOLDER:$PATH"; cargo() { "$FOLDER/cargo" "$@"; }; export -f cargo; '
        script += ". scripts/common.sh; bash -c '. scripts/common.sh'; CARGO_TARGET_DIR=/u bash -c '. scripts/common.sh'"
        sourced(script, FOLDER=str(self.folder))
        self.assertEqual((self.folder / "log").read_text(), "asked\nasked\n")

    def test_cargo_build_target_is_unset(self):
        self.assertEqual(common('echo "${CARGO_BUILD_TARGET:-none}"', CARGO_BUILD_TARGET="aarch64-unknown-linux-gnu"), "none")

    def test_no_script_assumes_a_target_folder(self):
        for path in [*ROOT.glob("scripts/*.sh"), *ROOT.glob("scripts/*.py")]:
            for number, line in enumerate(path.read_text().splitlines(), 1):
                code = line.partition("#")[0] if path.suffix == ".sh" else line
                self.assertNotRegex(code, r"CARGO_TARGET_DIR:-target|\$ROOT/target/|[\"' ]target/debug", f"{path.name}:{number}")


class Region(unittest.TestCase):
    def test_the_region_is_exported_under_the_name_that_boto3_reads(self):
        asked = 'echo "${AWS_DEFAULT_REGION:-none}"'
        self.assertEqual(common(asked, AWS_REGION="eu-central-1", AWS_DEFAULT_REGION="us-east-1"), "eu-central-1")
        self.assertEqual(common(asked, AWS_REGION="", AWS_DEFAULT_REGION="us-east-1"), "us-east-1")


class Proxies(unittest.TestCase):
    def listed(self, **variables):
        both = common('printf "%s\\n" "$NO_PROXY" "$no_proxy"', **variables).splitlines()
        self.assertEqual(both[0], both[1])
        return both[0]

    def test_addresses_of_this_machine_are_added_to_no_proxy(self):
        for variables in [{}, {"NO_PROXY": "intranet.example"}, {"no_proxy": "intranet.example"}, {"NO_PROXY": "127.0.0.1"}]:
            with mock.patch.dict(os.environ, {"no_proxy": self.listed(**variables), "http_proxy": "http://proxy:1"}):
                for host in ["localhost", "localhost:4566", "127.0.0.1:4566", "[::1]:4566", "api.localhost.localstack.cloud:4566"]:
                    self.assertTrue(urllib.request.proxy_bypass(host), host)
                self.assertFalse(urllib.request.proxy_bypass("sqs.eu-west-1.amazonaws.com"))
                self.assertEqual(bool(urllib.request.proxy_bypass("intranet.example")), "intranet.example" in str(variables))

    def test_the_list_does_not_grow_and_a_wildcard_stays(self):
        once = self.listed()
        self.assertEqual(self.listed(NO_PROXY=once), once)
        self.assertEqual(self.listed(NO_PROXY="*"), "*")

    def test_each_installed_shell_runs_the_proxy_lines_of_the_environment_file(self):
        lines = common('printf "%s" "$NO_PROXY_LINES"')
        for shell in filter(shutil.which, ["sh", "bash", "dash", "zsh"]):
            found = sourced(f'set +u; {lines}\nprintf "%s" "$no_proxy"', shell=shell, NO_PROXY="intranet.example")
            self.assertTrue(found.startswith("intranet.example,localhost,127.0.0.1,"), f"{shell}: {found}")
        self.assertIn("$NO_PROXY_LINES", (ROOT / "scripts" / "up.sh").read_text())

    def test_answers_reaches_this_machine_although_a_proxy_is_set(self):
        server = http.server.HTTPServer(("127.0.0.1", 0), http.server.SimpleHTTPRequestHandler)
        self.addCleanup(server.server_close)
        with mock.patch.object(server.RequestHandlerClass, "log_message"):
            threading.Thread(target=server.handle_request, daemon=True).start()
            dead = "http://127.0.0.1:9"
            script = f"answers http://127.0.0.1:{server.server_port}/ && echo reached"
            self.assertEqual(common(script, http_proxy=dead, HTTP_PROXY=dead, all_proxy=dead), "reached")


if __name__ == "__main__":
    unittest.main()
