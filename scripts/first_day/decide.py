"""Decides an answer from an observation. Each function is named after its step.

An observation that lacks what the question is about gives `unknown`.
"""

from first_day.answers import no, unknown, yes

# docs/evidence/scale.md assumes this many concurrent executions.
CONCURRENT = 1000
# The longest time that a person should wait for a cold function.
COLD_MS = 2000
# docs/evidence/scale.md assumes this time for one transaction.
TRANSACTION_MS = 20


def quotas(seen):
    if "concurrent" not in seen:
        return unknown("Lambda did not say how many executions may run at once")
    others = ", ".join(f"{name} {value:g}" for name, value in sorted(seen.get("states", {}).items()))
    text = f"{seen['concurrent']} concurrent executions{f'; {others}' if others else ''}"
    return yes(text) if seen["concurrent"] >= CONCURRENT else no(f"{text}: fewer than {CONCURRENT}")


def deploy(seen):
    status = seen.get("status")
    if not status:
        return unknown("the stack was not found")
    if status in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
        return yes(f"{status} in {seen['seconds']} s")
    return no(f"{status}: {'; '.join(seen.get('reasons', [])) or 'no reason was given'}")


def queue_policy(seen):
    targets = seen.get("targets", [])
    if not targets:
        return unknown("no target of a rule has a dead-letter queue")
    refused = [target["queue"] for target in targets if not target["allowed"]]
    if refused:
        return no(f"the stored policy does not let each rule send to {', '.join(sorted(set(refused)))}")
    return yes(f"{len(targets)} targets may send to their queues; the policies name {seen.get('foreign', 0)} ARNs of other queues")


def order(seen):
    if not seen.get("status"):
        return unknown(seen.get("error") or "no order was requested")
    built = "/".join(sorted(seen.get("architectures", []))) or "unknown architecture"
    if seen["status"] == "COMPLETED":
        return yes(f"COMPLETED in {seen['seconds']} s on {built}")
    return no(f"the order is {seen['status']} after {seen['seconds']} s on {built}")


def dead_letter(seen):
    if "messages" not in seen:
        return unknown("the permission of the rule was not found")
    if seen["messages"]:
        return yes(f"in the queue after {seen['seconds']} s, error {seen.get('error', 'not named')}")
    return no(f"no message in {seen['seconds']} s: an event that cannot be delivered is lost")


def alarm_math(seen):
    if seen.get("values") is None:
        return unknown(seen.get("error") or "CloudWatch evaluated no expression")
    if seen["values"]:
        return yes(f"FILL gives {len(seen['values'])} values for a series without a point")
    return no("FILL gives nothing for a series without a point: an alarm over a sum of such series never goes into ALARM")


def alarm_state(seen):
    alarms = seen.get("alarms", {})
    if not alarms:
        return unknown("no alarm of the stack watches ExecutionsFailed")
    in_alarm = sorted(name for name, state in alarms.items() if state == "ALARM")
    if in_alarm:
        return yes(f"{', '.join(in_alarm)} after {seen['seconds']} s")
    states = ", ".join(f"{name} is {state}" for name, state in sorted(alarms.items()))
    return no(f"{states}, {seen['seconds']} s after an execution failed")


def unknown_route(seen):
    if not seen.get("answers"):
        return unknown("no request was answered")
    other = [
        f"{name}: {one['status']} {one['code']}"
        for name, one in seen["answers"].items()
        if (one["status"], one["code"]) != (404, "route_not_found")
    ]
    return no("; ".join(other)) if other else yes(f"404 route_not_found with {', '.join(seen['answers'])}")


def trailing_slash(seen):
    pages = seen.get("pages", {})
    if not pages:
        return unknown("no page was answered")
    wrong = [
        f"{path}/ {one['with']['status']}"
        for path, one in pages.items()
        if one["with"]["status"] != 200 or one["with"]["etag"] != one["without"]["etag"]
    ]
    root = seen.get("root", {})
    if root.get("status") not in {200, 301, 302, 307, 308}:
        wrong.append(f"the stage without a slash {root.get('status')}")
    if wrong:
        return no(f"not the same page: {', '.join(wrong)}")
    return yes(f"{', '.join(pages)} are the same with a slash; the stage without one answers {root['status']}")


def preflight(seen):
    if "status" not in seen:
        return unknown("OPTIONS was not answered")
    text = f"{seen['status']}, Access-Control-Allow-Origin {seen.get('origin') or 'absent'}"
    return yes(text) if seen["status"] in {200, 204} and seen.get("origin") and seen.get("headers") else no(text)


def cors_update(seen):
    if "wanted" not in seen:
        return unknown("the stack was not updated")
    text = f"preflight {seen['preflight'] or 'absent'}, function {seen['answer'] or 'absent'}"
    return yes(text) if {seen["preflight"], seen["answer"]} == {seen["wanted"]} else no(f"{text}, not {seen['wanted']}")


def compression(seen):
    if not seen.get("plain"):
        return unknown("the page was not answered")
    text = f"{seen['encoded']:,} of {seen['plain']:,} bytes, Content-Encoding {seen.get('encoding') or 'absent'}"
    return yes(text) if seen.get("encoding") == "gzip" and seen["encoded"] * 2 < seen["plain"] else no(text)


def throttle(seen):
    counts = seen.get("statuses", {})
    if not counts:
        return unknown("no request was answered")
    text = ", ".join(f"{number} × {status}" for status, number in sorted(counts.items()))
    if not counts.get("429"):
        return no(f"{text}: the limit of the route is not applied")
    if seen.get("code") != "throttled" or not seen.get("retry_after"):
        return no(f"{text}, with code {seen.get('code')} and Retry-After {seen.get('retry_after')}")
    return yes(f"{text}, code throttled, Retry-After {seen['retry_after']}")


def cold_start(seen):
    cold = seen.get("cold_ms", [])
    if not cold:
        return unknown("no cold request was answered")
    text = f"cold {min(cold)} to {max(cold)} ms, warm {seen.get('warm_ms', '?')} ms"
    failed = [str(status) for status in seen["statuses"] if status != 200]
    if failed:
        return no(f"{text}; status {', '.join(failed)}")
    return yes(text) if max(cold) <= COLD_MS else no(f"{text}: more than {COLD_MS} ms")


def contention(seen):
    if not seen.get("requested"):
        return unknown("no order was requested")
    rate = seen["admitted"] / max(seen["seconds"], 0.1)
    conflicts = seen.get("conflicts")
    counted = f"{conflicts:g} conflicts" if conflicts is not None else "conflicts not counted"
    text = f"{seen['admitted']} of {seen['requested']} admitted in {seen['seconds']:.1f} s, {rate:.0f}/s, {seen['failed']} failed, {counted}"
    return yes(text) if seen["admitted"] == seen["requested"] and not seen["failed"] else no(text)


def transaction_time(seen):
    if not seen.get("samples"):
        return unknown("CloudWatch has no SuccessfulRequestLatency of TransactWriteItems yet")
    text = f"{seen['average_ms']:.1f} ms on average of {seen['samples']:g} transactions"
    return yes(text) if seen["average_ms"] <= TRANSACTION_MS else no(f"{text}: more than {TRANSACTION_MS} ms")


def transaction_cost(seen):
    check, cancelled = seen.get("check_units"), seen.get("cancelled_units")
    if check is None or cancelled is None:
        return unknown("DynamoDB or CloudWatch did not report the units")
    text = f"ConditionCheck of 1 KB {check:g} units, a cancelled transaction over two such items {cancelled:g}"
    return yes(text) if abs(check - 2) < 0.2 and abs(cancelled - 4) < 0.4 else no(f"{text}; expected 2 and 4")


def send_task(seen):
    if seen.get("control") != "accepted":
        return unknown(f"the role could not do what it was granted: {seen.get('control')}")
    outcome = seen.get("outcome")
    if outcome == "AccessDeniedException":
        return yes("denied with the workflow's ARN as resource")
    if outcome == "accepted":
        return no("accepted with the workflow's ARN as resource")
    return unknown(f"the outcome of SendTaskFailure is {outcome}")


def first_factor(seen):
    if seen.get("error"):
        return no(f"{seen.get('mailer', 'the mailer')}: {seen['error']}")
    if not seen.get("challenge"):
        return unknown("no code was requested: set MAIL to an address that you read")
    if seen["challenge"] != "EMAIL_OTP":
        return no(f"the challenge is {seen['challenge']}, not EMAIL_OTP")
    if seen.get("arrived") is False:
        return no(f"{seen['mailer']} answered EMAIL_OTP, and no code arrived")
    arrived = "the code arrived" if seen.get("arrived") else "look for the code in the mailbox"
    return yes(f"{seen['mailer']} sends codes by {seen.get('medium', 'EMAIL')}; {arrived}")


def socket(seen):
    if "opened" not in seen:
        return unknown(seen.get("error") or "there was no address of a socket")
    if not seen["opened"]:
        return no(f"the handshake was answered {seen.get('status')}")
    if "order" not in seen.get("kinds", []):
        return no(f"opened, and received no message about the order in {seen['seconds']} s")
    return yes(f"opened, and received {len(seen['kinds'])} messages in {seen['seconds']} s")


def socket_ping(seen):
    if "answered" not in seen:
        return unknown("no socket was open")
    if seen["answered"] or not seen["open"]:
        return no(f"answered {seen['answered'] or 'nothing'}, and the socket is {'open' if seen['open'] else 'closed'}")
    return yes("the message is accepted and not answered, and the socket stays open")


def connect_bill(seen):
    if seen.get("messages") is None or not seen.get("connects"):
        return unknown("no count of messages yet: run make first-day BILL=DATE the day after")
    text = f"{seen['messages']:g} messages counted for {seen['connects']} connections that sent none"
    return no(text) if seen["messages"] >= seen["connects"] else yes(text)


def log_level(seen):
    if "level" not in seen:
        return unknown("the line of the unreadable event was not found in the log group")
    text = f"stored as {seen['level']}; {seen['kept']} lines with the level raised to ERROR"
    return yes(text) if seen["level"] == "ERROR" and seen["kept"] else no(text)


def traces(seen):
    origins = seen.get("origins", [])
    if not origins:
        return unknown("X-Ray has no trace of the last minutes")
    missing = {"AWS::ApiGateway::Stage", "AWS::Lambda::Function"} - set(origins)
    if missing:
        return no(f"no segment of {', '.join(sorted(missing))}")
    calls = seen.get("calls", [])
    if calls:
        return no(f"the functions' own calls are in the trace: {', '.join(sorted(set(calls)))}")
    return yes(f"{', '.join(sorted(set(origins)))}; no call of a function")


def web_acl(seen):
    if "capacity" not in seen:
        return unknown(seen.get("error") or "AWS WAF did not answer")
    text = f"the rule takes {seen['capacity']} capacity units; associated: {seen['associated']}; GET /config {seen['status']}"
    return yes(text) if seen["associated"] and seen["status"] == 200 else no(text)


def denied(seen):
    if not seen.get("lines"):
        return unknown("the log group has no line of the functions")
    if seen["denied"]:
        return no(f"{len(seen['denied'])} of {seen['lines']} lines: {seen['denied'][0][:160]}")
    return yes(f"none of {seen['lines']} log lines names a refused action")


def delete(seen):
    if not seen.get("status"):
        return unknown("the stack was not deleted")
    text = f"{seen['status']} in {seen['seconds']} s with {seen['waiting']} waiting orders"
    return yes(text) if seen["status"] == "DELETE_COMPLETE" else no(f"{text}: {'; '.join(seen.get('reasons', []))}")


def redeploy(seen):
    if not seen.get("status"):
        return unknown("the stack was not deployed again")
    group = "the log group came back after the deletion" if seen.get("group_came_back") else "the log group stayed deleted"
    text = f"{seen['status']}; {group}"
    return yes(text) if seen["status"].endswith("_COMPLETE") and "ROLLBACK" not in seen["status"] else no(f"{text}: {'; '.join(seen.get('reasons', []))}")


def left(seen):
    if "resources" not in seen:
        return unknown("the resources could not be listed")
    if seen["resources"]:
        return no(f"{len(seen['resources'])} resources: {', '.join(seen['resources'])}")
    return yes("nothing")


DECIDE = {
    name.replace("_", "-"): function
    for name, function in list(globals().items())
    if callable(function) and getattr(function, "__module__", "") == __name__
}
