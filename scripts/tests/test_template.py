"""Tests the stage, its limits, access logs and web ACL in the template after SAM's transform."""

import json
import unittest
from unittest import mock

import folder  # noqa: F401  finds the modules of scripts/

try:
    import transform
except ImportError:
    transform = None


def transformed(at, **parameters):
    """Returns the resources of the transformed template, at this time and with these parameters."""
    with mock.patch("samtranslator.model.apigateway.time.time", return_value=at):
        return transform.transformed(**parameters)


def of_type(resources, kind):
    return {name: one for name, one in resources.items() if one["Type"] == kind}


@unittest.skipIf(transform is None, "SAM is not installed: make check installs it")
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
