#!/usr/bin/env bash
# test.sh [end-to-end]   Runs all tests, or only those that need the local stacks. Deploys the
# stacks first. THREADS is the number of tests at once.
. "$(dirname "$0")/common.sh"

"$ROOT/scripts/up.sh"
"$ROOT/scripts/short-waits.sh"
"$ROOT/scripts/user-pool.sh"
. "$LOCAL/env"

# Always select the whole workspace: with another selection Cargo uses other features and compiles
# the SDKs again.
selected=(--workspace)
title="Unit tests and end-to-end tests"
if [ "${1:-all}" = end-to-end ]; then
  selected+=(--test suite --test admission_conditions)
  title="End-to-end tests"
fi
rm -f "$LOCAL/suite-passed"
say "Compiling the tests"
started=$SECONDS
compile test --no-run "${selected[@]}" || fail "the tests do not compile"
note "compiled in $((SECONDS - started)) s"
say "$title against $AWS_ENDPOINT_URL"
color=never
if [ -t 1 ]; then color=always; fi
with_heartbeat cargo test --no-fail-fast --color "$color" "${selected[@]}" -- --color "$color" \
  ${THREADS:+--test-threads "$THREADS"}
# roles.sh compares what was recorded since this emulator was started.
echo "$STACK $(cat "$LOCAL/emulator.pid" 2>/dev/null)" >"$LOCAL/suite-passed"
