"""Tests how bills of materials are compared with what Cargo links."""

import unittest

import folder  # noqa: F401, makes the scripts importable

import sbom

TREE = """validator v0.1.0 (/bar/functions/validator)
serde v1.0.229
adapters v0.1.0 (/bar/crates/adapters)
serde v1.0.229 (*)
"""


class Sbom(unittest.TestCase):
    def test_the_crates_of_a_tree_are_read_once(self):
        expected = {("validator", "0.1.0"), ("serde", "1.0.229"), ("adapters", "0.1.0")}
        self.assertEqual(sbom.crates(TREE), expected)

    def test_a_bill_names_its_subject_and_its_components(self):
        bill = {
            "metadata": {"component": {"name": "validator", "version": "0.1.0"}},
            "components": [{"name": "serde", "version": "1.0.229"}],
        }
        self.assertEqual(sbom.crates(TREE) - sbom.named(bill), {("adapters", "0.1.0")})
        self.assertEqual(sbom.named({}), set())


if __name__ == "__main__":
    unittest.main()
