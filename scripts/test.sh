#!/usr/bin/env bash
# test.sh [end-to-end]   all tests, or those against the running stack alone. Brings the stack up first.
. "$(dirname "$0")/common.sh"

"$ROOT/scripts/up.sh"
. "$LOCAL/env"

if [ "${1:-all}" = all ]; then
  say "Unit tests"
  cargo test --workspace --exclude end-to-end --no-fail-fast
fi
say "End-to-end tests against $AWS_ENDPOINT_URL"
started=$SECONDS
cargo test --package end-to-end --no-fail-fast
note "end-to-end suite: $((SECONDS - started)) s"
