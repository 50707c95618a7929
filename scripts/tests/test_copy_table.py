"""Tests which items copy_table.py writes and changes, and its error without a region."""

import pathlib
import sys
import unittest
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import copy_table  # noqa: E402
from botocore.exceptions import NoRegionError  # noqa: E402


class Condition(unittest.TestCase):
    def test_an_item_that_exists_is_replaced_only_with_overwrite(self):
        kept = copy_table.condition(["eventId", "item"], False)
        self.assertEqual(kept["ConditionExpression"], "attribute_not_exists(#key)")
        self.assertEqual(copy_table.condition(["eventId", "item"], True), {})

    def test_an_order_that_has_ended_is_never_replaced(self):
        replaced = copy_table.condition(["orderId"], True)
        self.assertEqual(replaced["ConditionExpression"], "attribute_not_exists(#key) OR statusRank < :final")
        self.assertEqual(replaced["ExpressionAttributeValues"], {":final": {"N": "3"}})

    def test_counters_are_kept_and_a_shop_is_closed_where_its_settings_are_replaced(self):
        target = {
            ("bar", "COUNTER"): {"lastNumber": {"N": "7"}},
            ("bar", "STATE"): {"version": {"N": "9"}},
            ("bar", "FLOOR"): {"inFlight": {"N": "2"}},
        }
        source = {
            "COUNTER": {"lastNumber": {"N": "3"}},
            "FLOOR": {"inFlight": {"N": "1"}},
            "USER#anna": {"openOrders": {"N": "1"}},
            "STATE": {"version": {"N": "4"}, "storeOpen": {"BOOL": True}},
            "CONFIG": {"menu": {"L": []}},
        }
        refused = type("Refused", (Exception,), {})

        def put_item(TableName, Item, ConditionExpression=None, ExpressionAttributeNames=None):
            name = (Item["eventId"]["S"], Item["item"]["S"])
            if ConditionExpression and name in target:
                raise refused
            target[name] = Item

        items = [{"eventId": {"S": "bar"}, "item": {"S": name}} | item for name, item in source.items()]
        schema = {"Table": {"KeySchema": [{"AttributeName": "eventId"}, {"AttributeName": "item"}]}}
        client = mock.Mock(put_item=put_item)
        client.exceptions.ConditionalCheckFailedException = refused
        client.describe_table.return_value = schema
        client.get_paginator.return_value.paginate.return_value = [{"Items": items}]
        client.get_item.side_effect = lambda TableName, Key, ConsistentRead: {"Item": target["bar", Key["item"]["S"]]}
        with mock.patch("builtins.print") as printed:
            copy_table.copy(client, "restored", "shops", True)
        self.assertEqual(target["bar", "COUNTER"]["lastNumber"], {"N": "7"})
        self.assertEqual(target["bar", "FLOOR"], {"inFlight": {"N": "2"}})
        self.assertEqual(target["bar", "STATE"]["storeOpen"], {"BOOL": False})
        self.assertEqual(target["bar", "STATE"]["version"], {"N": "10"})
        self.assertIn(("bar", "USER#anna"), target)
        self.assertIn("5 items read, 4 written, 1 kept", printed.call_args.args[0])

    def test_a_missing_region_is_an_error_of_one_line(self):
        with (
            mock.patch.object(copy_table.sys, "argv", ["copy_table.py", "a", "b"]),
            mock.patch.object(copy_table.boto3, "client", side_effect=NoRegionError()),
            self.assertRaises(SystemExit) as ended,
        ):
            copy_table.main()
        self.assertEqual(ended.exception.code, "error: You must specify a region.")


if __name__ == "__main__":
    unittest.main()
