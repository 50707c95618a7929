#!/usr/bin/env bash
# foreign.sh   Publishes the events of events/foreign on the running local bar, and counts the
# executions, retries, dead letters and log lines that they cause.
. "$(dirname "$0")/common.sh"

"$ROOT/scripts/up.sh"
. "$LOCAL/env"
# The test does not use the stack with short waits, so that stack is not deployed.
export PRESSO_SHORT_STACK=$STACK

say "Compiling the test"
compile test --no-run --workspace --test suite || fail "the test does not compile"
say "Foreign events on the bus of $STACK"
cargo test --quiet --workspace --test suite -- --exact foreign::thirty_events_start_nothing
