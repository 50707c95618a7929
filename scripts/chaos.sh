#!/usr/bin/env bash
# chaos.sh [ARGUMENT…]   Serves customers while every call fails now and then, in a stack beside the
# local one. For the arguments: target/debug/chaos --help.
#
# CHAOS=short   a short run, for continuous integration
# ORDERS=200    this number of orders
# SEED=7        the faults and customers of an earlier run
. "$(dirname "$0")/common.sh"

"$ROOT/scripts/up.sh"
. "$LOCAL/env"

# Always the whole workspace: any other selection has other features and compiles the SDKs again.
say "Compiling the chaos run"
compile build --workspace --bins || fail "the workspace does not compile"

deploy_locally "$STACK-chaos" "$BUILT/template.yaml" "file://$LOCAL/parameters.yaml"

arguments=(--presso "$TARGET_DIR/debug/presso")
[ "${CHAOS:-}" != short ] || arguments+=(--short)
[ -z "${ORDERS:-}" ] || arguments+=(--orders "$ORDERS")
[ -z "${SEED:-}" ] || arguments+=(--seed "$SEED")
say "Chaos in the stack $STACK-chaos"
# It is the address of the other stack.
unset API_URL
PRESSO_STACK=$STACK-chaos exec "$TARGET_DIR/debug/chaos" "${arguments[@]}" "$@"
