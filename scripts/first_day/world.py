"""The stack of the first day: its clients, names and deployments."""

import dataclasses
import datetime
import os
import re
import subprocess
import sys
import time

import boto3

from first_day.bar import Bar

SHOP = "first-day"


def note(text):
    print(f"   {text}", flush=True)


def wait(what, seconds, look, pause=1.0):
    """Calls `look` until it returns a true value or `seconds` have passed. Returns its last value
    and the elapsed seconds. Prints a line every 5 s."""
    started = reported = time.monotonic()
    while True:
        found, now = look(), time.monotonic()
        if found or now - started >= seconds:
            return found, round(now - started)
        if now - reported >= 5:
            reported = now
            note(f"{what}: {now - started:.0f} of {seconds} s")
        time.sleep(pause)


def ago(minutes):
    return datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=minutes)


@dataclasses.dataclass
class World:
    """The stack and its account. `bucket` is the S3 bucket of the uploads. `kept` has the type of
    each resource that the deletion of the stack keeps, by name. `facts` has what one step stores
    for a later one."""

    stack: str
    local: bool
    account: str
    region: str
    root: str
    bucket: str = ""
    mail: str = ""
    parameters: dict = dataclasses.field(default_factory=dict)
    kept: dict = dataclasses.field(default_factory=dict)
    facts: dict = dataclasses.field(default_factory=dict)
    _bar: Bar = None
    _resources: dict = None

    def client(self, service):
        return boto3.client(service, region_name=self.region)

    def deploy(self, **parameters):
        """Deploys the stack with these parameters and those of earlier deployments."""
        self.parameters.update(parameters)
        self._resources = self._bar = None
        values = [f"{name}={value}" for name, value in self.parameters.items()]
        command = [f"{self.root}/scripts/first-day.sh", "deploy", self.stack, self.bucket, *values]
        environment = {**os.environ, "AWS_REGION": self.region, "AWS_DEFAULT_REGION": self.region}
        return subprocess.run(command, stdin=subprocess.DEVNULL, env=environment).returncode == 0

    def described(self):
        """Returns the description of the stack, or None. A deleted stack is found by its id."""
        cloudformation = self.client("cloudformation")
        try:
            found = cloudformation.describe_stacks(StackName=self.facts.get("stack_id", self.stack))["Stacks"]
        except cloudformation.exceptions.ClientError as error:
            if "does not exist" in str(error):
                return None
            raise
        return found[0] if found else None

    def state(self):
        """Returns the status of the stack and the reasons of its first three failed resources, or
        nothing if there is no stack."""
        described = self.described()
        if not described:
            return {}
        events = self.client("cloudformation").describe_stack_events(StackName=described["StackId"])["StackEvents"]
        failed = [
            f"{event['LogicalResourceId']}: {event.get('ResourceStatusReason', 'no reason')}"
            for event in reversed(events)
            if event["ResourceStatus"].endswith("_FAILED") and "cancelled" not in event.get("ResourceStatusReason", "")
        ]
        return {"status": described["StackStatus"], "reasons": failed[:3]}

    def outputs(self):
        return {one["OutputKey"]: one["OutputValue"] for one in (self.described() or {}).get("Outputs", [])}

    def resources(self):
        """Returns the resources of the stack by logical id, as (type, physical id)."""
        if self._resources is None:
            pages = self.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=self.stack)
            self._resources = {
                one["LogicalResourceId"]: (one["ResourceType"], one.get("PhysicalResourceId", ""))
                for page in pages
                for one in page["StackResourceSummaries"]
            }
        return self._resources

    def name(self, logical_id):
        return self.resources()[logical_id][1]

    def log_group(self):
        return f"/aws/vendedlogs/{self.stack}"

    def api_url(self):
        """Returns the address of the API. An emulator serves it at a path below its own address."""
        url = self.outputs()["ApiUrl"]
        if self.local:
            endpoint = self.client("sts").meta.endpoint_url
            url = re.sub(r"https?://(\w+)\.execute-api\.[^/]*/", rf"{endpoint}/_aws/execute-api/\1/", url)
        return url.rstrip("/")

    def bar(self):
        """Returns the bar with an open shop and a signed-in admin."""
        if self._bar is None:
            outputs = self.outputs()
            bar = Bar(self.api_url(), SHOP)
            bar.sign_in(self.client("cognito-idp"), outputs["UserPoolId"], outputs["UserPoolClientId"])
            bar.open()
            self._bar = bar
        return self._bar

    def metric(self, namespace, name, dimensions, statistic, minutes=30):
        """Returns the sum or the average of a metric's points, and their number of samples. Without
        a point these are None and 0."""
        points = self.client("cloudwatch").get_metric_statistics(
            Namespace=namespace,
            MetricName=name,
            Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
            StartTime=ago(minutes),
            EndTime=ago(-1),
            Period=60,
            Statistics=list({statistic, "SampleCount"}),
        )["Datapoints"]
        samples = sum(point.get("SampleCount", 0) for point in points)
        if not points:
            return None, 0
        if statistic == "Average":
            return sum(point["Average"] * point["SampleCount"] for point in points) / max(samples, 1), samples
        return sum(point[statistic] for point in points), samples

    def logs(self, pattern="", minutes=300):
        pages = self.client("logs").get_paginator("filter_log_events").paginate(
            logGroupName=self.log_group(),
            startTime=int(ago(minutes).timestamp() * 1000),
            **({"filterPattern": pattern} if pattern else {}),
        )
        return [event["message"] for page in pages for event in page["events"]]


def explain(error):
    text = " ".join(str(error).split())
    return f"{type(error).__name__}: {text[:300]}"


def warn(text):
    print(f"   {text}", file=sys.stderr, flush=True)
