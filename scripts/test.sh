#!/usr/bin/env bash
# test.sh [end-to-end]   all tests, or those against the running stacks alone. Brings the stacks up first.
. "$(dirname "$0")/common.sh"

"$ROOT/scripts/up.sh"
"$ROOT/scripts/short-waits.sh"
"$ROOT/scripts/user-pool.sh"
. "$LOCAL/env"

# Always the whole workspace: another selection would compile the SDKs anew with other features.
if [ "${1:-all}" = end-to-end ]; then
  say "End-to-end tests against $AWS_ENDPOINT_URL"
  cargo test --workspace --no-fail-fast --test suite --test admission_conditions
else
  say "Unit tests, and end-to-end tests against $AWS_ENDPOINT_URL"
  cargo test --workspace --no-fail-fast
fi
