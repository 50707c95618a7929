#!/usr/bin/env bash
# core-alone.sh   Deploys the bar without realtime as another local stack, checks that it has no
# resource of realtime, and runs the end-to-end suite against it.
. "$(dirname "$0")/common.sh"

"$ROOT/scripts/up.sh"
# The next deployment replaces these files by those of the stack without realtime.
kept=$(mktemp -d)
cp "$LOCAL/env" "$LOCAL/parameters.yaml" "$kept"
trap 'cp "$kept/env" "$kept/parameters.yaml" "$LOCAL"; rm -r "$kept"' EXIT

export REALTIME=none STACK=$STACK-core
"$ROOT/scripts/up.sh"
. "$LOCAL/env"
say "Checking that the stack $STACK has no resource of realtime"
python - "$STACK" <<'PYTHON'
import sys

import boto3

pages = boto3.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=sys.argv[1])
resources = [resource for page in pages for resource in page["StackResourceSummaries"]]
names = ("Live", "Publisher", "Connect", "Ping", "Push", "Socket")
found = [
    resource["LogicalResourceId"]
    for resource in resources
    if resource["ResourceType"].startswith("AWS::ApiGatewayV2::") or resource["LogicalResourceId"].startswith(names)
]
if found or len(resources) < 40:
    sys.exit(f"error: {len(resources)} resources, at least 40 expected; of realtime: {', '.join(found) or 'none'}")
print(f"   {len(resources)} resources, none of realtime")
PYTHON
"$ROOT/scripts/test.sh" end-to-end
