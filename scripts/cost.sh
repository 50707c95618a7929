#!/usr/bin/env bash
# cost.sh [ARGUMENT…]   counts and prices one order of each kind, in a stack of its own beside the local one. What the arguments are:
# target/debug/cost --help.
. "$(dirname "$0")/common.sh"

"$ROOT/scripts/up.sh"
. "$LOCAL/env"

# Always the whole workspace: another selection would compile the SDKs anew with other features.
say "Building the count"
cargo build --quiet --workspace --bins

deploy_locally "$STACK-cost" .aws-sam/build/template.yaml "file://$LOCAL/parameters.yaml"

say "Counting in the stack $STACK-cost"
PRESSO_STACK=$STACK-cost exec "$TARGET_DIR/debug/cost" "$@"
