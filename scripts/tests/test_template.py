"""Tests the template after SAM's transform, which is run here as CloudFormation runs it."""

import json
import logging
import os
import pathlib
import unittest
from unittest import mock

ROOT = pathlib.Path(__file__).resolve().parents[2]
os.environ.setdefault("AWS_DEFAULT_REGION", "us-east-1")
# It warns of usage metrics that it did not send.
logging.getLogger("samtranslator").setLevel(logging.ERROR)

try:
    from samcli.lib.translate.sam_template_validator import SamTemplateValidator
    from samcli.yamlhelper import yaml_parse
    from samtranslator.parser.parser import Parser
    from samtranslator.translator.translator import Translator
except ImportError:
    Translator = None


def transformed(at, **parameters):
    """Returns the resources of the transformed template, at this time and with these parameters."""
    template = yaml_parse((ROOT / "template.yaml").read_text())
    # As after `sam package`: code and definitions are in S3.
    validator = SamTemplateValidator(template, managed_policy_loader=None, region="us-east-1")
    validator._replace_local_codeuri()
    with mock.patch("samtranslator.model.apigateway.time.time", return_value=at):
        return Translator({}, Parser()).translate(validator.sam_template, parameters)["Resources"]


def of_type(resources, kind):
    return {name: one for name, one in resources.items() if one["Type"] == kind}


@unittest.skipIf(Translator is None, "SAM is not installed: make check installs it")
class Template(unittest.TestCase):
    def test_a_changed_origin_makes_a_new_deployment_of_the_stage(self):
        stages = []
        for at, origin in [(1000, "*"), (2000, "https://bar.example")]:
            resources = transformed(at, CorsOrigin=origin)
            (deployment,) = of_type(resources, "AWS::ApiGateway::Deployment")
            (stage,) = of_type(resources, "AWS::ApiGateway::Stage").values()
            self.assertEqual(stage["Properties"]["DeploymentId"], {"Ref": deployment})
            stages.append(deployment)
        self.assertNotEqual(*stages)

    def test_a_web_acl_is_associated_with_the_stage_if_there_is_one(self):
        resources = transformed(1000)
        (stage,) = of_type(resources, "AWS::ApiGateway::Stage")
        (association,) = of_type(resources, "AWS::WAFv2::WebACLAssociation").values()
        self.assertEqual(association["Condition"], "HasWebAcl")
        self.assertIn(f"/stages/${{{stage}}}", association["Properties"]["ResourceArn"]["Fn::Sub"])

    def test_the_limits_of_a_route_are_settings_of_the_stage(self):
        (stage,) = of_type(transformed(1000), "AWS::ApiGateway::Stage").values()
        limits = {
            (one["ResourcePath"], one["HttpMethod"]): one["ThrottlingRateLimit"]
            for one in stage["Properties"]["MethodSettings"]
        }
        self.assertEqual(limits["/*", "*"], 200)
        self.assertLessEqual(limits["/~1config", "GET"], 50)

    def test_access_logs_are_a_choice_and_show_neither_query_strings_nor_headers(self):
        (stage,) = of_type(transformed(1000), "AWS::ApiGateway::Stage").values()
        condition, setting, otherwise = stage["Properties"]["AccessLogSetting"]["Fn::If"]
        self.assertEqual((condition, otherwise), ("HasAccessLogs", {"Ref": "AWS::NoValue"}))
        members = json.loads(setting["Format"])
        self.assertIn("$context.requestId", members.values())
        for hidden in ("querystring", "header", "path ", "authorizer"):
            self.assertNotIn(hidden, setting["Format"].lower().replace("resourcepath", ""))


if __name__ == "__main__":
    unittest.main()
