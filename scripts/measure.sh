#!/usr/bin/env bash
# measure.sh cost|growth [ARGUMENT…]   measures in a stack of its own beside the local one, which it brings up. What the arguments are:
# target/debug/measure cost --help.
. "$(dirname "$0")/common.sh"

what=$1
shift
"$ROOT/scripts/up.sh"
. "$LOCAL/env"

# Always the whole workspace: another selection would compile the SDKs anew with other features.
say "Building what measures"
cargo build --quiet --workspace --bins

deploy_locally "$STACK-$what" .aws-sam/build/template.yaml "file://$LOCAL/parameters.yaml"

say "Measuring in the stack $STACK-$what"
PRESSO_STACK=$STACK-$what exec "$TARGET_DIR/debug/measure" "$what" "$@"
