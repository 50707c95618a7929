"""Observations of the stack as a whole. Each observation is named after its step."""

import json
import re
import time

from first_day import teardown
from first_day.bar import request
from first_day.observe_api import options
from first_day.observe_data import event, put
from first_day.world import SHOP, ago, explain, note, wait


def quotas(world):
    limits = world.client("lambda").get_account_settings()["AccountLimit"]
    seen = {"concurrent": limits["ConcurrentExecutions"], "states": {}}
    try:
        # Service Quotas may omit a quota that the account never changed, so defaults come first.
        for call in ("list_aws_default_service_quotas", "list_service_quotas"):
            pages = world.client("service-quotas").get_paginator(call).paginate(ServiceCode="states")
            for quota in (one for page in pages for one in page["Quotas"]):
                if "StartExecution" in quota["QuotaName"] or "StateTransition" in quota["QuotaName"]:
                    seen["states"][quota["QuotaName"]] = quota["Value"]
    except Exception as error:  # Only Lambda's figure decides the answer.
        note(f"Service Quotas: {explain(error)}")
    return seen


def deploy(world):
    started = time.monotonic()
    if not world.local:
        topic = world.client("sns").create_topic(Name=f"{world.stack}-alarms")["TopicArn"]
        world.parameters["AlarmTopicArn"] = topic
    world.deploy()
    described = world.described()
    if described:
        world.facts["stack_id"] = described["StackId"]
        teardown.remember(world)
    return {**world.state(), "seconds": round(time.monotonic() - started)}


def rules(world):
    """Yields the name, the bus and the ARN of each rule of the stack."""
    for bus in [world.outputs()["BusName"], "default"]:
        for rule in world.client("events").list_rules(EventBusName=bus, NamePrefix=f"{world.stack}-")["Rules"]:
            yield rule["Name"], bus, rule["Arn"]


def as_list(value):
    return value if isinstance(value, list) else [value]


def allows(policy, queue, rule):
    """Returns true if the queue policy lets EventBridge send for the rule."""
    for statement in as_list(policy.get("Statement", [])):
        sources = [
            one
            for operator in ("ArnEquals", "ArnLike", "StringEquals")
            for one in as_list(statement.get("Condition", {}).get(operator, {}).get("aws:SourceArn", []))
        ]
        if (
            statement.get("Effect") == "Allow"
            and {"sqs:SendMessage", "SQS:SendMessage", "sqs:*"} & set(as_list(statement.get("Action", [])))
            and queue in as_list(statement.get("Resource", []))
            and rule in sources
        ):
            return True
    return False


def queue_policy(world):
    sqs, events, targets, foreign = world.client("sqs"), world.client("events"), [], set()
    policies = {}
    for _, url in (one for one in world.resources().values() if one[0] == "AWS::SQS::Queue"):
        found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn", "Policy"])["Attributes"]
        policies[found["QueueArn"]] = json.loads(found.get("Policy") or "{}")
        resources = [one for each in policies[found["QueueArn"]].get("Statement", []) for one in as_list(each.get("Resource", []))]
        foreign |= {(found["QueueArn"], one) for one in resources if one != found["QueueArn"]}
    for rule, bus, arn in rules(world):
        for target in events.list_targets_by_rule(Rule=rule, EventBusName=bus)["Targets"]:
            queue = target.get("DeadLetterConfig", {}).get("Arn")
            if queue:
                targets.append({"queue": queue.split(":")[-1], "allowed": allows(policies.get(queue, {}), queue, arn)})
    return {"targets": targets, "foreign": len(foreign)}


def dead_letter(world):
    functions, sqs = world.client("lambda"), world.client("sqs")
    name, queue = world.name("OrderProjector"), world.name("ProjectionDeadLetters")
    policy = json.loads(functions.get_policy(FunctionName=name)["Policy"])
    statement = next((one for one in policy["Statement"] if one["Principal"].get("Service") == "events.amazonaws.com"), None)
    if not statement:
        return {}
    source = next(iter(next(iter(statement["Condition"].values())).values()))
    functions.remove_permission(FunctionName=name, StatementId=statement["Sid"])
    try:
        # EventBridge caches permissions for a short time.
        time.sleep(0 if world.local else 15)
        put(world, [event(world, "OrderProcessor.WorkflowStarted", Message="undeliverable")])

        def receive():
            found = sqs.receive_message(QueueUrl=queue, MessageAttributeNames=["All"], WaitTimeSeconds=5, VisibilityTimeout=1)
            return found.get("Messages")

        messages, seconds = wait("the dead-letter queue", 5 if world.local else 180, receive)
    finally:
        functions.add_permission(
            FunctionName=name,
            StatementId=statement["Sid"],
            Action="lambda:InvokeFunction",
            Principal="events.amazonaws.com",
            SourceArn=source,
        )
    sqs.purge_queue(QueueUrl=queue)
    attributes = messages[0].get("MessageAttributes", {}) if messages else {}
    return {
        "messages": len(messages or []),
        "seconds": seconds,
        "error": attributes.get("ERROR_CODE", {}).get("StringValue", "not named"),
    }


def alarm_math(world):
    metric = {
        "Namespace": "AWS/States",
        "MetricName": "ExecutionsTimedOut",
        "Dimensions": [{"Name": "StateMachineArn", "Value": f"{world.outputs()['OrderProcessorArn']}-never"}],
    }
    answer = world.client("cloudwatch").get_metric_data(
        StartTime=ago(15),
        EndTime=ago(0),
        MetricDataQueries=[
            {"Id": "never", "ReturnData": False, "MetricStat": {"Metric": metric, "Period": 60, "Stat": "Sum"}},
            {"Id": "filled", "Expression": "FILL(never, 0)"},
        ],
    )
    found = next((one for one in answer["MetricDataResults"] if one["Id"] == "filled"), {})
    if found.get("StatusCode") == "InternalError":
        return {"error": f"the expression was not evaluated: {found.get('Messages', [{}])[0].get('Value', 'no reason')}"}
    return {"values": found.get("Values", [])}


def watching(world, metric):
    """Returns the alarms of the stack that watch a metric, as states by name."""
    alarms = world.client("cloudwatch").describe_alarms(AlarmNamePrefix=world.stack)["MetricAlarms"]

    def names(alarm):
        yield alarm.get("MetricName")
        for one in alarm.get("Metrics", []):
            yield one.get("MetricStat", {}).get("Metric", {}).get("MetricName")

    return {alarm["AlarmName"]: alarm["StateValue"] for alarm in alarms if metric in names(alarm)}


def alarm_state(world):
    if not watching(world, "ExecutionsFailed"):
        return {}
    # With an input that is not an order the execution fails at once, without an effect on orders.
    world.client("stepfunctions").start_execution(stateMachineArn=world.outputs()["OrderProcessorArn"], input="{}")
    _, seconds = wait(
        "the alarm",
        10 if world.local else 300,
        lambda: "ALARM" in watching(world, "ExecutionsFailed").values(),
        pause=1 if world.local else 10,
    )
    return {"alarms": watching(world, "ExecutionsFailed"), "seconds": seconds}


def cors_update(world):
    wanted = "https://bar.example"
    if not world.deploy(CorsOrigin=wanted):
        return {}
    url = f"{world.bar().url}/config?eventId={SHOP}"

    def origins():
        answers = options(url, wanted), request("GET", url)
        return [one.headers.get("Access-Control-Allow-Origin", "") for one in answers]

    wait("the new origin", 5 if world.local else 60, lambda: set(origins()) == {wanted})
    preflight, answer = origins()
    return {"wanted": wanted, "preflight": preflight, "answer": answer}


def acl_rules():
    """Returns the rate-based rule that docs/operations.md shows."""
    visibility = {"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "per-address"}
    rate = {"Limit": 2000, "EvaluationWindowSec": 300, "AggregateKeyType": "IP"}
    return [
        {
            "Name": "per-address",
            "Priority": 0,
            "Action": {"Block": {}},
            "Statement": {"RateBasedStatement": rate},
            "VisibilityConfig": visibility,
        }
    ]


def web_acl(world):
    waf, rules_of_page = world.client("wafv2"), acl_rules()
    capacity = waf.check_capacity(Scope="REGIONAL", Rules=rules_of_page)["Capacity"]
    made = waf.create_web_acl(
        Name=world.stack,
        Scope="REGIONAL",
        DefaultAction={"Allow": {}},
        Rules=rules_of_page,
        VisibilityConfig={"SampledRequestsEnabled": True, "CloudWatchMetricsEnabled": True, "MetricName": "bar"},
    )["Summary"]
    # A new web ACL is available only after some seconds.
    wait("AWS WAF", 0 if world.local else 30, lambda: False, pause=5)
    if not world.deploy(WebAclArn=made["ARN"]):
        world.parameters.pop("WebAclArn")
        return {"capacity": capacity, "associated": False, "status": "not asked, because the deployment failed"}
    partition = made["ARN"].split(":")[1]
    stage = f"arn:{partition}:apigateway:{world.region}::/restapis/{world.name('Api')}/stages/v1"
    found = waf.get_web_acl_for_resource(ResourceArn=stage).get("WebACL", {})
    status = request("GET", f"{world.bar().url}/config?eventId={SHOP}").status
    return {"capacity": capacity, "associated": found.get("ARN") == made["ARN"], "status": status}


def level_of(line):
    """Returns the level of a stored line, in which an emulator may put text around the JSON."""
    for at in (match.start() for match in re.finditer(r"\{", line)):
        try:
            found, _ = json.JSONDecoder().raw_decode(line[at:])
        except ValueError:
            continue
        if "level" in found:
            return found["level"]
    return f"a line without level: {line[:100]}"


def log_level(world):
    functions, name = world.client("lambda"), world.name("OrderProjector")

    def line_of(event_id):
        lines = [one for one in world.logs(f'"{event_id}"', minutes=15) if "unreadable event" in one]
        return lines[0] if lines else None

    def unreadable():
        found = put(world, [event(world, "OrderManager.WaitingCompletion", Message="unreadable on purpose")])[0]
        line, _ = wait("the log line", 10 if world.local else 60, lambda: line_of(found), pause=2)
        return line

    line = unreadable()
    if not line:
        return {}
    settings = functions.get_function_configuration(FunctionName=name).get("LoggingConfig", {})
    raised = {"LogFormat": "JSON", "ApplicationLogLevel": "ERROR", "LogGroup": world.log_group()}
    functions.update_function_configuration(FunctionName=name, LoggingConfig=raised)
    functions.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
    kept = unreadable()
    if settings:
        functions.update_function_configuration(FunctionName=name, LoggingConfig=settings)
        functions.get_waiter("function_updated_v2").wait(FunctionName=name, WaiterConfig={"Delay": 1})
    return {"level": level_of(line), "kept": 1 if kept else 0}


def traces(world):
    xray = world.client("xray")
    for _ in range(20):
        request("GET", f"{world.bar().url}/config?eventId={SHOP}")
        time.sleep(1)

    def summaries():
        return xray.get_trace_summaries(StartTime=ago(10), EndTime=ago(0))["TraceSummaries"]

    found, _ = wait("X-Ray", 60, summaries, pause=5)
    ids = [one["Id"] for one in found or []][:5]
    if not ids:
        return {}
    documents = [
        json.loads(segment["Document"]) for trace in xray.batch_get_traces(TraceIds=ids)["Traces"] for segment in trace["Segments"]
    ]

    def calls(segment):
        for one in segment.get("subsegments", []):
            if one.get("namespace") == "aws":
                yield one["name"]
            yield from calls(one)

    of_functions = [one for one in documents if one.get("origin") == "AWS::Lambda::Function"]
    return {
        "origins": sorted({one["origin"] for one in documents if "origin" in one}),
        "calls": [name for one in of_functions for name in calls(one)],
    }


def denied(world):
    refused = [line for line in world.logs() if "AccessDenied" in line or "not authorized to perform" in line]
    return {"lines": len(world.logs()), "denied": refused}


def delete(world):
    try:
        world.bar().waiting_order()
        waiting = 1
    except Exception as error:  # The stack is deleted without a waiting order, too.
        note(f"no order waits: {explain(error)}")
        waiting = 0
    started = time.monotonic()
    teardown.delete_stack(world)
    return {**world.state(), "seconds": round(time.monotonic() - started), "waiting": waiting}


def groups(world):
    found = world.client("logs").describe_log_groups(logGroupNamePrefix=world.log_group())["logGroups"]
    return [one["logGroupName"] for one in found if one["logGroupName"] == world.log_group()]


def redeploy(world):
    if not teardown.delete_stack(world):
        return {**world.state(), "reasons": ["the stack could not be deleted"]}
    teardown.delete_kept(world)
    if not world.local:
        wait("late log lines of the sweeper", 120, lambda: groups(world), pause=10)
    came_back = bool(groups(world))
    world.facts.pop("stack_id", None)
    for name in ["CorsOrigin", "WebAclArn"]:
        world.parameters.pop(name, None)
    world.deploy()
    described = world.described()
    if described:
        world.facts["stack_id"] = described["StackId"]
        teardown.remember(world)
    return {**world.state(), "group_came_back": came_back}


def left(world):
    return {"resources": teardown.everything(world)}
