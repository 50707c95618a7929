#!/usr/bin/env bash
# matrix.sh   Calls each route of the running local bar with each kind of credential, and compares
# the statuses with the table in tests/suite/matrix.rs. Then listens on a socket of each kind, and
# compares what it hears with the table in tests/suite/live.rs.
. "$(dirname "$0")/common.sh"

"$ROOT/scripts/up.sh"
. "$LOCAL/env"
# The test does not use the stack with short waits, so that stack is not deployed.
export PRESSO_SHORT_STACK=$STACK

say "Compiling the test"
compile test --no-run --workspace --test suite || fail "the test does not compile"
say "Every route with every kind of credential, against $STACK"
for name in matrix::each_route_answers_each_caller_as_the_table_says \
  live::each_socket_hears_its_topic_and_nothing_else; do
  cargo test --quiet --workspace --test suite -- --exact --nocapture "$name"
done
