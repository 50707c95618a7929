#!/usr/bin/env python3
"""recording_ministack.py FILE   Starts MiniStack with its evaluation of IAM policies, and writes to
FILE each distinct call that a role makes, one JSON object per line: role, action, resource,
condition keys and decision. roles.py reads them.

It also reduces the processor time of idle functions: see spare_processors.

MiniStack does not evaluate the condition keys `events:source` and `events:detail-type`. This
program adds them from the entries of PutEvents, as EventBridge does. MiniStack's resource of
ListTargetsByRule is the bus; this program replaces it by the rule."""

import contextvars
import functools
import json
import os
import queue
import socketserver
import sys
import types

os.environ["AUTH"] = "true"

from ministack import app
from ministack.core import iam_actions, iam_evaluator, lambda_runtime

PUT_EVENTS = "events:PutEvents"
ENTRY_KEYS = {"events:source": "Source", "events:detail-type": "DetailType"}

# Condition keys whose values differ from call to call.
UNRECORDED = {"dynamodb:leadingkeys"}

entry_values = contextvars.ContextVar("entry_values", default={})


def values_of_entries(body):
    """Returns the values of the condition keys of a call of PutEvents."""
    try:
        entries = [entry for entry in json.loads(body or b"{}").get("Entries", []) if isinstance(entry, dict)]
    except (ValueError, AttributeError, TypeError):
        return {}
    values = {key: {str(entry[member]) for entry in entries if member in entry} for key, member in ENTRY_KEYS.items()}
    return {key: sorted(of_key) for key, of_key in values.items()}


def rule_of(headers, body, region, account):
    """Returns the ARN of the rule whose targets a call lists; None for other calls."""
    if not headers.get("x-amz-target", "").endswith(".ListTargetsByRule"):
        return None
    call = json.loads(body)
    bus = call.get("EventBusName", "default").rsplit("/", 1)[-1]
    path = call["Rule"] if bus == "default" else f"{bus}/{call['Rule']}"
    return f"arn:aws:events:{region}:{account}:rule/{path}"


def role_of(access_key):
    """Returns the name of the role whose session has this access key; None for other callers."""
    arn = (iam_evaluator.resolve_caller_identity(access_key) or {}).get("userArn", "")
    return arn.split("/")[1] if ":assumed-role/" in arn else None


def record_into(file):
    """Replaces two functions of MiniStack's evaluation by ones that also record."""
    seen = set()
    enforce, extract_resource_arn = iam_evaluator.enforce, iam_actions.extract_resource_arn

    @functools.wraps(extract_resource_arn)
    def extracting(service, method, path, headers, body, params, region, account):
        of_events = service == "events"
        entry_values.set(values_of_entries(body) if of_events else {})
        if of_events and (rule := rule_of(headers, body, region, account)):
            return rule
        return extract_resource_arn(service, method, path, headers, body, params, region, account)

    @functools.wraps(enforce)
    def enforcing(access_key, iam_action, service, region, resource_arn="*", service_context=None):
        context = {**(service_context or {}), **(entry_values.get() if iam_action == PUT_EVENTS else {})}
        denied = enforce(access_key, iam_action, service, region, resource_arn=resource_arn, service_context=context)
        if role := role_of(access_key):
            keys = {key.lower(): value for key, value in context.items() if value is not None}
            keys = {key: value for key, value in keys.items() if key not in UNRECORDED}
            call = {"role": role, "action": iam_action, "resource": resource_arn, "keys": keys}
            line = json.dumps({**call, "allowed": denied is None}, sort_keys=True)
            if line not in seen:
                seen.add(line)
                file.write(line + "\n")
                file.flush()
        return denied

    iam_actions.extract_resource_arn = extracting
    iam_evaluator.enforce = enforcing


class PatientQueue(queue.Queue):
    def get(self, block=True, timeout=None):
        return super().get(block, timeout and max(timeout, 1))


def spare_processors():
    """Makes threads that wait wake less often.

    For each execution environment MiniStack has several threads that wake ten times a second. On a
    busy machine it starts more environments. With some hundreds of environments the threads only
    compete for the interpreter, and no request is answered."""
    sys.setswitchinterval(0.02)
    serve_forever = socketserver.BaseServer.serve_forever

    def serve(server, poll_interval=0.5):
        serve_forever(server, max(poll_interval, 0.5))

    socketserver.BaseServer.serve_forever = serve
    lambda_runtime.queue = types.SimpleNamespace(Queue=PatientQueue, Empty=queue.Empty, Full=queue.Full)


def main():
    spare_processors()
    with open(sys.argv.pop(1), "w") as file:
        record_into(file)
        app.main()


if __name__ == "__main__":
    main()
