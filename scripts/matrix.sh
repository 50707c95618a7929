#!/usr/bin/env bash
# matrix.sh   Calls each route of the running local bar with each kind of credential, and compares
# the statuses with the table in tests/suite/matrix.rs. Then opens a socket of each kind, and
# compares the messages that it receives with the table in tests/suite/live.rs.
. "$(dirname "$0")/common.sh"

"$ROOT/scripts/up.sh"
. "$LOCAL/env"
# The two tests do not use the stack with short waits, and it is not deployed here.
export PRESSO_SHORT_STACK=$STACK

say "Compiling the tests"
compile test --no-run --workspace --test suite || fail "the tests do not compile"
say "Every route with every kind of credential, against $STACK"
for name in matrix::each_route_answers_each_caller_as_the_table_says \
  live::each_socket_receives_the_messages_of_its_topic_only; do
  cargo test --quiet --workspace --test suite -- --exact --nocapture "$name"
done
