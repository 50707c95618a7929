"""Tests that a teardown deletes what a stack keeps, can be repeated, and names its errors."""

import contextlib
import io
import pathlib
import tempfile
import unittest
from unittest import mock

import folder  # noqa: F401

try:
    import teardown
    from botocore.exceptions import ClientError, NoCredentialsError, NoRegionError
except ImportError:
    teardown = None

TABLE, ROLE = ("AWS::DynamoDB::Table", "bar-Orders"), ("AWS::IAM::Role", "bar-GatewayLogsRole")
POOL = ("AWS::Cognito::UserPool", "eu-central-1_Bar")


def refused(code):
    return ClientError({"Error": {"Code": code, "Message": "refused"}}, "Call")


class Account:
    """An account with one stack, its table and user pool, and roles that survive the stack."""

    def __init__(self, roles=()):
        self.stack, self.tables, self.roles = True, {"bar-Orders"}, set(roles)
        self.pools, self.in_use = {POOL[1]}, []
        self.borrowed = []
        self.protected, self.interrupt, self.describe_error = True, None, None

    def client(self, _):
        return self

    def get_caller_identity(self):
        return {"Account": "123456789012"}

    def describe_stacks(self, StackName):
        if self.describe_error and StackName.startswith("arn:"):
            raise refused(self.describe_error)
        if not self.stack:
            raise refused("ValidationError")
        return {"Stacks": [{"StackId": "arn:bar", "StackStatus": "CREATE_COMPLETE", "EnableTerminationProtection": self.protected}]}

    def update_termination_protection(self, StackName, EnableTerminationProtection):
        self.protected = EnableTerminationProtection

    def delete_stack(self, StackName):
        if self.protected:
            raise refused("ValidationError")
        self.stack = False

    def get_paginator(self, call):
        if call == "describe_stacks":
            pools = [("bar", self.borrowed), ("bar-2", self.in_use), ("other", [])]
            stacks = [
                {"StackName": name, "Parameters": [{"ParameterKey": "KeptUserPoolId", "ParameterValue": pool} for pool in used]}
                for name, used in pools
            ]
            return mock.Mock(paginate=lambda: [{"Stacks": stacks}])
        owned = [{"ResourceType": kind, "PhysicalResourceId": name} for kind, name in (TABLE, ROLE, POOL)]
        return mock.Mock(paginate=lambda **_: [{"StackResourceSummaries": owned}])

    def describe_user_pool(self, UserPoolId):
        if UserPoolId not in self.pools:
            raise refused("ResourceNotFoundException")
        return {"UserPool": {}}

    def delete_user_pool(self, UserPoolId):
        self.pools.remove(UserPoolId)

    def describe_table(self, TableName):
        if TableName not in self.tables:
            raise refused("ResourceNotFoundException")
        return {"Table": {}}

    def delete_table(self, TableName):
        if self.interrupt:
            raise self.interrupt
        self.tables.remove(TableName)

    def get_waiter(self, _):
        return mock.Mock()

    def get_role(self, RoleName):
        if RoleName not in self.roles:
            raise refused("NoSuchEntity")


@unittest.skipIf(teardown is None, "boto3 is not installed: make check installs it")
class Teardown(unittest.TestCase):
    def setUp(self):
        local = tempfile.TemporaryDirectory()
        self.addCleanup(local.cleanup)
        self.local = pathlib.Path(local.name)

    def run_it(self, account):
        printed = io.StringIO()
        with (
            mock.patch.object(teardown, "LOCAL", self.local),
            mock.patch.object(teardown.boto3, "client", account.client),
            mock.patch.object(teardown.boto3.session, "Session", return_value=mock.Mock(region_name="eu-central-1")),
            mock.patch.object(teardown.sys, "argv", ["teardown.py", "bar", "--yes"]),
            contextlib.redirect_stdout(printed),
            self.assertRaises(SystemExit) as ended,
        ):
            teardown.main()
        return ended.exception.code, printed.getvalue()

    def test_the_stack_and_its_tables_are_deleted(self):
        account = Account()
        code, printed = self.run_it(account)
        self.assertEqual((code, account.stack, account.tables), (0, False, set()))
        self.assertEqual(account.pools, set())
        self.assertIn("protection are lifted", printed)
        self.assertTrue(printed.endswith("left of bar: nothing\n"), printed)
        self.assertEqual(list(self.local.iterdir()), [])

    def test_a_user_pool_that_another_stack_uses_is_kept(self):
        account = Account()
        account.in_use = [POOL[1]]
        code, printed = self.run_it(account)
        self.assertEqual((code, account.tables, account.pools), (0, set(), {POOL[1]}))
        self.assertTrue(printed.endswith(f"left of bar: {POOL[0]} {POOL[1]} (used by bar-2)\n"), printed)

    def test_a_user_pool_of_an_earlier_stack_is_named(self):
        account = Account()
        account.borrowed = ["eu-central-1_Old"]
        code, printed = self.run_it(account)
        self.assertEqual(code, 0)
        self.assertIn("the user pool eu-central-1_Old, which an earlier stack made, is not deleted", printed)

    def test_an_interrupted_run_is_continued_although_the_stack_is_gone(self):
        account = Account()
        account.interrupt = refused("ThrottlingException")
        self.assertIn("run the command again", self.run_it(account)[0])
        self.assertFalse(account.stack)
        account.interrupt = None
        self.assertEqual(self.run_it(account)[0], 0)
        self.assertEqual(account.tables, set())
        self.assertIn("there is no stack bar", self.run_it(account)[0])

    def test_a_throttled_description_does_not_count_as_a_deleted_stack(self):
        account = Account()
        account.describe_error = "ThrottlingException"
        self.assertIn("ThrottlingException", self.run_it(account)[0])
        self.assertEqual(account.tables, {"bar-Orders"})

    def test_the_notes_of_another_account_are_not_used(self):
        (self.local / "teardown-bar.json").write_text('{"where": {"account": "1", "region": "us-east-1"}, "owned": []}')
        account = Account()
        self.assertIn("continue there, or delete it", self.run_it(account)[0])
        self.assertTrue(account.stack)

    def test_a_kept_role_is_listed_and_not_deleted(self):
        code, printed = self.run_it(Account(["bar-GatewayLogsRole"]))
        self.assertEqual(code, 0)
        self.assertIn("left of bar: AWS::IAM::Role bar-GatewayLogsRole\n", printed)
        self.assertIn("aws apigateway get-account", printed)

    def test_missing_credentials_and_region_are_errors_of_one_line(self):
        for error in (NoCredentialsError(), NoRegionError()):
            account = Account()
            account.client = mock.Mock(side_effect=error)
            self.assertEqual(self.run_it(account)[0], f"error: {error}")


if __name__ == "__main__":
    unittest.main()
