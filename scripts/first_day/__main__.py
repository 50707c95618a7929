"""first_day   Asks AWS, or an emulator, the questions of docs/first-day-on-aws.md, in their order.

  python -m first_day run        deploys a separate stack, asks, and deletes everything
  python -m first_day teardown   deletes what an interrupted run has left
  python -m first_day bill DATE  prints usage and cost of API Gateway on a day, for connect-bill
  python -m first_day document   writes the questions into docs/first-day-on-aws.md

Started by scripts/first-day.sh, which sets the environment. Exit code 1 if an answer is not as
expected or missing, or something is left; 130 after an interruption.
"""

import argparse
import datetime
import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from first_day import answers, document, observe_api, observe_data, observe_stack, teardown
from first_day.answers import Report, unknown
from first_day.bar import request
from first_day.decide import DECIDE
from first_day.world import World, explain, note, warn

ROOT = pathlib.Path(__file__).resolve().parents[2]
STATE = ROOT / ".local" / "first-day.json"
MODULES = (observe_api, observe_data, observe_stack)


def observer(step):
    name = step.id.replace("-", "_")
    return next(getattr(module, name) for module in MODULES if hasattr(module, name))


def ask(step, world, wrong):
    """Asks one question, and returns the answer that counts here. Decides on the step's wrong
    observation instead if `wrong` is its id."""
    print(f"\n== {step.id} ({step.source})", flush=True)
    note(step.question)
    for command in step.commands:
        note(f"$ {command}")
    note(f"expected: {step.expected}")
    decided = None
    if step.id == wrong:
        decided = DECIDE[step.id](step.wrong)
        note("a wrong answer is fed in")
        return decided
    if not world.local or step.emulator != "none":
        try:
            decided = DECIDE[step.id](observer(step)(world))
        except Exception as error:  # The next questions do not depend on this one.
            decided = unknown(explain(error))
    return answers.on_emulator(step, decided, world.facts.get("auth")) if world.local else decided


def tell(step, answer):
    note(f"decides: {step.decides}")
    note(f"answer: {answer}")
    if answer.verdict == answers.NO:
        note(f"change: {step.change} ({', '.join(step.place)})")


def save(world):
    STATE.parent.mkdir(exist_ok=True)
    STATE.write_text(json.dumps({"kept": world.kept, "bucket": world.bucket}, indent=2))


def load(world):
    if STATE.exists():
        found = json.loads(STATE.read_text())
        world.kept, world.bucket = found["kept"], found["bucket"]


def confirm(world):
    """Asks for the account's number before anything is created on AWS. CONFIRM can give it."""
    print(f"account {world.account}, region {world.region}, stack {world.stack}", flush=True)
    note("Builds the functions, creates this stack, asks, and deletes everything again.")
    given = os.environ.get("CONFIRM", "")
    if not given and sys.stdin.isatty():
        given = input("   Type the number of the account to go on: ").strip()
    if given != world.account:
        sys.exit("error: not confirmed: nothing was created")


def new_world():
    stack, local = os.environ["FIRST_DAY_STACK"], bool(os.environ.get("AWS_ENDPOINT_URL"))
    region = os.environ.get("AWS_REGION") or boto3.Session().region_name
    if not region:
        sys.exit("error: no region: set AWS_REGION")
    try:
        account = boto3.client("sts", region_name=region).get_caller_identity()["Account"]
    except (BotoCoreError, ClientError) as error:
        sys.exit(f"error: no usable AWS credentials: {error}")
    world = World(stack, local, account, region, str(ROOT), mail=os.environ.get("MAIL", ""))
    world.facts["terminal"] = sys.stdin.isatty()
    if local:
        world.facts["auth"] = request("GET", f"{os.environ['AWS_ENDPOINT_URL']}/_ministack/health").json().get("auth") == "enabled"
        world.parameters = dict(one.split("=", 1) for one in os.environ["FIRST_DAY_PARAMETERS"].split())
    return world


def prepare(world):
    if world.described() or STATE.exists():
        sys.exit(f"error: something of an earlier run remains, see {STATE.relative_to(ROOT)}: make first-day TEARDOWN=1")
    if not world.local:
        confirm(world)
        if subprocess.run([ROOT / "scripts" / "build.sh", "first-day"], stdin=subprocess.DEVNULL).returncode:
            sys.exit("error: the functions were not built, and nothing was created")
        world.bucket = f"{world.stack}-{world.account}-{world.region}"
        save(world)
        where = {} if world.region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": world.region}}
        world.client("s3").create_bucket(Bucket=world.bucket, **where)


def ask_all(steps, world, report, wrong):
    for step in steps:
        started = time.monotonic()
        answer = ask(step, world, wrong)
        tell(step, answer)
        note(f"{time.monotonic() - started:.0f} s")
        report.add(step, answer)
        save(world)
        if step.id == "deploy" and not world.outputs():
            warn("without a stack there is nothing to ask")
            return


def run(only, wrong):
    world, steps = new_world(), answers.read()
    asked, last = steps[:-1], steps[-1]
    if wrong and wrong not in DECIDE:
        sys.exit(f"error: WRONG={wrong} is no step: {', '.join(DECIDE)}")
    if only:
        asked = [step for step in asked if step.id == "deploy" or only in step.id]
    prepare(world)
    report, interrupted = Report(), False
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, signal.default_int_handler)
    try:
        ask_all(asked, world, report, wrong)
    except KeyboardInterrupt:
        interrupted = True
    finally:
        # A second Ctrl-C must not interrupt the deletion.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        left = finish(world)
    report.add(last, DECIDE["left"](last.wrong) if wrong == "left" else DECIDE["left"]({"resources": left}))
    tell(last, report.rows[-1][1])
    print(f"\n{report.table()}", flush=True)
    if interrupted:
        warn("interrupted: the other questions were not asked")
        return 130
    return report.exit_code()


def finish(world):
    print(f"\n== Deleting everything of {world.stack}", flush=True)
    left = teardown.everything_deleted(world)
    if not left:
        STATE.unlink(missing_ok=True)
    note(f"left: {', '.join(left) or 'nothing'}")
    return left


def tear_down():
    world = new_world()
    load(world)
    return 1 if finish(world) else 0


def bill(date):
    """Prints usage and cost of API Gateway on a day (YYYY-MM-DD), by type of usage."""
    day = datetime.date.fromisoformat(date)
    answer = boto3.client("ce").get_cost_and_usage(
        TimePeriod={"Start": str(day), "End": str(day + datetime.timedelta(days=1))},
        Granularity="DAILY",
        Metrics=["UsageQuantity", "UnblendedCost"],
        Filter={"Dimensions": {"Key": "SERVICE", "Values": ["Amazon API Gateway"]}},
        GroupBy=[{"Type": "DIMENSION", "Key": "USAGE_TYPE"}],
    )
    found = 0
    for group in (one for each in answer["ResultsByTime"] for one in each["Groups"]):
        found += 1
        quantity, cost = (group["Metrics"][name]["Amount"] for name in ("UsageQuantity", "UnblendedCost"))
        print(f"{group['Keys'][0]:<40} {float(quantity):>14,.2f} $ {float(cost):.6f}")
    if not found:
        sys.exit("error: the bill has no API Gateway on this day; it is complete after 24 hours")
    note("the step connect-bill opened 50 connections that sent nothing: compare with the messages")
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["run", "teardown", "bill", "document"])
    parser.add_argument("date", nargs="?")
    chosen = parser.parse_args()
    if chosen.what == "document":
        return document.write(ROOT)
    if chosen.what == "bill":
        return bill(chosen.date or parser.error("bill needs a date"))
    if chosen.what == "teardown":
        return tear_down()
    return run(os.environ.get("ONLY", ""), os.environ.get("WRONG", ""))


if __name__ == "__main__":
    sys.exit(main())
