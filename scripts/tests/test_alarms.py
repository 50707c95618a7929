"""Tests that alarms.py counts no state that an alarm had before."""

import unittest
from unittest import mock

import folder  # noqa: F401

try:
    import alarms
except ImportError:
    alarms = None


class Metrics:
    """CloudWatch with one alarm, which a datum of its metric puts into ALARM if it `evaluates`."""

    def __init__(self, evaluates):
        self.evaluates = evaluates
        self.alarm = {
            "AlarmName": "bar-Latency",
            "StateValue": "ALARM",
            "Namespace": "AWS/ApiGateway",
            "MetricName": "Latency",
            "Dimensions": [],
            "Threshold": 3000,
            "Period": 60,
            "EvaluationPeriods": 2,
            "ComparisonOperator": "GreaterThanOrEqualToThreshold",
        }

    def get_paginator(self, name):
        resource = {
            "LogicalResourceId": "Latency",
            "PhysicalResourceId": "bar-Latency",
            "ResourceType": "AWS::CloudWatch::Alarm",
        }
        page = {"MetricAlarms": [dict(self.alarm)], "StackResourceSummaries": [resource]}
        return mock.Mock(paginate=lambda **_: [page])

    def set_alarm_state(self, AlarmName, StateValue, StateReason):
        self.alarm["StateValue"] = StateValue

    def put_metric_data(self, Namespace, MetricData):
        if self.evaluates and Namespace == "AWS/ApiGateway":
            self.alarm["StateValue"] = "ALARM"


@unittest.skipIf(alarms is None, "boto3 is not installed: make check installs it")
class Trigger(unittest.TestCase):
    def row(self, evaluates):
        metrics = Metrics(evaluates)
        with (
            mock.patch.object(alarms.boto3, "client", return_value=metrics),
            mock.patch.object(alarms, "DEADLINE", 0.01),
            mock.patch.object(alarms.time, "sleep"),
        ):
            return alarms.trigger(alarms.Alarms("bar"), "Latency")

    def test_an_alarm_that_goes_into_alarm_counts(self):
        self.assertEqual(self.row(True)["in_alarm"], True)

    def test_an_alarm_that_was_in_alarm_before_and_ignores_its_data_does_not_count(self):
        self.assertEqual(self.row(False)["in_alarm"], False)


if __name__ == "__main__":
    unittest.main()
