#!/usr/bin/env python3
"""copy_table.py FROM TO [--overwrite]   Copies the items that the table TO lacks from FROM.

FROM is a restored table, or the table of another stack; both have the same key. With --overwrite an
item replaces the item of the same key in TO, except orders that have ended and counters of open
orders. The last order number of a shop then becomes the higher of the two. A shop whose settings
are replaced is closed. The command can be repeated.
"""

import sys
import time
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.exceptions import BotoCoreError, ClientError

CALLS_AT_ONCE = 16
FINAL_RANK = {":final": {"N": "3"}}


def key_of(client, table):
    return [element["AttributeName"] for element in client.describe_table(TableName=table)["Table"]["KeySchema"]]


def is_counter(item):
    name = item.get("item", {}).get("S", "")
    return name == "FLOOR" or name.startswith("USER#")


def highest(name, *items):
    return max(int(item.get(name, {"N": "0"})["N"]) for item in items)


def replacing(client, table, item):
    """Returns the item to write if it may replace the item of the same key in the table."""
    if item.get("item") not in ({"S": "STATE"}, {"S": "COUNTER"}):
        return item
    key = {name: item[name] for name in ("eventId", "item")}
    present = client.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item")
    if not present:
        return item
    if item["item"] == {"S": "COUNTER"}:
        return item | {"lastNumber": {"N": str(highest("lastNumber", item, present))}}
    # Pages and clients distinguish settings by their version.
    version = highest("version", item, present) + 1
    return item | {"storeOpen": {"BOOL": False}, "version": {"N": str(version)}}


def condition(key, overwrite):
    """Returns the condition under which an item is written. `key` has the names of the table's key
    attributes."""
    absent = {"ConditionExpression": "attribute_not_exists(#key)", "ExpressionAttributeNames": {"#key": key[0]}}
    if not overwrite:
        return absent
    if key != ["orderId"]:
        return {}
    return absent | {
        "ConditionExpression": "attribute_not_exists(#key) OR statusRank < :final",
        "ExpressionAttributeValues": FINAL_RANK,
    }


def put(client, table, item, when):
    try:
        client.put_item(TableName=table, Item=item, **when)
    except client.exceptions.ConditionalCheckFailedException:
        return 0
    return 1


def copy(client, source, target, overwrite):
    key = key_of(client, source)
    if key != key_of(client, target):
        sys.exit(f"error: {source} and {target} have different keys")
    absent, when = condition(key, False), condition(key, overwrite)

    def write(item):
        item = replacing(client, target, item) if overwrite else item
        return put(client, target, item, absent if is_counter(item) else when)

    read = written = 0
    reported = time.monotonic()
    pages = client.get_paginator("scan").paginate(TableName=source, ConsistentRead=True)
    with ThreadPoolExecutor(CALLS_AT_ONCE) as pool:
        for page in pages:
            read += len(page["Items"])
            written += sum(pool.map(write, page["Items"]))
            if time.monotonic() > reported + 5:
                reported = time.monotonic()
                print(f"   {read} items read, {written} written", flush=True)
    print(f"{source} to {target}: {read} items read, {written} written, {read - written} kept as they were")


def main():
    tables = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
    if len(tables) != 2:
        sys.exit(__doc__)
    try:
        copy(boto3.client("dynamodb"), *tables, "--overwrite" in sys.argv)
    except ClientError as error:
        sys.exit(f"error: {error}; run the command again to continue")
    except BotoCoreError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
