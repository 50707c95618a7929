#!/usr/bin/env bash
# test.sh [end-to-end]   Runs all tests, or only those against the local stacks, which it deploys
# first.
. "$(dirname "$0")/common.sh"

"$ROOT/scripts/up.sh"
"$ROOT/scripts/short-waits.sh"
"$ROOT/scripts/user-pool.sh"
. "$LOCAL/env"

# Always the whole workspace: any other selection has other features and compiles the SDKs again.
selected=(--workspace)
title="Unit tests and end-to-end tests"
if [ "${1:-all}" = end-to-end ]; then
  selected+=(--test suite --test admission_conditions)
  title="End-to-end tests"
fi
say "Compiling the tests"
started=$SECONDS
compile test --no-run "${selected[@]}" || fail "the tests do not compile"
note "compiled in $((SECONDS - started)) s"
say "$title against $AWS_ENDPOINT_URL"
color=never
if [ -t 1 ]; then color=always; fi
with_heartbeat cargo test --no-fail-fast --color "$color" "${selected[@]}" -- --color "$color"
