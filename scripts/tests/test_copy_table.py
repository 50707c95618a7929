"""Tests the conditions under which copy_table.py writes an item."""

import pathlib
import sys
import unittest
from unittest import mock

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import copy_table  # noqa: E402
from botocore.exceptions import NoRegionError  # noqa: E402


class Condition(unittest.TestCase):
    def test_an_item_that_exists_is_kept_unless_it_may_be_replaced(self):
        kept = copy_table.condition(["eventId", "item"], False)
        self.assertEqual(kept["ConditionExpression"], "attribute_not_exists(#key)")
        self.assertEqual(copy_table.condition(["eventId", "item"], True), {})

    def test_an_order_that_has_ended_is_never_replaced(self):
        replaced = copy_table.condition(["orderId"], True)
        self.assertEqual(replaced["ConditionExpression"], "attribute_not_exists(#key) OR statusRank < :final")
        self.assertEqual(replaced["ExpressionAttributeValues"], {":final": {"N": "3"}})

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
