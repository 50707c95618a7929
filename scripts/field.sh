#!/usr/bin/env bash
# field.sh [ARGUMENT…]   Runs the tests that prove the rows of tests/field.toml. Arguments go to
# field.py.
. "$(dirname "$0")/common.sh"

"$ROOT/scripts/up.sh"
"$ROOT/scripts/short-waits.sh"
"$ROOT/scripts/user-pool.sh"
. "$LOCAL/env"

# Always the whole workspace: any other selection has other features and compiles the SDKs again.
say "Compiling the tests"
compile test --no-run --workspace || fail "the tests do not compile"
say "What was reported of similar systems, tried on this one"
with_heartbeat python -B "$ROOT/scripts/field.py" "$@"
