#!/usr/bin/env bash
# chaos.sh [ARGUMENT…]   a crowd in a bar where everything fails now and then, in a stack of its own beside the local one. What the
# arguments are: target/debug/chaos --help.
#
# CHAOS=short   a short run, for continuous integration
# ORDERS=200    another number of orders
# SEED=7        the same dice again
. "$(dirname "$0")/common.sh"

"$ROOT/scripts/up.sh"
. "$LOCAL/env"

# Always the whole workspace: another selection would compile the SDKs anew with other features.
say "Building the chaos run"
cargo build --quiet --workspace --bins

deploy_locally "$STACK-chaos" .aws-sam/build/template.yaml "file://$LOCAL/parameters.yaml"

arguments=(--presso "$TARGET_DIR/debug/presso")
[ "${CHAOS:-}" != short ] || arguments+=(--short)
[ -z "${ORDERS:-}" ] || arguments+=(--orders "$ORDERS")
[ -z "${SEED:-}" ] || arguments+=(--seed "$SEED")
say "Chaos in the stack $STACK-chaos"
PRESSO_STACK=$STACK-chaos exec "$TARGET_DIR/debug/chaos" "${arguments[@]}" "$@"
