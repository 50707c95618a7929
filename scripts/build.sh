#!/usr/bin/env bash
# build.sh [CONFIG-ENV]   builds the functions with SAM; for "local", for the host and without the slow last optimisations.
. "$(dirname "$0")/common.sh"

environment=${1:-default}
need_rust
"$ROOT/scripts/tools.sh"

parameters=()
if [ "$environment" = local ]; then
  weak_profile
  parameters=(--parameter-overrides "Architecture=$(host_architecture)")
fi

say "Building the functions (the first build takes long)"
log=$LOCAL/build.log
started=$SECONDS
sam build --config-env "$environment" "${parameters[@]}" >"$log" 2>&1 || {
  grep -E '^(error|warning: unused|Error|  *-->)' "$log" >&2 || tail -n 20 "$log" >&2
  fail "sam build failed: all of its output is in $log"
}
note "built in $((SECONDS - started)) s"
