#!/usr/bin/env python3
"""teardown.py STACK [--yes]   Deletes a stack and what its deletion keeps, then lists what is left.

CloudFormation keeps the tables of orders and shops, and the user pool with its groups and clients
(DeletionPolicy in template.yaml). A late log line of a function creates the log group again. Asks
for the name of the stack first, unless --yes is given. An interrupted run can be repeated:
.local/teardown-STACK.json has the resources until they are deleted. A user pool that another stack
uses (KeptUserPoolId) is kept. Fails if anything is left, except that pool and the role for the logs
of API Gateway; the output lists these two.
"""

import json
import pathlib
import sys
import time

import boto3
from botocore.exceptions import BotoCoreError, ClientError

LOCAL = pathlib.Path(__file__).resolve().parents[1] / ".local"
# Codes with which a service says that there is no such resource.
MISSING = ("NotFound", "NotFoundException", "ResourceNotFoundException", "ValidationError", "NoSuchEntity")


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
            # The call resets each setting that it does not name; the pool is deleted next.
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


class Role:
    """The stack keeps its role for API Gateway's logs, because the account may still use it."""

    kind = "AWS::IAM::Role"

    def __init__(self):
        self.client = boto3.client("iam")

    def exists(self, name):
        return exists(self.client.get_role, RoleName=name)


def place():
    """Returns account and region of the credentials."""
    account = boto3.client("sts").get_caller_identity()["Account"]
    return {"account": account, "region": boto3.session.Session().region_name}


class Notes:
    """The file that lists the resources of a stack while it is deleted."""

    def __init__(self, stack, where):
        self.path, self.where = LOCAL / f"teardown-{stack}.json", where

    def read(self):
        if not self.path.exists():
            return []
        found = json.loads(self.path.read_text())
        if found["where"] != self.where:
            sys.exit(f"error: {self.path} is of account {found['where']['account']}, region {found['where']['region']}: continue there, or delete it")
        return [tuple(one) for one in found["owned"]]

    def write(self, owned):
        self.path.parent.mkdir(exist_ok=True)
        self.path.write_text(json.dumps({"where": self.where, "owned": owned}, indent=2))


def confirmed(stack, where, count, kept_users):
    print(f"account {where['account']}, region {where['region']}, stack {stack}: {count} resources")
    print(kept_users or "All orders, settings and users are deleted for good.")
    print("Termination protection and deletion protection are lifted first.")
    if "--yes" in sys.argv:
        return True
    return input("Type the name of the stack to delete it: ").strip() == stack


def borrowed_pools(cloudformation):
    """Returns the user pools that stacks use without owning them, by the names of the stacks."""
    pages = cloudformation.get_paginator("describe_stacks").paginate()
    parameters = [(stack["StackName"], one) for page in pages for stack in page["Stacks"] for one in stack.get("Parameters", [])]
    return {name: one["ParameterValue"] for name, one in parameters if one["ParameterKey"] == "KeptUserPoolId"}


def kept_users(owned, in_use, borrowed):
    """Returns a sentence about a user pool that is not deleted; None if there is none."""
    kept = borrowed or next((name for _, name in owned if name in in_use), None)
    return f"All orders and settings are deleted for good. The user pool {kept} is kept." if kept else None


def delete_stack(cloudformation, stack):
    described = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
    arn = described["StackId"]
    if described.get("EnableTerminationProtection"):
        cloudformation.update_termination_protection(StackName=stack, EnableTerminationProtection=False)
    cloudformation.delete_stack(StackName=stack)
    started = time.monotonic()
    while True:
        try:
            status = cloudformation.describe_stacks(StackName=arn)["Stacks"][0]["StackStatus"]
        except ClientError as error:
            if error.response["Error"]["Code"] != "ValidationError":
                raise
            status = "DELETE_COMPLETE"
        if status == "DELETE_COMPLETE":
            return
        if status == "DELETE_FAILED":
            sys.exit(f"error: {stack} is DELETE_FAILED: aws cloudformation describe-stack-events --stack-name {stack}")
        print(f"   {status}, {time.monotonic() - started:.0f} s", flush=True)
        time.sleep(3)


def of_kind(keeper, owned):
    return [(keeper, name) for kind, name in owned if kind == keeper.kind]


def listed(kept):
    return [f"{keeper.kind} {name}" for keeper, name in kept if keeper.exists(name)]


def teardown(stack):
    """Deletes the stack and what it keeps. Returns what is left and should not be."""
    cloudformation, where = boto3.client("cloudformation"), place()
    notes = Notes(stack, where)
    there, owned = exists(cloudformation.describe_stacks, StackName=stack), notes.read()
    if not there and not owned:
        sys.exit(f"error: there is no stack {stack} in this account and region")
    if there:
        owned = sorted({*owned, *resources(cloudformation, stack)})
    borrowing = borrowed_pools(cloudformation)
    borrowed, in_use = borrowing.get(stack), {pool: name for name, pool in borrowing.items()}
    if not confirmed(stack, where, len(owned), kept_users(owned, in_use, borrowed)):
        sys.exit("error: nothing was deleted")
    notes.write(owned)
    if there:
        delete_stack(cloudformation, stack)
    kept = [one for keeper in (Table(), UserPool(), LogGroup()) for one in of_kind(keeper, owned) if one[1] not in in_use]
    for keeper, name in kept:
        if keeper.exists(name):
            print(f"   deleting {keeper.kind} {name}", flush=True)
            keeper.delete(name)
    left, roles = listed(kept), listed(of_kind(Role(), owned))
    used = [f"{UserPool.kind} {name} (used by {in_use[name]})" for _, name in of_kind(UserPool, owned) if name in in_use]
    print(f"left of {stack}: {', '.join(left + roles + used) or 'nothing'}")
    if borrowed:
        print(f"the user pool {borrowed}, which an earlier stack made, is not deleted")
    if roles:
        print("API Gateway's setting of account and region may name this role: aws apigateway get-account")
    if not left:
        notes.path.unlink()
    return left


def main():
    names = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    if len(names) != 1:
        sys.exit(__doc__)
    try:
        sys.exit(1 if teardown(names[0]) else 0)
    except ClientError as error:
        sys.exit(f"error: {error}; run the command again to continue")
    except BotoCoreError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
