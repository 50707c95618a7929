"""Tests the packages of functions, and the template that refers to them."""

import os
import pathlib
import unittest
import zipfile

from folder import tree

import functions

TEMPLATE = """Globals:
  Function:
    CodeUri: .
    Timeout: 30
Resources:
  Validator:
    Type: AWS::Serverless::Function
    Metadata: { BuildMethod: rust-cargolambda, BuildProperties: { Binary: validator } }
    Properties:
      Timeout: 10
  Workflow:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: statemachines/workflow.asl.json
"""


class Functions(unittest.TestCase):
    def test_the_template_refers_to_the_packages(self):
        text = functions.with_packages(TEMPLATE, "/bar")
        self.assertIn("    Properties:\n      CodeUri: validator.zip\n      Timeout: 10\n", text)
        self.assertIn("DefinitionUri: /bar/statemachines/workflow.asl.json\n", text)
        self.assertNotIn("CodeUri: .\n", text)

    def test_the_template_has_no_aliases(self):
        alias = """      AutoPublishAlias: live
      AutoPublishCodeSha256: !Ref Release
      DeploymentPreference: &deployment-preference
        Enabled: !Ref GradualDeployment
        Type: Canary10Percent5Minutes
"""
        text = TEMPLATE.replace("      Timeout: 10\n", f"{alias}      Timeout: 10\n")
        self.assertEqual(functions.with_packages(text, "/bar"), functions.with_packages(TEMPLATE, "/bar"))

    def test_the_template_has_no_budget(self):
        budget = "  Budget:\n    Type: AWS::Budgets::Budget\n    Condition: HasBudget\n"
        text = functions.with_packages(TEMPLATE + budget, "/bar")
        self.assertEqual(text, functions.with_packages(TEMPLATE, "/bar"))

    def test_a_function_in_an_unexpected_layout_is_an_error(self):
        self.assertEqual(functions.functions(TEMPLATE), [("Validator", "validator")])
        with self.assertRaises(SystemExit):
            functions.functions(TEMPLATE.replace("    Metadata", "    DependsOn: Workflow\n    Metadata"))

    def test_a_function_may_have_a_condition(self):
        text = TEMPLATE.replace("    Metadata", "    Condition: HasRealtime\n    Metadata")
        self.assertEqual(functions.functions(text), [("Validator", "validator")])
        self.assertIn("    Properties:\n      CodeUri: validator.zip\n", functions.with_packages(text, "/bar"))

    def test_only_the_resources_and_outputs_of_the_condition_are_removed(self):
        text = """Resources:
  Kept:
    Type: AWS::SQS::Queue
    Properties:
      Condition: HasRealtime

  # Opens sockets.
  Left:
    Type: AWS::SQS::Queue
    Condition: HasRealtime
  Other:
    Type: AWS::SQS::Queue
    Condition: HasPool
Outputs:
  LeftUrl:
    Condition: HasRealtime
    Value: x
"""
        kept = functions.without(text, "HasRealtime")
        self.assertEqual([line for line in kept.splitlines() if line.endswith(":")], [
            "Resources:", "  Kept:", "    Properties:", "  Other:", "Outputs:",
        ])

    def test_a_package_changes_only_with_the_program(self):
        folder = pathlib.Path(tree(self, {"validator": "program", "other": "another"}).root)
        program, package = folder / "validator", folder / "validator.zip"
        functions.stripped = pathlib.Path.read_bytes
        functions.package_one(program, package)
        first = package.read_bytes()
        os.utime(program, ns=(1, 10**18))
        functions.package_one(program, package)
        self.assertEqual(package.read_bytes(), first)
        program.write_text("changed")
        functions.package_one(program, package)
        with zipfile.ZipFile(package) as archive:
            self.assertEqual(archive.read("bootstrap"), b"changed")
            self.assertEqual(archive.getinfo("bootstrap").external_attr >> 16, 0o755)


if __name__ == "__main__":
    unittest.main()
