#!/usr/bin/env bash
# burst.sh [ARGUMENT…]   On the local stack, opens a shop in which single customers repeat requests
# in loops, then another shop in which many customers scan at once. LOOPS lists the loops (default:
# "repeat cancel limit"; none if it is empty). The arguments are those of the second `presso burst`.
. "$(dirname "$0")/common.sh"

"$ROOT/scripts/up.sh"
. "$LOCAL/env"

# One machine runs gateway, functions and tables. Therefore the gateway admits fewer scans than in
# the template (400 at once, 200 a second), for this route and this run only.
BURST_AT_ONCE=${BURST_AT_ONCE:-60}
BURST_RATE=${BURST_RATE:-2}
throttle_scans() {
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
        {"op": "replace", "path": f"/~1qr-code/POST/throttling/{name}", "value": value}
        for name, value in limits.items()
    ],
)
PYTHON
}

# Opens a new shop for the commands that follow.
open_shop() {
  PRESSO_EVENT_ID=$1-$(date +%s)-$$
  export PRESSO_EVENT_ID
  say "Opening the shop $PRESSO_EVENT_ID"
  presso open
}

LOOPS=${LOOPS-repeat cancel limit}
if [ -n "$LOOPS" ]; then
  open_shop loop
  say "Loops: in each, one customer repeats requests"
  for kind in $LOOPS; do presso burst --loop "$kind"; done
fi
open_shop burst
trap 'throttle_scans 200 400' EXIT
throttle_scans "$BURST_RATE" "$BURST_AT_ONCE"
say "A burst of scans; the gateway admits $BURST_AT_ONCE at once and $BURST_RATE a second"
presso burst "$@"
