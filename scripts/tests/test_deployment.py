"""Tests the transformed template (aliases, gradual deployment, kept resources, options), and the
environments of samconfig.toml."""

import json
import pathlib
import subprocess
import unittest

import folder  # noqa: F401  finds the modules of scripts/
from deployment import parameters, settings
from test_template import of_type, transform, transformed

ROOT = pathlib.Path(__file__).resolve().parents[2]

# The functions that only the API calls.
ALIASED = {"Validator", "OrderManager", "Config", "Displays", "Screens"}


def made(**parameters):
    return transformed(1000, **parameters)


def aliases(resources):
    found = of_type(resources, "AWS::Lambda::Alias")
    return {one["Properties"]["FunctionName"]["Ref"]: (name, one) for name, one in found.items()}


def integrations(resources):
    """Yields each operation of the API, which contains its integration with a function, as JSON."""
    (api,) = of_type(resources, "AWS::ApiGateway::RestApi").values()
    for methods in api["Properties"]["Body"]["paths"].values():
        for method, operation in methods.items():
            if method != "options":
                yield json.dumps(operation)


@unittest.skipIf(transform is None, "SAM is not installed: make check installs it")
class Deployment(unittest.TestCase):
    def test_a_gradual_deployment_shifts_each_alias_and_goes_back_on_alarms(self):
        resources = made(GradualDeployment="true")
        groups = of_type(resources, "AWS::CodeDeploy::DeploymentGroup")
        self.assertEqual(set(groups), {f"{name}DeploymentGroup" for name in ALIASED})
        for group in groups.values():
            self.assertIn("DEPLOYMENT_STOP_ON_ALARM", group["Properties"]["AutoRollbackConfiguration"]["Events"])
            alarms = json.dumps(group["Properties"]["AlarmConfiguration"])
            self.assertIn("ApiErrorsAlarm", alarms)
            self.assertIn("ExecutionsFailedAlarm", alarms)
            self.assertEqual(group["Properties"]["ServiceRoleArn"], {"Fn::GetAtt": ["DeploymentRole", "Arn"]})
        for name, (_, alias) in aliases(resources).items():
            policy = alias["UpdatePolicy"]["CodeDeployLambdaAliasUpdate"]
            self.assertEqual(policy["DeploymentGroupName"], {"Ref": f"{name}DeploymentGroup"})

    def test_a_deployment_at_once_has_nothing_of_codedeploy(self):
        gradual, at_once = made(GradualDeployment="true"), made(GradualDeployment="false")
        for name, (_, alias) in aliases(at_once).items():
            self.assertNotIn("UpdatePolicy", alias, name)
        self.assertFalse([one for one in at_once.values() if one["Type"].startswith("AWS::CodeDeploy")])
        left = {name for name, one in gradual.items() if not one["Type"].startswith("AWS::CodeDeploy")}
        self.assertEqual(left, set(at_once))
        self.assertEqual(at_once, made())

    def test_each_route_calls_an_alias_or_live_and_a_function_with_an_alias_has_no_permission_itself(self):
        for setting in ["true", "false"]:
            resources = made(GradualDeployment=setting)
            found = aliases(resources)
            self.assertEqual(set(found), ALIASED)
            for integration in integrations(resources):
                called = [f"${{{alias}}}" for alias, _ in found.values()] + ["${Live.Arn}"]
                self.assertEqual(sum(target in integration for target in called), 1, integration)
            permissions = of_type(resources, "AWS::Lambda::Permission").values()
            named = {json.dumps(one["Properties"]["FunctionName"]) for one in permissions}
            for function, (alias, _) in found.items():
                self.assertIn(json.dumps({"Ref": alias}), named)
                self.assertNotIn(json.dumps({"Ref": function}), named)

    def test_only_a_new_release_makes_a_new_version(self):
        versions = [
            set(of_type(made(**parameters), "AWS::Lambda::Version"))
            for parameters in [{"Release": "a"}, {"Release": "a", "CorsOrigin": "https://bar.example"}, {"Release": "b"}]
        ]
        self.assertEqual(len(versions[0]), len(ALIASED))
        self.assertEqual(versions[0], versions[1])
        self.assertFalse(versions[0] & versions[2])

    def test_the_release_of_each_deployment_of_a_commit_makes_versions(self):
        versions = []
        for seconds in [1_800_000_000, 1_800_000_001]:
            clock = f'date() {{ echo {seconds}; }}'
            printed = subprocess.run(
                ["bash", "-c", f". {ROOT}/scripts/common.sh; {clock}; release"], capture_output=True, text=True, check=True
            )
            name = printed.stdout.strip()
            self.assertRegex(name, "^[A-Za-z0-9]{11,64}$")
            versions.append(set(of_type(made(Release=name), "AWS::Lambda::Version")))
        self.assertEqual(len(versions[0]), len(ALIASED))
        self.assertFalse(versions[0] & versions[1])

    def test_a_permissions_boundary_bounds_every_role(self):
        for setting in ["true", "false"]:
            for name, role in of_type(made(GradualDeployment=setting), "AWS::IAM::Role").items():
                boundary = role["Properties"].get("PermissionsBoundary", {})
                self.assertEqual(boundary.get("Fn::If", [""])[0], "HasBoundary", name)

    def test_the_pool_is_kept_with_its_groups_and_clients_and_the_tables_are_kept(self):
        resources = made()
        kinds = ["UserPool", "UserPoolClient", "UserPoolGroup"]
        kept = [name for kind in kinds for name in of_type(resources, f"AWS::Cognito::{kind}")]
        for name in [*kept, "OrdersTable", "ShopTable"]:
            self.assertEqual(resources[name]["DeletionPolicy"], "RetainExceptOnCreate", name)
            self.assertEqual(resources[name]["UpdateReplacePolicy"], "Retain", name)
        self.assertEqual(len(kept), 5)

    def test_deletion_protection_covers_what_is_kept(self):
        resources = made()
        for name in ["OrdersTable", "ShopTable"]:
            protected = resources[name]["Properties"]["DeletionProtectionEnabled"]
            self.assertEqual(protected, {"Fn::If": ["RefusesDeletion", True, False]}, name)
        protected = resources["UserPool"]["Properties"]["DeletionProtection"]
        self.assertEqual(protected, {"Fn::If": ["RefusesDeletion", "ACTIVE", "INACTIVE"]})

    def test_a_kept_pool_is_used_in_the_place_of_a_new_one(self):
        resources = made()
        for name in ["UserPool", "UserPoolClient", "PageClient", "AdminGroup", "BaristaGroup"]:
            self.assertEqual(resources[name]["Condition"], "MakesUserPool", name)
        screens = resources["Screens"]["Properties"]["Environment"]["Variables"]
        client = {"Fn::If": ["MakesUserPool", {"Ref": "PageClient"}, {"Ref": "KeptPageClientId"}]}
        self.assertEqual(screens["SIGN_IN_CLIENT_ID"]["Fn::If"][:2], ["HasUserPool", client])
        outputs = transform.template()["Outputs"]
        for output, made_here, kept in [
            ("UserPoolId", "UserPool", "KeptUserPoolId"),
            ("UserPoolClientId", "UserPoolClient", "KeptClientId"),
            ("PageClientId", "PageClient", "KeptPageClientId"),
        ]:
            value = {"Fn::If": ["MakesUserPool", {"Ref": made_here}, {"Ref": kept}]}
            self.assertEqual((outputs[output]["Condition"], outputs[output]["Value"]), ("HasUserPool", value))

    def test_concurrency_is_reserved_for_admission_projector_and_sweeper(self):
        functions = of_type(made(), "AWS::Lambda::Function")
        reserving = {name: one["Properties"].get("ReservedConcurrentExecutions") for name, one in functions.items()}
        setting = {"Fn::If": ["ReservesConcurrency", {"Ref": "ReservedConcurrency"}, {"Ref": "AWS::NoValue"}]}
        self.assertEqual({name for name, one in reserving.items() if one}, {"Admission", "OrderProjector", "Sweeper"})
        self.assertEqual(reserving["Sweeper"], setting)

    def test_a_condition_switches_the_metrics_of_each_route(self):
        (stage,) = of_type(made(), "AWS::ApiGateway::Stage").values()
        for route in stage["Properties"]["MethodSettings"]:
            self.assertEqual(route["MetricsEnabled"], {"Fn::If": ["MeasuresMethods", True, False]}, route)

    def test_the_budget_and_the_identity_of_ses_are_optional(self):
        resources = made()
        (budget,) = of_type(resources, "AWS::Budgets::Budget").values()
        self.assertEqual(budget["Condition"], "HasBudget")
        condition, ses, default = resources["UserPool"]["Properties"]["EmailConfiguration"]["Fn::If"]
        self.assertEqual((condition, ses["EmailSendingAccount"]), ("HasSesIdentity", "DEVELOPER"))
        self.assertEqual(default, {"EmailSendingAccount": "COGNITO_DEFAULT"})


class Environments(unittest.TestCase):
    def setUp(self):
        self.text = (ROOT / "samconfig.toml").read_text()

    def test_trials_and_the_bar_are_different_stacks(self):
        trial, bar = settings(self.text, "default"), settings(self.text, "prod")
        self.assertNotEqual(trial["stack_name"], bar["stack_name"])
        self.assertNotEqual(trial["tags"], bar["tags"])

    def test_the_stack_of_the_bar_asks_and_is_protected(self):
        bar = settings(self.text, "prod")
        self.assertIs(bar["confirm_changeset"], True)
        self.assertIn("DeletionProtection=true", bar["parameter_overrides"])

    def test_the_parameters_may_be_a_list_or_one_text(self):
        self.assertEqual(parameters({"parameter_overrides": ["A=1", "B=2"]}), ["A=1", "B=2"])
        self.assertEqual(parameters({"parameter_overrides": "A=1  B=2"}), ["A=1", "B=2"])
        self.assertEqual(parameters({}), [])

    def test_an_unknown_environment_has_no_settings(self):
        self.assertIsNone(settings(self.text, "nonsense"))
        self.assertIsNone(settings(self.text, "version"))


if __name__ == "__main__":
    unittest.main()
