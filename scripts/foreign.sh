#!/usr/bin/env bash
# foreign.sh   Starts or updates the local bar, and publishes the events of events/foreign on its
# bus. Fails unless they cause no execution, no retry and no dead letter, and one log line for each
# event that the projector receives.
. "$(dirname "$0")/common.sh"

"$ROOT/scripts/up.sh"
. "$LOCAL/env"
# The test does not use the stack with short waits, and it is not deployed here.
export PRESSO_SHORT_STACK=$STACK

say "Compiling the test"
compile test --no-run --workspace --test suite || fail "the test does not compile"
say "Foreign events on the bus of $STACK"
cargo test --quiet --workspace --test suite -- --exact foreign::thirty_events_start_nothing
