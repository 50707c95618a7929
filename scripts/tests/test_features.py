"""Tests that features.py finds presso's sources of credentials among the functions' packages."""

import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import features  # noqa: E402


class Shipped(unittest.TestCase):
    def test_a_source_of_credentials_among_the_functions_packages_is_found(self):
        shipped = {"aws-config v1.13.0": {"default-https-client,rt-tokio"}, "serde v1.0.0": {"derive"}}
        self.assertEqual(list(features.of_tools(shipped)), [])
        shipped["aws-config v1.13.0"].add("default-https-client,rt-tokio,sso")
        shipped["aws-sdk-sso v1.119.0"] = {""}
        self.assertEqual(list(features.of_tools(shipped)), ["aws-config/sso", "aws-sdk-sso"])


if __name__ == "__main__":
    unittest.main()
