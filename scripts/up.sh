#!/usr/bin/env bash
# Brings the coffee bar up on this machine: tools, keys, emulator, build, deployment. Every step is skipped or quick when it is done.
. "$(dirname "$0")/common.sh"

need_rust
need curl "install it with your system's package manager"
"$ROOT/scripts/tools.sh"

outside=${AWS_ENDPOINT_URL:-}
was_running=no
[ -f "$LOCAL/emulator.pid" ] && was_running=yes
# What this run has started does not outlive its failure.
clean_up() { if [ -z "$outside" ] && [ "$was_running" = no ]; then "$ROOT/scripts/emulator.sh" stop; fi; }
trap clean_up EXIT

if [ -n "$outside" ]; then
  endpoint=${outside%/}
  answers "$endpoint/_localstack/health" || fail "nothing answers at $endpoint: start an emulator there, or unset AWS_ENDPOINT_URL"
else
  endpoint=$("$ROOT/scripts/emulator.sh" endpoint)
  "$ROOT/scripts/emulator.sh" start
fi
use_endpoint "$endpoint"

# A bar of the workshop has no presso of its own.
presso=${PRESSO:-$TARGET_DIR/debug/presso}
if [ -z "${PRESSO:-}" ]; then
  say "Building presso"
  cargo build --quiet --workspace --bin presso
fi
"$presso" keys --dir "$LOCAL/keys" >/dev/null

"$ROOT/scripts/build.sh" local

write_parameters "$LOCAL/keys/jwks.json" "$LOCAL/parameters.yaml" "$(host_architecture)"
deploy_locally "$STACK" .aws-sam/build/template.yaml "file://$LOCAL/parameters.yaml"

cat >"$LOCAL/env" <<ENV
# What every AWS tool, presso and the end-to-end suite need to reach the local stack: . .local/env
export AWS_ENDPOINT_URL=$endpoint AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1
export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_EC2_METADATA_DISABLED=true
export PRESSO_STACK=$STACK PRESSO_KEY='$LOCAL/keys/signing-key.pem'
export PATH='$TARGET_DIR/debug:$VENV/bin':"\$PATH"
unset AWS_PROFILE AWS_DEFAULT_PROFILE AWS_SESSION_TOKEN
ENV
trap - EXIT
