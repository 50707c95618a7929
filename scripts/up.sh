#!/usr/bin/env bash
# up.sh   Starts the coffee bar on this machine: tools, emulator, build, keys, deployment. A second
# run keeps the emulator, compiles what changed and deploys again.
. "$(dirname "$0")/common.sh"

need_rust
need curl "install it with your system's package manager"
"$ROOT/scripts/tools.sh"

outside=${AWS_ENDPOINT_URL:-}
was_running=no
"$ROOT/scripts/emulator.sh" running && was_running=yes
# Stops the emulator if this run started it and then failed.
clean_up() { if [ -z "$outside" ] && [ "$was_running" = no ]; then "$ROOT/scripts/emulator.sh" stop; fi; }
trap clean_up EXIT

if [ -n "$outside" ]; then
  endpoint=${outside%/}
  answers "$endpoint/_localstack/health" ||
    fail "nothing answers at $endpoint: start an emulator there, or unset AWS_ENDPOINT_URL"
else
  endpoint=$("$ROOT/scripts/emulator.sh" endpoint)
  "$ROOT/scripts/emulator.sh" start
fi
use_endpoint "$endpoint"

"$ROOT/scripts/build-local.sh"
"${PRESSO:-$TARGET_DIR/debug/presso}" keys --dir "$LOCAL/keys" >/dev/null
write_parameters "$LOCAL/keys/jwks.json" "$LOCAL/parameters.yaml" "$(host_architecture)"
deploy_locally "$STACK" "$BUILT/template.yaml" "file://$LOCAL/parameters.yaml"

# The emulator serves https://API.execute-api.…/STAGE at a path below its own address.
api_url=$(python - "$STACK" "$endpoint" <<'PYTHON'
import boto3, re, sys

stack, endpoint = sys.argv[1:]
outputs = boto3.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]["Outputs"]
url = next(output["OutputValue"] for output in outputs if output["OutputKey"] == "ApiUrl")
print(re.sub(r"https?://(\w+)\.execute-api\.[^/]*/", rf"{endpoint}/_aws/execute-api/\1/", url).rstrip("/"))
PYTHON
)

cat >"$LOCAL/path" <<PATH
# presso and the Python tools, without the local stack: . .local/path
export PATH='$TARGET_DIR/debug:$VENV/bin':"\$PATH"
PATH
cat >"$LOCAL/env" <<ENV
# Variables with which AWS tools, presso, curl and the tests reach the local stack: . .local/env
export AWS_ENDPOINT_URL=$endpoint AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_EC2_METADATA_DISABLED=true
export PRESSO_STACK=$STACK PRESSO_KEY='$LOCAL/keys/signing-key.pem'
# The stack of these addresses, even if PRESSO_STACK names another one later.
export API_URL=$api_url PRESSO_URLS_OF=$STACK
export PATH='$TARGET_DIR/debug:$VENV/bin':"\$PATH"
unset AWS_PROFILE AWS_DEFAULT_PROFILE AWS_SESSION_TOKEN
# Nothing for this machine goes to a proxy.
$NO_PROXY_LINES
ENV
trap - EXIT
note "the API of the stack $STACK answers at $api_url"
