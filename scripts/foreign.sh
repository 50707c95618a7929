#!/usr/bin/env bash
# foreign.sh   Publishes the events of events/foreign on the running local bar, and counts what they
# start, leave behind and cost.
. "$(dirname "$0")/common.sh"

"$ROOT/scripts/up.sh"
. "$LOCAL/env"
# The test needs no second stack.
export PRESSO_SHORT_STACK=$STACK

say "Compiling the test"
compile test --no-run --workspace --test suite || fail "the test does not compile"
say "Foreign events on the bus of $STACK"
cargo test --quiet --workspace --test suite -- --exact foreign::thirty_events_start_nothing
