"""Tests the events that each role may put, and the faults that roles.py reports."""

import json
import unittest

import folder  # noqa: F401  finds the modules of scripts/

try:
    from roles import DETAIL_TYPE, SOURCE, Call, Evidence, Grant, Stack, calls_of_run, frozen, grants_of
    from transform import ROOT, transformed
except ImportError:
    transformed = None

BUS = "${Bus.Arn}"
OURS = "awsserverlessda.serverlesspresso"
# The events that each role may put; tests/contracts/roles.rs compares them with the code.
PUBLISHERS = {
    "ValidatorRole": ["Validator.NewOrder"],
    "OrderManagerRole": ["Validator.NewOrder", "OrderManager.MakeOrder", "OrderManager.OrderCalled"],
    "ConfigChangedRole": ["ConfigService.ConfigChanged"],
    "SweeperRole": [
        "OrderProcessor.OrderFailed",
        "OrderProcessor.OrderTimeOut",
        "OrderProcessor.orderFinished",
        "OrderManager.OrderCompleted",
        "OrderManager.OrderCancelled",
    ],
    "OrderProcessorRole": [
        "OrderProcessor.WorkflowStarted",
        "OrderProcessor.TokenIssued",
        "OrderProcessor.ShopUnavailable",
        "OrderProcessor.OrderTimeOut",
        "OrderProcessor.orderFinished",
        "OrderManager.WaitingCompletion",
        "OrderManager.OrderCompleted",
        "OrderManager.OrderCancelled",
    ],
}


def put(role, detail_types, sources=(OURS,)):
    return Call(role, "events:PutEvents", BUS, frozen({SOURCE: list(sources), DETAIL_TYPE: list(detail_types)}))


@unittest.skipIf(transformed is None, "SAM is not installed: make check installs it")
class Publishing(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.grants = grants_of(transformed(), Managed())
        cls.roles = {grant.role for grant in cls.grants}

    def may(self, call):
        return any(grant.allows(call) for grant in self.grants)

    def test_a_role_may_put_its_own_events_and_no_others(self):
        self.assertGreaterEqual(len(self.roles), 12)
        every_type = sorted(path.stem for path in (ROOT / "schemas").glob("*.*.json"))
        for role in self.roles:
            allowed = [kind for kind in every_type if self.may(put(role, [kind]))]
            self.assertEqual(sorted(PUBLISHERS.get(role, [])), allowed, role)

    def test_a_call_with_one_foreign_event_is_refused_as_a_whole(self):
        self.assertFalse(self.may(put("ValidatorRole", ["Validator.NewOrder", "OrderProcessor.TokenIssued"])))

    def test_an_event_of_another_source_is_refused(self):
        for sources in ([f"{OURS}.replay"], [OURS, "aws.states"]):
            self.assertFalse(self.may(put("ValidatorRole", ["Validator.NewOrder"], sources)), sources)


class Managed(dict):
    """Managed policies, of which these tests need no actions."""

    def __missing__(self, name):
        return []


@unittest.skipIf(transformed is None, "SAM is not installed: make check installs it")
class Comparing(unittest.TestCase):
    READ = ("Reader", "dynamodb:GetItem", "${Table.Arn}")

    def found(self, grants, calls, reasons=()):
        return list(Evidence(grants, calls, reasons).compare(grants).faults())

    def test_equal_grants_and_calls_are_no_fault(self):
        self.assertEqual(self.found([Grant(*self.READ)], [Call(*self.READ)]), [])

    def test_a_grant_without_a_call_is_unused(self):
        self.assertEqual(self.found([Grant(*self.READ)], []), ["unused: Reader dynamodb:GetItem ${Table.Arn}"])

    def test_a_call_without_a_grant_is_missing(self):
        self.assertEqual(self.found([], [Call(*self.READ)]), ["missing: Reader dynamodb:GetItem ${Table.Arn}"])

    def test_a_call_that_was_refused_is_missing(self):
        (fault,) = self.found([Grant(*self.READ)], [Call(*self.READ, allowed=False)])
        self.assertIn("refused in the run", fault)

    def test_a_star_needs_a_reason_and_a_reason_a_grant(self):
        star = Grant("Reader", "events:ListRules", "*")
        call = Call("Reader", "events:ListRules", "*")
        reason = {"roles": ["Reader"], "actions": ["events:ListRules"], "resource": "*", "reason": "no narrower one"}
        self.assertEqual(self.found([star], [call]), ["a star without a reason: Reader events:ListRules *"])
        self.assertEqual(self.found([star], [call], [reason]), [])
        self.assertEqual(
            self.found([Grant(*self.READ)], [Call(*self.READ)], [reason]),
            ["tests/roles.toml: no grant Reader events:ListRules *"],
        )

    def test_an_unseen_grant_is_not_unused_and_may_not_be_used(self):
        reason = {"actions": [self.READ[1]], "resource": self.READ[2], "reason": "by AWS", "unseen": True}
        self.assertEqual(self.found([Grant(*self.READ)], [], [reason]), [])
        (fault,) = self.found([Grant(*self.READ)], [Call(*self.READ)], [reason])
        self.assertIn("delete unseen", fault)

    def test_each_removed_and_each_added_grant_is_noticed_unless_another_one_is_as_wide(self):
        grants = [Grant(*self.READ), Grant("Reader", "dynamodb:GetItem", "${Other.Arn}")]
        calls = [Call(*self.READ), Call("Reader", "dynamodb:GetItem", "${Other.Arn}")]
        self.assertEqual(Evidence(grants, calls, []).unnoticed(grants), [])
        wide = Grant("Reader", "dynamodb:GetItem", "*")
        reason = {"actions": ["dynamodb:GetItem"], "resource": "*", "reason": "too wide"}
        self.assertEqual(set(Evidence([*grants, wide], calls, [reason]).unnoticed([*grants, wide])), set(grants))

    def test_a_recorded_call_is_one_of_the_stacks_roles_and_resources(self):
        stack = Stack(
            "bar",
            {"Reader": "bar-Reader-1", "Table": "bar-Table-1"},
            {"Reader": "AWS::IAM::Role", "Table": "AWS::DynamoDB::Table"},
        )
        arn = "arn:aws:dynamodb:us-east-1:000000000000:table/bar-Table-1"
        line = {"role": "bar-Reader-1", "action": "dynamodb:GetItem", "resource": arn, "allowed": True, "keys": {}}
        other = {**line, "role": "other-Reader-1"}
        (call,) = calls_of_run([json.dumps(line), json.dumps(other)], [stack])
        self.assertTrue(Grant(*self.READ).allows(call))
        self.assertFalse(Grant("Reader", "dynamodb:GetItem", "${Table.Arn}/index/byUser").allows(call))


if __name__ == "__main__":
    unittest.main()
