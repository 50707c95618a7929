"""Brings each alarm of a stack into the state ALARM, and prints a line for each.

  alarms.py STACK [--json]

Alarms over errors and throttles of a function go into ALARM by their cause: the function gets a
program that fails, or a reserved concurrency of 0. The stack cannot serve orders afterwards. For
the other alarms the script puts the data: PutMetricData with namespace, metric and dimensions of
the alarm.

MiniStack evaluates alarms at PutMetricData, and for an alarm also counts data of other dimensions.
So each alarm is set to OK first, and a cause counts only if the metric with the alarm's dimensions
reaches the threshold.

Exit codes: 0 each alarm went into ALARM, 1 an alarm did not or the stack has fewer than 8 alarms,
2 wrong usage.
"""

import datetime
import io
import json
import sys
import time
import zipfile

import boto3
from botocore.exceptions import ClientError

FAILING = "#!/bin/sh\nexit 1\n"
DEADLINE = 30
# A value so low that its sum with the data of the stack is below each threshold.
FAR_BELOW = -1e6


class Alarms:
    def __init__(self, stack):
        self.metrics = boto3.client("cloudwatch")
        self.functions = boto3.client("lambda")
        pages = boto3.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack)
        resources = [resource for page in pages for resource in page["StackResourceSummaries"]]
        self.names = {
            resource["LogicalResourceId"]: resource["PhysicalResourceId"]
            for resource in resources
            if resource["ResourceType"] == "AWS::CloudWatch::Alarm"
        }

    def described(self):
        """Returns the alarms by the names that the template gives them."""
        alarms = {}
        for page in self.metrics.get_paginator("describe_alarms").paginate():
            alarms.update({alarm["AlarmName"]: alarm for alarm in page["MetricAlarms"]})
        return {logical: alarms[name] for logical, name in self.names.items()}

    def put(self, namespace, metric, dimensions, value, age=0):
        at = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=age)
        datum = {"MetricName": metric, "Dimensions": dimensions, "Value": value, "Timestamp": at}
        self.metrics.put_metric_data(Namespace=namespace, MetricData=[datum])

    def set_ok(self, alarm):
        """Sets the state to OK. The data for another alarm of the metric may have changed it."""
        self.metrics.set_alarm_state(AlarmName=alarm["AlarmName"], StateValue="OK", StateReason="before its data")

    def by_hand(self, alarm):
        """Puts a value that breaches the threshold into each period that the alarm considers."""
        value = FAR_BELOW if alarm["ComparisonOperator"].startswith("Less") else alarm["Threshold"]
        for period in reversed(range(alarm["EvaluationPeriods"])):
            age = max(period * alarm["Period"] - 1, 0)
            self.put(alarm["Namespace"], alarm["MetricName"], alarm["Dimensions"], value, age)

    def by_cause(self, alarm):
        """Makes the function fail or be throttled as often as the threshold says."""
        function = alarm["Dimensions"][0]["Value"]
        if alarm["MetricName"] == "Throttles":
            self.functions.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=0)
        else:
            self.functions.update_function_code(FunctionName=function, ZipFile=package(FAILING))
            self.functions.get_waiter("function_updated_v2").wait(FunctionName=function, WaiterConfig={"Delay": 1})
        for _ in range(int(alarm["Threshold"])):
            try:
                self.functions.invoke(FunctionName=function, Payload=b"{}")
            except ClientError as error:
                if error.response["Error"]["Code"] != "TooManyRequestsException":
                    raise
        if alarm["MetricName"] == "Throttles":
            self.functions.delete_function_concurrency(FunctionName=function)

    def reached(self, alarm):
        """Returns true if the metric with the alarm's dimensions reaches its threshold."""
        now = datetime.datetime.now(datetime.timezone.utc)
        points = self.metrics.get_metric_statistics(
            Namespace=alarm["Namespace"],
            MetricName=alarm["MetricName"],
            Dimensions=alarm["Dimensions"],
            StartTime=now - datetime.timedelta(seconds=alarm["Period"]),
            EndTime=now + datetime.timedelta(seconds=60),
            Period=alarm["Period"],
            Statistics=["Sum"],
        )["Datapoints"]
        return sum(point["Sum"] for point in points) >= alarm["Threshold"]

    def reaches_alarm(self, logical, also):
        """Returns true once the alarm is in ALARM and `also` holds, and false after DEADLINE."""
        until = time.monotonic() + DEADLINE
        while time.monotonic() < until:
            # Any datum makes MiniStack evaluate all alarms. Elsewhere it does no harm.
            self.put("AlarmTest", "Evaluated", [], 1)
            if self.described()[logical]["StateValue"] == "ALARM" and also():
                return True
            time.sleep(0.5)
        return False


def package(program):
    """Returns a package whose program is the text."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        entry = zipfile.ZipInfo("bootstrap")
        entry.external_attr = 0o755 << 16
        archive.writestr(entry, program)
    return content.getvalue()


def has_cause(alarm):
    """Returns true if the alarm counts errors or throttles of a function."""
    return alarm["Namespace"] == "AWS/Lambda" and alarm["MetricName"] in ("Errors", "Throttles")


def trigger(alarms, logical):
    """Puts one alarm into ALARM and returns its row."""
    alarm = alarms.described()[logical]
    how = "by cause" if has_cause(alarm) else "by hand"
    alarms.set_ok(alarm)
    if has_cause(alarm):
        alarms.by_cause(alarm)
        in_alarm = alarms.reaches_alarm(logical, lambda: alarms.reached(alarm))
    else:
        alarms.by_hand(alarm)
        in_alarm = alarms.reaches_alarm(logical, lambda: True)
    metric = f"{alarm['Namespace']} {alarm['MetricName']}"
    return {"alarm": logical, "metric": metric, "how": how, "in_alarm": in_alarm}


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--json"]
    if len(arguments) != 1 or arguments[0].startswith("-"):
        print(__doc__, file=sys.stderr if arguments != ["--help"] else sys.stdout)
        sys.exit(0 if arguments == ["--help"] else 2)
    as_json = "--json" in sys.argv
    alarms = Alarms(arguments[0])
    # Causes first: data that the script puts would count as a cause.
    order = sorted(alarms.described().items(), key=lambda item: (not has_cause(item[1]), item[0]))
    rows = []
    for logical, _ in order:
        row = trigger(alarms, logical)
        rows.append(row)
        if not as_json:
            state = "ALARM" if row["in_alarm"] else "NO ALARM"
            print(f"{state:<8} {row['how']:<9} {logical:<32} {row['metric']}", flush=True)
    without = [row["alarm"] for row in rows if not row["in_alarm"]]
    causes = sum(row["how"] == "by cause" for row in rows)
    if as_json:
        print(json.dumps(rows, indent=2))
    else:
        print(f"\n{len(rows)} alarms: {causes} by cause, {len(rows) - causes} by hand, {len(without)} without ALARM")
    sys.exit(1 if without or len(rows) < 8 else 0)


if __name__ == "__main__":
    main()
