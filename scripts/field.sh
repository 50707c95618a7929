#!/usr/bin/env bash
# field.sh [ARGUMENT…]   Runs the tests of each row of tests/field.toml. Passes the arguments to
# field.py.
. "$(dirname "$0")/common.sh"

"$ROOT/scripts/up.sh"
"$ROOT/scripts/short-waits.sh"
"$ROOT/scripts/user-pool.sh"
. "$LOCAL/env"

# Always select the whole workspace: with another selection Cargo uses other features and compiles
# the SDKs again.
say "Compiling the tests"
compile test --no-run --workspace || fail "the tests do not compile"
say "Testing faults that users of similar systems reported"
with_heartbeat python -B "$ROOT/scripts/field.py" "$@"
