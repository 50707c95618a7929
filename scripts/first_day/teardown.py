"""Deletes everything that the first day has created, and lists what is left."""

import time

from first_day.observe_data import role_name, scratch
from first_day.world import explain, note, warn

# The stack keeps these, so that a deletion by mistake loses no orders and no users.
KEPT = ("AWS::DynamoDB::Table", "AWS::Cognito::UserPool")


def remember(world):
    """Notes the resources that the deletion of the stack keeps."""
    for kind, name in world.resources().values():
        if kind in KEPT and name:
            world.kept[name] = kind


def delete_stack(world, seconds=1800):
    """Deletes the stack, and waits until it is gone. Returns false if the deletion fails or takes
    longer than `seconds`."""
    cloudformation, started = world.client("cloudformation"), time.monotonic()
    asked, reported = False, started
    while time.monotonic() - started < seconds:
        status = world.state().get("status", "DELETE_COMPLETE")
        if status == "DELETE_COMPLETE":
            return True
        # An update cannot be interrupted.
        if not asked and (not status.endswith("_IN_PROGRESS") or status in {"CREATE_IN_PROGRESS", "REVIEW_IN_PROGRESS"}):
            remember(world)
            cloudformation.delete_stack(StackName=world.stack)
            asked = True
        elif asked and status == "DELETE_FAILED":
            return False
        if time.monotonic() - reported >= 5:
            reported = time.monotonic()
            note(f"the stack is {status}: {reported - started:.0f} of {seconds} s")
        time.sleep(0.5 if world.local else 5)
    return False


def gone(call, *codes):
    """Makes the call. Returns true if it fails because the resource does not exist. `codes` are
    further error codes that say so."""
    try:
        call()
        return False
    except Exception as error:
        code = getattr(error, "response", {}).get("Error", {}).get("Code", "")
        if code in codes or "NotFound" in code or "NonExistent" in code or "NoSuch" in code or "does not exist" in str(error):
            return True
        raise


def kept(world):
    """Returns the tables and pools of the stack that still exist."""
    found = []
    for name, kind in world.kept.items():
        if kind == "AWS::DynamoDB::Table":
            absent = gone(lambda: world.client("dynamodb").describe_table(TableName=name))
            status = "" if absent else world.client("dynamodb").describe_table(TableName=name)["Table"]["TableStatus"]
            if not absent and status != "DELETING":
                found.append((kind, name))
        elif not gone(lambda: world.client("cognito-idp").describe_user_pool(UserPoolId=name)):
            found.append((kind, name))
    return found


def delete_kept(world):
    """Deletes what the deleted stack has kept."""
    for kind, name in kept(world):
        if kind == "AWS::DynamoDB::Table":
            gone(lambda: world.client("dynamodb").delete_table(TableName=name))
            gone(lambda: world.client("dynamodb").get_waiter("table_not_exists").wait(TableName=name, WaiterConfig={"Delay": 2}))
        else:
            gone(lambda: world.client("cognito-idp").delete_user_pool(UserPoolId=name))


def delete_role(world):
    iam = world.client("iam")
    gone(lambda: iam.delete_role_policy(RoleName=role_name(world), PolicyName="workflow"))
    gone(lambda: iam.delete_role(RoleName=role_name(world)))


def delete_scratch(world):
    gone(lambda: world.client("dynamodb").delete_table(TableName=scratch(world)))
    gone(lambda: world.client("dynamodb").get_waiter("table_not_exists").wait(TableName=scratch(world), WaiterConfig={"Delay": 2}))


def delete_topic(world):
    for topic in topics(world):
        gone(lambda: world.client("sns").delete_topic(TopicArn=topic))


def delete_web_acl(world):
    waf = world.client("wafv2")
    for one in of_this_name(world):
        # The association may end some seconds after the deletion of the stack.
        for _ in range(12):
            lock = waf.get_web_acl(Scope="REGIONAL", Name=one["Name"], Id=one["Id"])["LockToken"]
            try:
                gone(lambda: waf.delete_web_acl(Scope="REGIONAL", LockToken=lock, Name=one["Name"], Id=one["Id"]))
                break
            except waf.exceptions.WAFAssociatedItemException:
                time.sleep(5)


def delete_logs(world):
    gone(lambda: world.client("logs").delete_log_group(logGroupName=world.log_group()))


def delete_bucket(world):
    if not world.bucket:
        return
    s3 = world.client("s3")
    if gone(lambda: s3.head_bucket(Bucket=world.bucket), "404"):
        return
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=world.bucket):
        for one in page.get("Contents", []):
            s3.delete_object(Bucket=world.bucket, Key=one["Key"])
    s3.delete_bucket(Bucket=world.bucket)


def everything_deleted(world):
    """Makes each deletion, even if an earlier one fails. Returns what is left."""
    steps = [delete_stack, delete_kept, delete_role, delete_scratch, delete_topic, delete_web_acl, delete_logs, delete_bucket]
    for step in steps:
        try:
            if step(world) is False:
                warn(f"{step.__name__}: the stack is {world.state()}")
        except Exception as error:  # The next deletions do not depend on this one.
            warn(f"{step.__name__}: {explain(error)}")
    return everything(world)


def queues(world):
    return world.client("sqs").list_queues(QueueNamePrefix=f"{world.stack}-").get("QueueUrls", [])


def functions(world):
    pages = world.client("lambda").get_paginator("list_functions").paginate()
    return [one["FunctionName"] for page in pages for one in page["Functions"] if one["FunctionName"].startswith(f"{world.stack}-")]


def tables(world):
    pages = world.client("dynamodb").get_paginator("list_tables").paginate()
    return [name for page in pages for name in page["TableNames"] if name.startswith(f"{world.stack}-")]


def workflows(world):
    """Returns the workflows whose generated name contains the name of the stack."""
    pages = world.client("stepfunctions").get_paginator("list_state_machines").paginate()
    return [one["name"] for page in pages for one in page["stateMachines"] if world.stack in one["name"]]


def roles(world):
    pages = world.client("iam").get_paginator("list_roles").paginate()
    return [one["RoleName"] for page in pages for one in page["Roles"] if one["RoleName"].startswith(f"{world.stack}-")]


def buses(world):
    found = world.client("events").list_event_buses(NamePrefix=f"{world.stack}-")["EventBuses"]
    return [one["Name"] for one in found]


def log_groups(world):
    found = world.client("logs").describe_log_groups(logGroupNamePrefix=world.log_group())["logGroups"]
    return [one["logGroupName"] for one in found]


def alarms(world):
    found = world.client("cloudwatch").describe_alarms(AlarmNamePrefix=f"{world.stack}-")["MetricAlarms"]
    return [one["AlarmName"] for one in found]


def apis(world):
    rest = world.client("apigateway").get_rest_apis(limit=500)["items"]
    sockets = world.client("apigatewayv2").get_apis()["Items"]
    return [one.get("name") or one.get("Name") for one in [*rest, *sockets] if (one.get("name") or one.get("Name")) in {world.stack, f"{world.stack}-live"}]


def stacks(world):
    return [] if world.state().get("status", "DELETE_COMPLETE") == "DELETE_COMPLETE" else [world.stack]


def topics(world):
    pages = world.client("sns").get_paginator("list_topics").paginate()
    return [one["TopicArn"] for page in pages for one in page["Topics"] if one["TopicArn"].endswith(f":{world.stack}-alarms")]


def buckets(world):
    return [world.bucket] if world.bucket and not gone(lambda: world.client("s3").head_bucket(Bucket=world.bucket), "404") else []


def of_this_name(world):
    found = world.client("wafv2").list_web_acls(Scope="REGIONAL")["WebACLs"]
    return [one for one in found if one["Name"] == world.stack]


def web_acls(world):
    return [one["Name"] for one in of_this_name(world)]


def pools(world):
    return [name for kind, name in kept(world) if kind == "AWS::Cognito::UserPool"]


LISTED = {
    "stack": stacks,
    "table": tables,
    "user pool": pools,
    "queue": queues,
    "function": functions,
    "workflow": workflows,
    "API": apis,
    "bus": buses,
    "alarm": alarms,
    "log group": log_groups,
    "role": roles,
    "topic": topics,
    "bucket": buckets,
    "web ACL": web_acls,
}


def everything(world):
    """Returns each existing resource that the first day created."""
    return [f"{kind} {name}" for kind, listing in LISTED.items() for name in listing(world)]
