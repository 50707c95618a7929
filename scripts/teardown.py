#!/usr/bin/env python3
"""teardown.py STACK [--yes]   Deletes a stack and what its deletion keeps, then lists what is left.

CloudFormation keeps tables, user pool and their parts (DeletionPolicy in template.yaml), and a late
log line of a function creates the log group again. Asks for the name of the stack first, unless
--yes is given. Fails if anything is left.
"""

import sys
import time

import boto3
from botocore.exceptions import ClientError

# Codes with which a service says that there is no such resource.
MISSING = ("NotFound", "NotFoundException", "ResourceNotFoundException", "ValidationError", "NoSuchBucket")


def exists(call, **arguments):
    """Returns True if the resource that the call describes exists."""
    try:
        call(**arguments)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in MISSING or "NonExistent" in code:
            return False
        raise
    return True


def resources(cloudformation, stack):
    pages = cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
    found = [resource for page in pages for resource in page["StackResourceSummaries"]]
    return [(it["ResourceType"], it["PhysicalResourceId"]) for it in found if it.get("PhysicalResourceId")]


class Table:
    kind = "AWS::DynamoDB::Table"

    def __init__(self):
        self.client = boto3.client("dynamodb")

    def exists(self, name):
        return exists(self.client.describe_table, TableName=name)

    def delete(self, name):
        if self.client.describe_table(TableName=name)["Table"].get("DeletionProtectionEnabled"):
            self.client.update_table(TableName=name, DeletionProtectionEnabled=False)
            self.client.get_waiter("table_exists").wait(TableName=name)
        self.client.delete_table(TableName=name)
        self.client.get_waiter("table_not_exists").wait(TableName=name)


class UserPool:
    kind = "AWS::Cognito::UserPool"

    def __init__(self):
        self.client = boto3.client("cognito-idp")

    def exists(self, pool):
        return exists(self.client.describe_user_pool, UserPoolId=pool)

    def delete(self, pool):
        described = self.client.describe_user_pool(UserPoolId=pool)["UserPool"]
        if described.get("DeletionProtection") == "ACTIVE":
            # This call resets what it does not name, which is deleted next.
            self.client.update_user_pool(UserPoolId=pool, DeletionProtection="INACTIVE")
        if domain := described.get("Domain"):
            self.client.delete_user_pool_domain(UserPoolId=pool, Domain=domain)
        self.client.delete_user_pool(UserPoolId=pool)


class LogGroup:
    kind = "AWS::Logs::LogGroup"

    def __init__(self):
        self.client = boto3.client("logs")

    def exists(self, name):
        found = self.client.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
        return any(group["logGroupName"] == name for group in found)

    def delete(self, name):
        self.client.delete_log_group(logGroupName=name)


def confirmed(stack, count):
    identity = boto3.client("sts").get_caller_identity()
    region = boto3.session.Session().region_name
    print(f"account {identity['Account']}, region {region}, stack {stack}: {count} resources")
    print("All orders, settings and users are deleted for good.")
    if "--yes" in sys.argv:
        return True
    return input("Type the name of the stack to delete it: ").strip() == stack


def delete_stack(cloudformation, stack):
    cloudformation.update_termination_protection(StackName=stack, EnableTerminationProtection=False)
    arn = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]["StackId"]
    cloudformation.delete_stack(StackName=stack)
    started = time.monotonic()
    while True:
        try:
            status = cloudformation.describe_stacks(StackName=arn)["Stacks"][0]["StackStatus"]
        except ClientError:
            status = "DELETE_COMPLETE"
        if status == "DELETE_COMPLETE":
            return
        if status == "DELETE_FAILED":
            sys.exit(f"error: {stack} is DELETE_FAILED: aws cloudformation describe-stack-events --stack-name {stack}")
        print(f"   {status}, {time.monotonic() - started:.0f} s", flush=True)
        time.sleep(3)


def main():
    names = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    if len(names) != 1:
        sys.exit(__doc__)
    stack = names[0]
    cloudformation = boto3.client("cloudformation")
    if not exists(cloudformation.describe_stacks, StackName=stack):
        sys.exit(f"error: there is no stack {stack} in this account and region")
    owned = resources(cloudformation, stack)
    if not confirmed(stack, len(owned)):
        sys.exit("error: nothing was deleted")
    delete_stack(cloudformation, stack)
    keepers = [kind() for kind in (Table, UserPool, LogGroup)]
    kept = [(keeper, name) for keeper in keepers for kind, name in owned if kind == keeper.kind]
    for keeper, name in kept:
        if keeper.exists(name):
            print(f"   deleting {keeper.kind} {name}", flush=True)
            keeper.delete(name)
    left = [f"{keeper.kind} {name}" for keeper, name in kept if keeper.exists(name)]
    print(f"left of {stack}: {', '.join(left) or 'nothing'}")
    sys.exit(1 if left else 0)


if __name__ == "__main__":
    main()
