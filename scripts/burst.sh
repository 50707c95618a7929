#!/usr/bin/env bash
# burst.sh [ARGUMENT…]   a crowd that scans at once, in a shop of its own on the local stack. Arguments go to presso burst.
. "$(dirname "$0")/common.sh"

"$ROOT/scripts/up.sh"
. "$LOCAL/env"

# One machine has to be gateway, functions and tables at once. The gateway lets through what it can serve, as on AWS it lets through what
# the template says (400 at once and 200 a second); for this route alone, and only here.
BURST_AT_ONCE=${BURST_AT_ONCE:-60}
BURST_RATE=${BURST_RATE:-2}
gateway_lets_through() {
  python - "$STACK" "$1" "$2" <<'PYTHON'
import os, sys
import boto3

stack, rate, burst = sys.argv[1:]
client = lambda service: boto3.client(service, endpoint_url=os.environ["AWS_ENDPOINT_URL"])
outputs = client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]["Outputs"]
url = next(output["OutputValue"] for output in outputs if output["OutputKey"] == "ApiUrl")
limits = {"rateLimit": rate, "burstLimit": burst}
client("apigateway").update_stage(
    restApiId=url.split("://")[1].split(".")[0],
    stageName="v1",
    patchOperations=[
        {"op": "replace", "path": f"/~1qr-code/POST/throttling/{name}", "value": value} for name, value in limits.items()
    ],
)
PYTHON
}

PRESSO_EVENT_ID=burst-$(date +%s)-$$
export PRESSO_EVENT_ID
say "Opening the shop $PRESSO_EVENT_ID"
presso open
trap 'gateway_lets_through 200 400' EXIT
gateway_lets_through "$BURST_RATE" "$BURST_AT_ONCE"
say "A burst of scans, of which the gateway lets $BURST_AT_ONCE through at once and $BURST_RATE a second"
presso burst "$@"
