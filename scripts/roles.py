#!/usr/bin/env python3
"""roles.py [--calls FILE] [--stack NAME]…   Compares what each role of the template may do with
what the end-to-end suite did with it. Prints grants without a use, calls without a grant, and stars
without a reason in tests/roles.toml. Then repeats the comparison without each grant, and with a
further grant of each role: each change must be a fault. Exit code 1 if something is unused,
missing, unjustified or unnoticed."""

import argparse
import json
import pathlib
import re
import sys
import tomllib
from dataclasses import dataclass, field

from ministack.core.iam_evaluator import EvalContext, ParsedStatement, evaluate

from transform import ROOT, of_type, transformed

REASONS = ROOT / "tests" / "roles.toml"
DETAIL_TYPE, SOURCE = "events:detail-type", "events:source"
REGION, ACCOUNT = "us-east-1", "000000000000"
PSEUDO = {"AWS::Partition": "aws", "AWS::Region": REGION, "AWS::AccountId": ACCOUNT}
# The part of an ARN between partition and physical id; {} stands for region and account.
ARNS = {
    "AWS::DynamoDB::Table": "dynamodb:{}:table/",
    "AWS::Events::EventBus": "events:{}:event-bus/",
    "AWS::Lambda::Function": "lambda:{}:function:",
    "AWS::SQS::Queue": "sqs:{}:",
}
# The integrations of the workflow, and the argument that names the resource.
TASKS = {
    "lambda:invoke": ("lambda:InvokeFunction", "FunctionName"),
    "events:putEvents": ("events:PutEvents", "EventBusName"),
    "dynamodb:updateItem": ("dynamodb:UpdateItem", "TableName"),
}
LOGS = ("logs:CreateLogStream", "logs:PutLogEvents")
TRACES = ("xray:PutTraceSegments", "xray:PutTelemetryRecords", "xray:GetSamplingRules", "xray:GetSamplingTargets")
LOG_DELIVERY = (
    "logs:CreateLogDelivery",
    "logs:GetLogDelivery",
    "logs:UpdateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:DescribeResourcePolicies",
    "logs:DescribeLogGroups",
)
STREAM = ("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator")


@dataclass(frozen=True)
class Grant:
    """An action that a role may perform on a resource; for PutEvents, with one detail-type."""

    role: str
    action: str
    resource: str
    conditions: dict = field(default_factory=dict, hash=False, compare=False)
    detail_type: str = ""
    # The managed policy that contains the grant.
    policy: str = field(default="", compare=False)

    def __str__(self):
        return " ".join(filter(None, [self.role, self.action, self.resource, self.detail_type]))

    @property
    def part(self):
        """The unit that `unnoticed` removes: the grant, or all grants of its managed policy."""
        return (self.role, self.policy) if self.policy else self

    @property
    def has_star(self):
        return "*" in self.action + self.resource

    def allows(self, call):
        """Returns true if a policy with this grant alone allows the call."""
        resource = call.stack.filled(self.resource)
        statement = ParsedStatement("", "Allow", [self.action], resources=[resource], conditions=self.conditions)
        keys = {key: list(value) if isinstance(value, tuple) else value for key, value in call.keys}
        context = EvalContext("", "AssumedRole", "", call.action, call.resource, REGION, service_context=keys)
        return self.role == call.role and evaluate(context, [[statement]]).decision == "Allow"


class Stack:
    """The physical ids of a deployed stack. A stack without physical ids belongs to calls that are
    taken from the template; their references keep the logical ids."""

    def __init__(self, name="", physical=(), types=()):
        self.name, self.physical, self.types = name, dict(physical), dict(types)

    def filled(self, text):
        if not self.physical:
            return text
        return re.sub(r"\$\{([^}]+)\}", lambda found: self.value(*found[1].split(".", 1)), text)

    def value(self, name, attribute=""):
        if name in PSEUDO:
            return PSEUDO[name]
        if name == "AWS::StackName":
            return self.name
        known = self.physical.get(name, "")
        if attribute == "Name":
            return known.rsplit(":", 1)[-1]
        begin = ARNS.get(self.types.get(name)) if attribute in ("Arn", "StreamArn") else None
        return f"arn:aws:{begin.format(f'{REGION}:{ACCOUNT}')}{known.rsplit('/', 1)[-1]}" if begin else known


@dataclass(frozen=True)
class Call:
    """A call that a role made, or that a service makes with it."""

    role: str
    action: str
    resource: str
    # Condition keys and their values.
    keys: tuple = ()
    stack: Stack = field(default_factory=Stack, compare=False)
    allowed: bool = True

    def __str__(self):
        types = dict(self.keys).get(DETAIL_TYPE, ())
        verdict = () if self.allowed else ("(refused in the run)",)
        return " ".join([self.role, self.action, self.resource, *types, *verdict])


def frozen(keys):
    """Returns condition keys as pairs, which can be in a set."""
    return tuple(sorted((key, tuple(value) if isinstance(value, list) else value) for key, value in keys.items()))


def listed(value):
    return value if isinstance(value, list) else [value]


def text(value):
    """Returns a reference as `Fn::Sub` spells it."""
    if isinstance(value, dict):
        ((function, argument),) = value.items()
        if function == "Ref":
            return f"${{{argument}}}"
        if function == "Fn::GetAtt":
            return f"${{{'.'.join(listed(argument))}}}"
        if function == "Fn::Sub" and isinstance(argument, str):
            return argument
        raise ValueError(f"roles.py does not know {value}")
    return str(value)


# Only services of AWS assume these roles, which have managed policies alone. The local stack has
# neither role.
OF_SERVICES = {"DeploymentRole", "GatewayLogsRole"}


def grants_of(resources, managed):
    """Returns the grants of the roles, without OF_SERVICES. `managed` has the actions of managed
    policies by name."""
    found = []
    for role, properties in of_type(resources, "AWS::IAM::Role").items():
        if role in OF_SERVICES:
            continue
        for arn in properties.get("ManagedPolicyArns", []):
            policy = arn.rsplit("/", 1)[-1]
            found += [Grant(role, action, "*", policy=policy) for action in managed[policy]]
        for policy in properties.get("Policies", []):
            for statement in listed(policy["PolicyDocument"]["Statement"]):
                conditions = statement.get("Condition", {})
                types = listed(conditions.get("ForAllValues:StringEquals", {}).get(DETAIL_TYPE, ""))
                for action in listed(statement["Action"]):
                    for resource in listed(statement["Resource"]):
                        for detail_type in types:
                            narrow = narrowed(conditions, detail_type)
                            found.append(Grant(role, action, text(resource), narrow, detail_type))
    return found


def narrowed(conditions, detail_type):
    """Returns the conditions with this detail-type alone."""
    if not detail_type:
        return conditions
    events = {**conditions["ForAllValues:StringEquals"], DETAIL_TYPE: [detail_type]}
    return {**conditions, "ForAllValues:StringEquals": events}


def name_in(reference):
    """Returns the logical id in a reference."""
    return re.fullmatch(r"\$\{(\w+)(\.Arn)?\}", text(reference))[1]


def calls_of_services(resources, workflow):
    """Returns the calls that a service makes with a role, as template and workflow determine them.
    An emulator makes them without the role, so they are not recorded."""
    calls = []
    for rule in of_type(resources, "AWS::Events::Rule").values():
        for target in rule["Targets"]:
            if "RoleArn" in target:
                calls.append(Call(name_in(target["RoleArn"]), "states:StartExecution", text(target["Arn"])))
    roles = {}
    for name, function in of_type(resources, "AWS::Lambda::Function").items():
        roles[name] = role = name_in(function["Role"])
        calls += [Call(role, action, text(function["LoggingConfig"]["LogGroup"])) for action in LOGS]
        calls += [Call(role, action, "*") for action in TRACES if "TracingConfig" in function]
    for kind in ("AWS::Lambda::EventSourceMapping", "AWS::Lambda::EventInvokeConfig"):
        for one in of_type(resources, kind).values():
            role = roles[name_in(one["FunctionName"])]
            calls += [Call(role, action, text(one["EventSourceArn"])) for action in STREAM if "EventSourceArn" in one]
            if queue := one.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination"):
                calls.append(Call(role, "sqs:SendMessage", text(queue)))
    (machine,) = of_type(resources, "AWS::StepFunctions::StateMachine").values()
    role = name_in(machine["RoleArn"])
    calls += [Call(role, action, "*") for action in LOG_DELIVERY if "LoggingConfiguration" in machine]
    calls += [Call(role, action, "*") for action in TRACES if "TracingConfiguration" in machine]
    return calls + calls_of_workflow(role, workflow, machine["DefinitionSubstitutions"])


def calls_of_workflow(role, workflow, substitutions):
    """Returns the calls of the workflow's tasks. A task that publishes has one call for each
    detail-type in the workflow."""
    arn = {name: text(value).replace("}", ".Arn}").replace(".Arn.Arn", ".Arn") for name, value in substitutions.items()}
    types = sorted(set(re.findall(r'"DetailType": "(\w+\.\w+)"', json.dumps(workflow))))
    calls = []
    for state in workflow["States"].values():
        if state["Type"] != "Task":
            continue
        integration = ":".join(state["Resource"].split(":::")[1].split(":")[:2]).removesuffix(".waitForTaskToken")
        action, member = TASKS[integration]
        entries = state["Arguments"].get("Entries", [])
        names = {entry[member] for entry in entries} or {state["Arguments"][member]}
        for name in names:
            resource = re.sub(r"\$\{(\w+)\}", lambda found: arn[found[1]], name)
            for detail_type in types if entries else [""]:
                keys = {SOURCE: [entry["Source"] for entry in entries], DETAIL_TYPE: [detail_type]} if entries else {}
                calls.append(Call(role, action, resource, frozen(keys)))
    return calls


def calls_of_run(lines, stacks):
    """Returns the recorded calls of the stacks' roles. A call of PutEvents counts once for each
    detail-type."""
    roles = {
        stack.physical[name]: (name, stack)
        for stack in stacks
        for name, kind in stack.types.items()
        if kind == "AWS::IAM::Role"
    }
    for line in lines:
        call = json.loads(line)
        if call["role"] not in roles:
            continue
        role, stack = roles[call["role"]]
        for detail_type in call["keys"].get(DETAIL_TYPE) or [""]:
            keys = {**call["keys"], DETAIL_TYPE: [detail_type]} if detail_type else call["keys"]
            yield Call(role, call["action"], call["resource"], frozen(keys), stack, call["allowed"])


def deployed(name):
    """Returns a stack of the emulator; None if it is not deployed."""
    import boto3
    from botocore.exceptions import ClientError

    pages = boto3.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=name)
    try:
        found = [one for page in pages for one in page["StackResourceSummaries"]]
    except ClientError:
        return None
    ids = {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in found}
    return Stack(name, ids, {one["LogicalResourceId"]: one["ResourceType"] for one in found})


@dataclass
class Comparison:
    """The findings of a comparison. Each list is empty if the roles are right."""

    unused: list
    missing: list
    unjustified: list
    idle_reasons: list
    stars: int

    def faults(self):
        yield from (f"unused: {one}" for one in self.unused)
        yield from (f"missing: {one}" for one in self.missing)
        yield from (f"a star without a reason: {one}" for one in self.unjustified)
        yield from (f"tests/roles.toml: {one}" for one in self.idle_reasons)


def fits(reason, grant):
    return (
        grant.action in reason["actions"]
        and grant.resource == reason["resource"]
        and ("roles" not in reason or grant.role in reason["roles"])
    )


class Evidence:
    """The calls, each with the grants that allow it, which are computed once."""

    def __init__(self, grants, calls, reasons):
        self.reasons = reasons
        self.calls = {call: {grant for grant in grants if grant.allows(call)} for call in calls}

    def compare(self, grants):
        present = set(grants)
        used = {grant for allowing in self.calls.values() for grant in allowing}
        unseen = [reason for reason in self.reasons if reason.get("unseen")]
        excused = {grant for grant in present if any(fits(reason, grant) for reason in unseen)}
        stars = [grant for grant in present if grant.has_star]
        idle = []
        for reason in self.reasons:
            of_reason = {grant for grant in present if fits(reason, grant)}
            for role in reason.get("roles", [""]):
                for action in reason["actions"]:
                    if not any(grant.action == action and role in ("", grant.role) for grant in of_reason):
                        idle.append(f"no grant {role} {action} {reason['resource']}".replace("  ", " "))
            if reason.get("unseen"):
                idle += [f"{grant} is used: delete unseen" for grant in of_reason & used]
        missing = [call for call, allowing in self.calls.items() if not call.allowed or not allowing & present]
        justified = [grant for grant in stars if any(fits(reason, grant) for reason in self.reasons)]
        return Comparison(
            unused=sorted(present - used - excused, key=str),
            missing=sorted(missing, key=str),
            unjustified=sorted(set(stars) - set(justified), key=str),
            idle_reasons=idle,
            stars=len(justified),
        )

    def unnoticed(self, grants):
        """Returns the grants whose removal or addition the comparison does not notice."""

        def passes(changed):
            return not any(self.compare(changed).faults())

        parts = {grant.part: grant for grant in grants}
        removed = [grant for part, grant in parts.items() if passes([one for one in grants if one.part != part])]
        roles = sorted({grant.role for grant in grants})
        added = [Grant(role, "dynamodb:DeleteTable", "${OrdersTable.Arn}") for role in roles]
        return removed + [grant for grant in added if passes([*grants, grant])]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    recorded = ROOT / ".local" / "calls.jsonl"
    parser.add_argument("--calls", type=pathlib.Path, default=recorded, help="the file that recording_ministack.py wrote")
    parser.add_argument("--stack", action="append", help="a stack of the suite; may be given several times")
    arguments = parser.parse_args()
    reasons = tomllib.loads(REASONS.read_text())
    resources = transformed()
    workflow = json.loads((ROOT / "statemachines" / "order-processor.asl.json").read_text())
    stacks = [stack for stack in map(deployed, arguments.stack or ["serverlesspresso"]) if stack]
    if not stacks or not arguments.calls.exists():
        sys.exit("error: no stack or no recorded calls: run make end-to-end first")
    grants = grants_of(resources, reasons["managed-policies"])
    calls = set(calls_of_run(arguments.calls.read_text().splitlines(), stacks))
    calls |= set(calls_of_services(resources, workflow))
    evidence = Evidence(grants, calls, reasons["grant"])
    found = evidence.compare(grants)
    for fault in found.faults():
        print(fault, file=sys.stderr)
    unnoticed = evidence.unnoticed(grants)
    for grant in unnoticed:
        print(f"its removal or addition was not noticed: {grant}", file=sys.stderr)
    roles = len({grant.role for grant in grants})
    print(f"removed each grant, and added one to each of {roles} roles: {len(unnoticed)} not noticed")
    counts = f"{len(found.unused)} unused, {len(found.missing)} missing, {found.stars} stars justified"
    print(f"{len(grants)} grants, {counts}")
    return 1 if unnoticed or any(found.faults()) else 0


if __name__ == "__main__":
    sys.exit(main())
