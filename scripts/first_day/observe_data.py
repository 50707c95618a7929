"""Observations of tables, workflow and roles. Each observation is named after its step."""

import base64
import datetime
import json
import os
import time

from first_day.world import SHOP, wait

SOURCE = "awsserverlessda.serverlesspresso"


def new_id():
    return base64.b32encode(os.urandom(16)).decode().lower().rstrip("=")


def event(world, detail_type, **detail):
    return {
        "Source": SOURCE,
        "DetailType": detail_type,
        "EventBusName": world.outputs()["BusName"],
        "Detail": json.dumps({"orderId": new_id(), "userId": f"guest-{new_id()}", "eventId": SHOP, **detail}),
    }


def new_order(world):
    at = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return event(world, "Validator.NewOrder", Message="A customer scanned the code", at=at)


def put(world, entries):
    """Publishes the entries and returns the ids of the events. Fails if one is refused."""
    answer = world.client("events").put_events(Entries=entries)
    refused = [one["ErrorCode"] for one in answer["Entries"] if "ErrorCode" in one]
    if refused:
        raise RuntimeError(f"EventBridge refused {len(refused)} of {len(entries)} events: {refused[0]}")
    return [one["EventId"] for one in answer["Entries"]]


def failed_executions(world, order_ids):
    """Returns how many executions of these orders ended without success. Reads their input, because
    EventBridge generates the name of an execution."""
    states, count = world.client("stepfunctions"), 0
    for status in ["FAILED", "TIMED_OUT", "ABORTED"]:
        pages = states.get_paginator("list_executions").paginate(
            stateMachineArn=world.outputs()["OrderProcessorArn"], statusFilter=status
        )
        for execution in (one for page in pages for one in page["executions"]):
            text = states.describe_execution(executionArn=execution["executionArn"]).get("input", "")
            count += any(one in text for one in order_ids)
    return count


def contention(world):
    world.bar()
    requested = 10 if world.local else 100
    entries = [new_order(world) for _ in range(requested)]
    ids = [json.loads(entry["Detail"])["orderId"] for entry in entries]
    table, dynamodb = world.outputs()["OrdersTable"], world.client("dynamodb")
    started = time.monotonic()
    for at in range(0, requested, 10):
        put(world, entries[at : at + 10])

    def admitted():
        found = 0
        for at in range(0, requested, 100):
            keys = [{"orderId": {"S": one}} for one in ids[at : at + 100]]
            got = dynamodb.batch_get_item(RequestItems={table: {"Keys": keys, "ConsistentRead": True}})
            found += sum(item.get("status", {}).get("S") != "CANCELLED" for item in got["Responses"][table])
        return found

    wait("admissions", 180, lambda: admitted() == requested, pause=0.2)
    seconds, count = time.monotonic() - started, admitted()
    failed = failed_executions(world, ids)
    conflicts = None
    if not world.local:
        conflicts, _ = wait(
            "CloudWatch's count of conflicts",
            180,
            lambda: world.metric("AWS/DynamoDB", "TransactionConflict", {"TableName": world.outputs()["ShopTable"]}, "Sum")[0],
            pause=10,
        )
    return {"requested": requested, "admitted": count, "failed": failed, "seconds": seconds, "conflicts": conflicts}


def transaction_time(world):
    dimensions = {"TableName": world.outputs()["ShopTable"], "Operation": "TransactWriteItems"}
    wait(
        "CloudWatch's latency of transactions",
        0 if world.local else 180,
        lambda: world.metric("AWS/DynamoDB", "SuccessfulRequestLatency", dimensions, "Average")[1],
        pause=10,
    )
    average, samples = world.metric("AWS/DynamoDB", "SuccessfulRequestLatency", dimensions, "Average")
    return {"average_ms": average, "samples": samples}


def scratch(world):
    return f"{world.stack}-scratch"


def transaction_cost(world):
    dynamodb, table = world.client("dynamodb"), scratch(world)
    dynamodb.create_table(
        TableName=table,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )
    dynamodb.get_waiter("table_exists").wait(TableName=table, WaiterConfig={"Delay": 2})
    item = {"filler": {"S": "x" * 900}}
    dynamodb.put_item(TableName=table, Item={"id": {"S": "held"}, **item})
    held = {"TableName": table, "Key": {"id": {"S": "held"}}, "ConditionExpression": "attribute_exists(id)"}
    checked = dynamodb.transact_write_items(TransactItems=[{"ConditionCheck": held}], ReturnConsumedCapacity="TOTAL")
    seen = {"check_units": checked["ConsumedCapacity"][0]["CapacityUnits"] if checked.get("ConsumedCapacity") else None}
    # One put (1 unit) and one check come first; all later units are of cancelled transactions.
    before, rounds, cancelled = 1 + (seen["check_units"] or 0), 5 if world.local else 50, 0
    for number in range(rounds):
        puts = {"TableName": table, "Item": {"id": {"S": f"other-{number}"}, **item}}
        refused = {**held, "ConditionExpression": "attribute_not_exists(id)"}
        try:
            dynamodb.transact_write_items(TransactItems=[{"Put": puts}, {"ConditionCheck": refused}])
        except dynamodb.exceptions.TransactionCanceledException:
            cancelled += 1
    if not world.local:
        # CloudWatch completes a minute's sum late. The sum is read until it stays the same, at most
        # ten times.
        total, settled = None, -1.0
        for _ in range(10):
            time.sleep(60)
            print("   CloudWatch's count of write units", flush=True)
            total, _ = world.metric("AWS/DynamoDB", "ConsumedWriteCapacityUnits", {"TableName": table}, "Sum")
            if total is not None and total == settled:
                break
            settled = total
        if total is not None and cancelled:
            seen["cancelled_units"] = (total - before) / cancelled
    return seen


def role_name(world):
    return f"{world.stack}-send-task"


def create_role(world, account, workflow):
    """Creates a role that the account may assume, and that may describe the workflow and fail its
    tasks. Returns the ARN of the role."""
    iam, version = world.client("iam"), "2012-10-17"
    trust = {"Effect": "Allow", "Principal": {"AWS": account}, "Action": "sts:AssumeRole"}
    actions = ["states:DescribeStateMachine", "states:SendTaskFailure"]
    grant = {"Effect": "Allow", "Action": actions, "Resource": workflow}
    created = iam.create_role(
        RoleName=role_name(world), AssumeRolePolicyDocument=json.dumps({"Version": version, "Statement": [trust]})
    )
    iam.put_role_policy(
        RoleName=role_name(world),
        PolicyName="workflow",
        PolicyDocument=json.dumps({"Version": version, "Statement": [grant]}),
    )
    return created["Role"]["Arn"]


def send_task(world):
    """`control` tells if the role can do the other action that it was granted."""
    bar, workflow = world.bar(), world.outputs()["OrderProcessorArn"]
    caller = world.client("sts").get_caller_identity()["Arn"]
    account = ":".join(caller.split(":")[:2]) + f":iam::{world.account}:root"
    role = create_role(world, account, workflow)

    def states():
        """Returns a client of the role once it may do what it was granted; until then None."""
        import boto3

        nonlocal refused

        try:
            given = world.client("sts").assume_role(RoleArn=role, RoleSessionName="first-day")["Credentials"]
            client = boto3.client(
                "stepfunctions",
                region_name=world.region,
                aws_access_key_id=given["AccessKeyId"],
                aws_secret_access_key=given["SecretAccessKey"],
                aws_session_token=given["SessionToken"],
            )
            client.describe_state_machine(stateMachineArn=workflow)
            return client
        except world.client("sts").exceptions.ClientError as error:
            refused = error.response["Error"]["Code"]
            return None

    refused = "no answer"
    client, _ = wait("the role", 90, states, pause=5)
    if not client:
        return {"control": refused}
    order_id, _ = bar.waiting_order()
    table = world.client("dynamodb")

    def token():
        key = {"orderId": {"S": order_id}}
        found = table.get_item(TableName=world.outputs()["OrdersTable"], Key=key, ConsistentRead=True)
        item = found.get("Item", {})
        waits = item.get("status", {}).get("S") == "WAITING"
        return item.get("taskToken", {}).get("S") if waits else None

    found, _ = wait("the order's task token", 30, token)
    if not found:
        return {"control": "accepted", "outcome": "nothing, because no order waited"}
    cause = json.dumps({"reason": "first day", "closedBy": "barista", "closedByUserId": "first-day"})
    try:
        client.send_task_failure(taskToken=found, error="OrderCancelled", cause=cause)
        return {"control": "accepted", "outcome": "accepted"}
    except client.exceptions.ClientError as error:
        return {"control": "accepted", "outcome": error.response["Error"]["Code"]}
